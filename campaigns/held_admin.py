"""Rewards that are held back: the list, the page on which one is judged, and the decision on several at once."""

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns import held_rewards, published
from campaigns.models import HeldCompletion
from campaigns.presenting import chips, gifts_named
from campaigns.suspicion import WORDS, words_of
from operations.models import AuditRecord
from operations.read_only_admin import ReadOnlyAdmin
from operations.sentences import clauses
from rewards.published_prizes import gift_names

STATES = {"waiting": _("to check"), "released": _("released"), "refused": _("refused")}
COLOURS = {"waiting": "warning", "released": "success", "refused": "danger"}
MOST_AT_ONCE = 100
DECISIONS: dict[str, Callable[..., HeldCompletion]] = {"release": held_rewards.release, "refuse": held_rewards.refuse}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=capfirst(_("reason")),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("It stays on record, and the member does not see it. Without names."),
    )


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state, words) for state, words in STATES.items() if state != "waiting"]

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *others = super().choices(changelist)
        yield {**everything, "display": STATES["waiting"]}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[HeldCompletion]) -> QuerySet[HeldCompletion]:
        match self.value():
            case "released":
                return queryset.filter(held_at=None, refused_at=None)
            case "refused":
                return queryset.filter(held_rewards.REFUSED)
            case _:
                return queryset.filter(held_rewards.WAITING)


class SignFilter(admin.SimpleListFilter):
    title = _("sign")
    parameter_name = "sign"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(WORDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[HeldCompletion]) -> QuerySet[HeldCompletion]:
        return queryset.filter(held_for__contains=[self.value()]) if self.value() else queryset


@admin.register(HeldCompletion)
class HeldCompletionAdmin(ReadOnlyAdmin):
    """`campaigns.held_rewards` decides, and keeps the audit trail."""

    list_display = ["shown_task", "member_uid", "campaign_name", "shown_signs", "completed_at", "shown_state"]
    list_filter = [StateFilter, SignFilter, "enrolment__campaign"]
    list_select_related = ["enrolment__member", "enrolment__campaign"]
    search_fields = ["=enrolment__member__uid"]
    search_help_text = _("The member's uid")
    ordering = ["completed_at", "pk"]
    actions = ["release", "refuse"]

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(held_rewards.RIGHT)

    def get_urls(self) -> list[URLPattern]:
        decide = path("decide/", self.admin_site.admin_view(self.decide_view), name="campaigns_heldcompletion_decide")
        return [decide, *super().get_urls()]

    @display(description=_("task"))
    def shown_task(self, completion: HeldCompletion) -> str:
        return task_words(completion)

    @display(description=_("member"))
    def member_uid(self, completion: HeldCompletion) -> str:
        return completion.enrolment.member.uid

    @display(description=_("campaign"))
    def campaign_name(self, completion: HeldCompletion) -> str:
        return completion.enrolment.campaign.name

    @display(description=_("signs"))
    def shown_signs(self, completion: HeldCompletion) -> str:
        return capfirst(clauses(map(words_of, completion.held_for)))

    @display(description=_("state"), label=COLOURS)
    def shown_state(self, completion: HeldCompletion) -> tuple[str, Any]:
        return state_of(completion), STATES[state_of(completion)]

    @admin.action(description=_("Release selected rewards"), permissions=["review"])
    def release(self, request: HttpRequest, queryset: QuerySet[HeldCompletion]) -> HttpResponse:
        return _to_decision(queryset, "release")

    @admin.action(description=_("Refuse selected rewards"), permissions=["review"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[HeldCompletion]) -> HttpResponse:
        return _to_decision(queryset, "refuse")

    def decide_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the reason, then decide on all that were selected."""
        decision = request.GET.get("decision", "")
        if not self.has_review_permission(request):
            raise PermissionDenied
        if decision not in DECISIONS:
            raise Http404
        ids = [int(each) for each in request.GET.get("ids", "").split(",") if each.isdecimal() and len(each) < 19]
        rows = self.get_queryset(request).filter(pk__in=ids).select_related(*self.list_select_related).order_by("pk")
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            self._decide(request, list(rows), decision, form.cleaned_data["reason"])
            return HttpResponseRedirect(_page("changelist"))
        title = _("Release rewards") if decision == "release" else _("Refuse rewards")
        shown = [(row, task_words(row), self.shown_signs(row)) for row in rows]
        context = self.admin_site.each_context(request) | {"title": title, "opts": self.opts, "rows": shown}
        context |= {"form": form, "decision": decision, "page": _page("changelist")}
        return TemplateResponse(request, "admin/campaigns/decide_held.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What speaks against the reward and for the member, on one page with the decision."""
        completion = self.get_object(request, object_id)
        if completion is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, completion):
            raise PermissionDenied
        form = ReasonForm(request.POST or None)
        decision = request.POST.get("decision", "")
        if request.method == "POST" and not self.has_review_permission(request):
            raise PermissionDenied
        if decision in DECISIONS and form.is_valid():
            self._decide(request, [completion], decision, form.cleaned_data["reason"])
            return HttpResponseRedirect(_page("change", completion.pk))
        context = self.admin_site.each_context(request) | _shown(completion, request) | {"opts": self.opts}
        context |= {"form": form if self.has_review_permission(request) else None, "page": _page("changelist")}
        return TemplateResponse(request, "admin/campaigns/held.html", context)

    def _decide(self, request: HttpRequest, completions: list[HeldCompletion], decision: str, reason: str) -> None:
        done = 0
        for completion in completions:
            try:
                DECISIONS[decision](completion.pk, reason=reason, by=request.user, now=timezone.now())
                done += 1
            except held_rewards.NotReviewed as refused:
                words = {"completion": task_words(completion), "reason": str(refused)}
                self.message_user(request, _("%(completion)s: %(reason)s") % words, messages.ERROR)
        if done:
            released = ngettext("%(count)d reward is released.", "%(count)d rewards are released.", done)
            denied = ngettext("%(count)d reward is refused.", "%(count)d rewards are refused.", done)
            told = released if decision == "release" else denied
            self.message_user(request, told % {"count": done}, messages.SUCCESS)


def _to_decision(queryset: QuerySet[HeldCompletion], decision: str) -> HttpResponse:
    ids = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True)[:MOST_AT_ONCE])
    return HttpResponseRedirect(f"{reverse('admin:campaigns_heldcompletion_decide')}?decision={decision}&ids={ids}")


def _page(name: str, *arguments: int) -> str:
    return reverse(f"admin:campaigns_heldcompletion_{name}", args=arguments)


def state_of(completion: HeldCompletion) -> str:
    if completion.refused_at is not None:
        return "refused"
    return "waiting" if completion.held_at is not None else "released"


def task_words(completion: HeldCompletion) -> str:
    """The task as it is called now, and the period for those that have one."""
    title = published.task_title(completion.enrolment.campaign, completion.task_key)
    return title if completion.period == "once" else f"{title} · {completion.period}"


def _shown(completion: HeldCompletion, request: HttpRequest) -> dict[str, Any]:
    definition = published.definition_of(completion.enrolment.campaign.slug)
    task = definition.by_key.get(completion.task_key) if definition else None
    uses = held_rewards.accounts_on_devices_of(completion)
    told = AuditRecord.objects.filter(target_type="campaigns.heldcompletion", target_id=str(completion.pk))
    return {
        "title": task_words(completion),
        "completion": completion,
        "member": completion.enrolment.member,
        "campaign": completion.enrolment.campaign,
        "state": state_of(completion),
        "state_words": STATES[state_of(completion)],
        "signs": [words_of(sign) for sign in completion.held_for],
        "reward": chips(task.reward, gift_names(gifts_named([task.reward]))) if task else (),
        "uses": uses,
        "may_see_members": request.user.has_perm("members.view_member"),
        "may_see_devices": request.user.has_perm("campaigns.view_deviceuse"),
        "history": [
            (each, task_words(each), STATES[state_of(each)]) for each in held_rewards.history_of(completion)[:20]
        ],
        "decided": told.order_by("pk").last(),
    }

"""Prize pools being edited: rules, prizes, odds, and publishing them."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.forms import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import action, display

from operations import approvals
from operations.audited_admin import AuditedAdmin
from operations.field_help import HelpedFields
from operations.guarded_admin import waiting_about
from operations.sentences import labelled
from rewards import odds_spreading, pools
from rewards.admin.pool_forms import PrizeForm, PrizeFormSet, PrizePoolForm
from rewards.admin.pool_pages import fairness_of, preview_of, state_of
from rewards.admin.simulation import Simulates
from rewards.approving import pools as approving_pools
from rewards.drawn_shares import shares_of
from rewards.models import Prize, PrizePool
from rewards.odds import SCALE, percent_text
from rewards.scope_budgets import HasBudgets

SHOWN_VERSIONS = 10
LONGEST_REASON = 200


class PrizeInline(HelpedFields, TabularInline):
    model = Prize
    form = PrizeForm
    formset = PrizeFormSet
    fields = PrizeForm.Meta.fields
    extra = 0
    hide_title = True
    autocomplete_fields = ["gift"]
    ordering_field = "position"
    hide_ordering_field = True


@admin.register(PrizePool)
class PrizePoolAdmin(Simulates, HasBudgets, AuditedAdmin):
    form = PrizePoolForm
    list_display = ["name", "slug", "shown_version", "shown_published", "shown_prizes", "shown_total"]
    list_select_related = ["current"]
    search_fields = ["slug", "name"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [PrizeInline]
    actions = ["publish"]
    actions_detail = ["simulate", "fairness", "listings", "versions"]
    actions_submit_line = ["save_and_publish"]
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/rewards/pool_state.html"
    change_form_before_template = "admin/operations/waiting_raises.html"
    change_form_after_template = "admin/rewards/odds_total.html"
    fieldsets = [
        (None, {"fields": ["name", "slug", "stage"]}),
        (
            _("Rules of the pool"),
            {
                "fields": [
                    ("price", "bought_per_day"),
                    ("draws_per_day", "wins_per_member"),
                    ("guarantee_after", "guarantee_prize"),
                    "every_draw_wins",
                ],
                "description": _("Each is published with the odds, and draws follow it. Empty: no limit."),
            },
        ),
    ]

    class Media:
        js = [Script("rewards/odds_editor.js", type="module")]
        css = {"all": ["admin/charts.css", "admin/pools.css", "admin/budgets.css", "admin/approvals.css"]}

    def scope_of(self, obj: PrizePool) -> str:
        return f"pool:{obj.slug}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrizePool]:
        return super().get_queryset(request).annotate(prize_count=Count("prizes"), odds_total=Sum("prizes__odds"))

    def get_fieldsets(self, request: HttpRequest, obj: PrizePool | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None and request.user.has_perm(pools.WORSEN) and pools.worsenings(obj):
            fieldsets = [*fieldsets, (_("Against those who take part"), {"fields": ["reason"]})]
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: PrizePool | None = None) -> list[str]:
        return ["slug"] if obj is not None and obj.current_id else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: PrizePool | None = None) -> dict[str, list[str]]:
        return {} if obj is not None else dict(self.prepopulated_fields)

    def get_urls(self) -> list[URLPattern]:
        preview = path("preview/", self.admin_site.admin_view(self.preview_view), name="rewards_prizepool_preview")
        return [preview, *super().get_urls()]

    @display(description=_("version"), ordering="current__number")
    def shown_version(self, pool: PrizePool) -> str | None:
        return f"v{pool.current.number}" if pool.current else None

    @display(description=_("published"), ordering="current__published_at")
    def shown_published(self, pool: PrizePool) -> Any:
        return pool.current.published_at if pool.current else None

    @display(description=_("prizes in the draft"), ordering="prize_count")
    def shown_prizes(self, pool: PrizePool) -> int:
        return pool.prize_count  # type: ignore[attr-defined]

    @display(
        description=_("total odds of the draft"), ordering="odds_total", label={"whole": "success", "not": "danger"}
    )
    def shown_total(self, pool: PrizePool) -> tuple[str, str]:
        total = pool.odds_total or 0  # type: ignore[attr-defined]
        return ("whole" if total == SCALE else "not"), f"{percent_text(total)} %"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        pool = self.get_object(request, object_id)
        state = {} if pool is None else state_of(pool, now=timezone.now()) | {"waiting_raises": waiting_about(pool)}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | state)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with what draws from the draft as typed would bring; nothing is saved."""
        if not (self.has_view_or_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        given = request.POST.get("pool", "")
        pool = PrizePool.objects.filter(pk=given).first() if given.isdecimal() else None
        form = self.get_form(request, pool, change=pool is not None)(request.POST, instance=pool or PrizePool())
        form.is_valid()
        formset_class = self._inline(request).get_formset(request, pool)
        formset = formset_class(request.POST, instance=form.instance, prefix="prizes")
        prizes = formset.typed() if formset.management_form.is_valid() else []
        context = preview_of(form.instance, prizes, now=timezone.now())
        return TemplateResponse(request, "admin/rewards/pool_preview.html", context)

    def _inline(self, request: HttpRequest) -> PrizeInline:
        return PrizeInline(self.model, self.admin_site)

    @action(description=_("Fairness of draws"), url_path="fairness", permissions=["view"])
    def fairness(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what was rolled and given against the published odds, version by version, newest first."""
        pool = self.get_object(request, str(object_id))
        if pool is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(object_id))
        versions = pool.versions.order_by("-number")[:SHOWN_VERSIONS]
        context = self.admin_site.each_context(request) | {
            "title": _("Fairness of draws"),
            "pool": pool,
            "opts": self.opts,
            "versions": [fairness_of(shares_of(version)) for version in versions],
        }
        return TemplateResponse(request, "admin/rewards/fairness.html", context)

    @action(description=_("White and black lists"), url_path="lists-of", permissions=["view_listings"])
    def listings(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:rewards_poollisting_changelist')}?pool__id__exact={object_id}")

    @action(description=_("Versions"), url_path="versions-of", permissions=["view"])
    def versions(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:rewards_poolversion_changelist')}?pool__id__exact={object_id}")

    def has_view_listings_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("rewards.view_poollisting")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the consolation prize last: the row that was it until now gives it up first."""
        prizes = formset.save(commit=False)
        for gone in formset.deleted_objects:
            gone.delete()
        for prize in sorted(prizes, key=lambda prize: prize.consolation):
            prize.save()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if how := request.POST.get("_spread"):
            self._spread(request, form.instance, how)
        if "_publish" in request.POST:
            self.save_and_publish(request, form.instance)

    def response_change(self, request: HttpRequest, obj: PrizePool) -> HttpResponse:
        if "_publish" in request.POST or "_spread" in request.POST:
            return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)

    def response_add(self, request: HttpRequest, obj: PrizePool, post_url_continue: str | None = None) -> HttpResponse:
        if "_spread" in request.POST:
            return HttpResponseRedirect(reverse("admin:rewards_prizepool_change", args=[obj.pk]))
        return super().response_add(request, obj, post_url_continue)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Draws answer to the versions of a pool that was published.
        return super().has_delete_permission(request, obj) and (obj is None or obj.current_id is None)

    def has_publish_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("rewards.publish_prizepool")

    @admin.action(description=_("Publish selected pools"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[PrizePool]) -> None:
        for pool in queryset:
            self._publish(request, pool, reason="")

    @action(description=_("Save and publish"), permissions=["publish"], attrs={"name": "_publish"})
    def save_and_publish(self, request: HttpRequest, pool: PrizePool) -> None:
        self._publish(request, pool, reason=request.POST.get("reason", "")[:LONGEST_REASON])

    def _publish(self, request: HttpRequest, pool: PrizePool, *, reason: str) -> None:
        try:
            version = pools.publish_pool(pool, by=request.user, now=timezone.now(), reason=reason)  # type: ignore[arg-type]
        except pools.PoolNotReady as refused:
            if all(fault.code == "needs_second_person" for fault in refused.faults):
                self._ask(request, pool, reason)
                return
            for fault in refused.faults:
                self.message_user(request, labelled(pool, fault.message), messages.ERROR)
        else:
            words = {"pool": pool, "number": version.number}
            self.message_user(request, _("%(pool)s is published as version %(number)d.") % words, messages.SUCCESS)

    def _ask(self, request: HttpRequest, pool: PrizePool, reason: str) -> None:
        """The draft is kept; members go on drawing from the version they have until a second person approves it."""
        try:
            asked = approving_pools.ask(pool, by=request.user, now=timezone.now(), reason=reason)  # type: ignore[arg-type]
        except (approvals.NotDecided, pools.PoolNotReady) as refused:
            self.message_user(request, labelled(pool, refused), messages.ERROR)
            return
        link = reverse("admin:operations_approvalrequest_change", args=[asked.pk])
        words = _("%(pool)s gives more than before: its draft is saved and waits for approval by a second person.")
        told = format_html(
            '{} <a class="underline" href="{}">{}</a>', words % {"pool": pool}, link, _("Look at the request")
        )
        self.message_user(request, told, messages.WARNING)

    @transaction.atomic
    def _spread(self, request: HttpRequest, pool: PrizePool, how: str) -> None:
        """Bring the saved odds to 100 %: what the editor does by itself where there is JavaScript."""
        prizes = list(pool.prizes.all())
        try:
            spread = _spread(prizes, how)
        except odds_spreading.CannotSpread:
            self.message_user(request, _("The odds cannot be spread that way."), messages.ERROR)
            return
        for prize, odds in zip(prizes, spread, strict=True):
            prize.odds = odds
        Prize.objects.bulk_update(prizes, ["odds"])
        self.message_user(request, _("The odds of the draft total exactly 100 % now."), messages.SUCCESS)


def _spread(prizes: list[Prize], how: str) -> list[int]:
    odds = [prize.odds for prize in prizes]
    if how == "evenly":
        return odds_spreading.spread_evenly(odds)
    if how == "proportion" and odds:
        return odds_spreading.spread_in_proportion(odds)
    to = next((place for place, prize in enumerate(prizes) if prize.consolation), None)
    if to is None:
        raise odds_spreading.CannotSpread("there is no consolation prize")
    return odds_spreading.give_rest(odds, to)

"""Tasks in the admin: each has a page of its own, with the fields of its kind; a campaign lists them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.decorators import display

from campaigns import kinds, states
from campaigns.audience_field import AudienceField, WithAudience, audience_words, choices_of
from campaigns.drafts import audience_of
from campaigns.kinds.face import Group
from campaigns.models import Campaign, ChainStep, Task
from campaigns.named_rows import NamedRows
from campaigns.quotas_field import QuotasField
from campaigns.task_form import TaskForm, form_of, shown_fields
from operations.audited_admin import AuditedAdmin
from operations.field_help import HelpedFields

GROUPS = {
    Group.TRAFFIC: _("Traffic: bring members in every day"),
    Group.INCENTIVE: _("Incentive: a thing done once"),
    Group.SHARE: _("Sharing: bring friends in"),
    Group.PURCHASE: _("Purchase"),
    Group.PLAY: _("Play: quizzes and games"),
    Group.CUSTOM: _("Anything else"),
}
REWARD = ("points", "growth", "chances")


class TaskInline(HelpedFields, TabularInline):
    """The tasks of a campaign in their order, each leading to its page."""

    model = Task
    formset = NamedRows
    extra = 0
    tab = True
    hide_title = True
    fields = ["position", "shown_title", "key", "shown_kind", "shown_period", "shown_audience"]
    readonly_fields = ["shown_title", "key", "shown_kind", "shown_period", "shown_audience"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("title"))
    def shown_title(self, task: Task) -> str:
        url = reverse("admin:campaigns_task_change", args=[task.pk])
        return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', url, task.title)

    @display(description=_("kind"))
    def shown_kind(self, task: Task) -> str:
        return task.get_kind_display()

    @display(description=_("period"))
    def shown_period(self, task: Task) -> str:
        return task.get_period_display()

    @display(description=_("audience"))
    def shown_audience(self, task: Task) -> str:
        choices = getattr(self, "choices", None)
        return (audience_words(audience_of(task), choices) if choices else "") or str(_("everyone"))

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        self.choices = choices_of(request)
        return super().get_formset(request, obj, **kwargs)


@admin.register(Task)
class TaskAdmin(WithAudience, AuditedAdmin):
    """Reached from its campaign; on its own it stands in no menu."""

    form = TaskForm
    warn_unsaved_form = True
    list_display = ["title", "key", "campaign", "kind", "period"]
    list_filter = ["campaign", "kind"]
    list_select_related = ["campaign"]
    search_fields = ["title", "key"]

    class Media:
        css = {"all": ["campaigns/admin.css"]}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # It is taken away on its campaign's page, where what names it is looked at.
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        kind = request.GET.get("kind", "")
        usual = {"period": kinds.find(kind).USUAL_PERIOD} if kind in kinds.names() else {}
        return usual | super().get_changeform_initial_data(request)

    def save_model(self, request: HttpRequest, obj: Task, form: Any, change: bool) -> None:
        # Whoever approves the draft meanwhile waits, or is waited for: what is published is what was reviewed.
        states.locked(obj.campaign)
        super().save_model(request, obj, form, change)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign = Campaign.objects.filter(pk=_number(request.GET.get("campaign", ""))).first()
        if campaign is None:
            return redirect("admin:campaigns_campaign_changelist")
        if request.GET.get("kind") not in kinds.names():
            return self._choose_kind(request, campaign)
        return super().add_view(request, form_url, extra_context)

    def kind_groups(self, url_of: Callable[[str], str]) -> list[dict[str, Any]]:
        """The kinds that can be chosen, by what they are good for; `url_of` leads from a kind to its form."""
        groups = [
            {
                "title": title,
                "kinds": [
                    {
                        "name": name,
                        "label": kinds.find(name).LABEL,
                        "svg": f"h5/icons/{name}.svg",
                        "url": url_of(name),
                    }
                    for name in kinds.names()
                    if kinds.find(name).GROUP is group
                ],
            }
            for group, title in GROUPS.items()
        ]
        return [group for group in groups if group["kinds"]]

    def _choose_kind(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        here = reverse("admin:campaigns_task_add")
        title = _("What shall members do?")
        context = self.admin_site.each_context(request) | {
            "title": title,
            "campaign": campaign,
            "groups": self.kind_groups(
                lambda kind: f"{here}?{urlencode({'campaign': str(campaign.pk), 'kind': kind})}"
            ),
            "opts": self.opts,
            "media": self.media,
        }
        return render(request, "admin/campaigns/choose_kind.html", context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        choices_of(request).campaign_id = obj.campaign_id if obj else _number(request.GET.get("campaign", "")) or None
        base = form_of(obj.kind if obj else request.GET.get("kind", "checkin"))
        return super().get_form(request, obj, change, **kwargs | {"form": base})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        kind = obj.kind if obj else request.GET.get("kind", "checkin")
        own, results = shown_fields(kind)
        if obj is not None and not self.has_change_permission(request, obj):
            # Who may only look gets no form: the configuration stands there as it is kept.
            own, results = ["config"], []
        found = kinds.find(kind)
        of_kind = (found.LABEL, {"fields": own} if own else {"fields": [], "description": _("Nothing to set.")})
        reward = (_("Reward"), {"fields": [REWARD, ("score", "gift"), ("pool", "tag"), *results]})
        # What the kind has to be told comes first; where all of it is an extra, the reward does.
        asks = bool(found.faults({}))
        return [
            (None, {"fields": [("title", "key"), "guide"]}),
            *((of_kind, reward) if asks else (reward, of_kind)),
            (_("For whom, and how often"), {"fields": ["audience", "slot", ("period", "times"), "quotas"]}),
            (_("Claiming"), {"fields": ["claim_mode", ("finish_within", "claim_within"), "position"]}),
        ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "quotas":
            return QuotasField(choices_of(request))
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        task = super().save_form(request, form, change)
        if not change:
            task.campaign = Campaign.objects.get(pk=_number(request.GET.get("campaign", "")))
            task.kind = request.GET["kind"]
        return task

    def response_post_save_add(self, request: HttpRequest, obj: Task) -> HttpResponse:
        return redirect("admin:campaigns_campaign_change", obj.campaign_id)

    response_post_save_change = response_post_save_add


@admin.register(ChainStep)
class ChainStepAdmin(AuditedAdmin):
    """For whom a step falls away. Reached from its chain; it stands in no menu."""

    fields = ["skip"]
    list_display = ["task", "chain", "number"]
    list_filter = ["chain__campaign"]
    search_fields = ["task__title", "task__key", "chain__title"]
    list_select_related = ["task", "chain"]

    class Media:
        css = {"all": ["campaigns/admin.css"]}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == "skip":
            words = _("Nothing chosen: it falls away for nobody.")
            field = AudienceField(choices_of(request), label=_("Falls away for"), help_text=words)
            field.widget.nothing_chosen = _("Nobody")
            return field
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: ChainStep | None = None, **kwargs: Any) -> Any:
        choices_of(request).campaign_id = obj.chain.campaign_id if obj else None
        return super().get_form(request, obj, **kwargs)

    def response_post_save_change(self, request: HttpRequest, obj: ChainStep) -> HttpResponse:
        return redirect("admin:campaigns_campaign_change", obj.chain.campaign_id)


def step_url(step: ChainStep) -> str:
    """Where it is chosen for whom a step falls away."""
    return reverse("admin:campaigns_chainstep_change", args=[step.pk])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

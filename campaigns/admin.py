"""Where operators build campaigns, publish them and watch them. Revisions and live state are looked at only."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display

from campaigns import (
    device_admin,  # noqa: F401 (registers the admins of devices and of what is trusted)
    pausing,
    publishing,
    review_admin,  # noqa: F401 (registers the admin of rewards that are held back)
)
from campaigns.audience_field import AudienceChoices, WithAudience, choices_of
from campaigns.drafts import Draft
from campaigns.models import Campaign, CampaignPool, Chain, Completion, Enrolment, Revision
from campaigns.named_rows import NamedRows
from campaigns.overview import overview
from campaigns.pool_words import panel
from campaigns.steps_field import ChainForm
from campaigns.task_admin import TaskInline, step_url
from campaigns.why import why_page
from members.uses import KeptWhileUsed, Name
from operations.audited_admin import AuditedAdmin
from operations.read_only_admin import ReadOnlyAdmin
from rewards.scope_budgets import HasBudgets

STATE_COLOURS = {"draft": "info", "live": "success", "paused": "warning", "ended": "default"}
BUTTONS = {
    "draft": ("save_and_publish",),
    "live": ("save_and_publish", "save_and_pause", "save_and_end"),
    "paused": ("save_and_publish", "save_and_resume", "save_and_end"),
    "ended": (),
}
REWARD = ("points", "growth", "chances")


def _shown(campaign: Campaign, choices: AudienceChoices) -> dict[str, Any]:
    """What stands before the form: what participants meet, and how the draft's pools are chosen."""
    return {"overview": overview(campaign, choices), "pool_panel": panel(Draft(campaign), choices)}


class ChainFormSet(NamedRows):
    """Every chain of the page offers the same tasks, read once."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        if not hasattr(self, "own_tasks"):
            self.own_tasks = list(self.instance.tasks.all()) if self.instance.pk else []
        return super().get_form_kwargs(index) | {"tasks": self.own_tasks}


class ChainInline(WithAudience, StackedInline):
    model = Chain
    form = ChainForm
    formset = ChainFormSet
    extra = 0
    tab = True
    collapsible = True
    readonly_fields = ["shown_steps", "shown_skips"]

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        # The choice of steps is the form's own; who may only look gets no form.
        steps = "steps" if obj is None or self.has_change_permission(request, obj) else "shown_steps"
        return [
            (None, {"fields": [("title", "key"), steps, "shown_skips", ("within", "slot"), "audience"]}),
            (_("Reward of the whole chain"), {"fields": [REWARD, ("gift", "tag"), ("pool", "position")]}),
        ]

    @display(description=_("For whom steps fall away"))
    def shown_skips(self, chain: Chain) -> str:
        """A link for each step that is saved: there it is chosen."""
        if not chain.pk:
            return "–"
        steps = chain.steps.select_related("task")
        return format_html_join(
            " → ",
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}{}</a>',
            ((step_url(step), step.task.title, " *" if step.skip else "") for step in steps),
        )

    @display(description=_("Steps"))
    def shown_steps(self, chain: Chain) -> str:
        return " → ".join(step.task.title for step in chain.steps.select_related("task"))


class PoolInline(WithAudience, TabularInline):
    model = CampaignPool
    extra = 0
    hide_title = True
    tab = True
    fields = ["position", "pool", "named_only", "audience"]


@admin.register(Campaign)
class CampaignAdmin(WithAudience, KeptWhileUsed, HasBudgets, AuditedAdmin):
    list_display = ["name", "slug", "state_label", "opens_at", "closes_at", "revision_label", "participants"]
    list_filter = ["state"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    list_select_related = ["current"]
    inlines = [TaskInline, ChainInline, PoolInline]
    actions = ["publish", "pause", "resume", "end"]
    actions_detail = ["add_task"]
    actions_submit_line = ["save_and_publish", "save_and_pause", "save_and_resume", "save_and_end"]
    change_form_before_template = "admin/campaigns/overview.html"
    warn_unsaved_form = True
    fieldsets = [
        (_("Campaign"), {"classes": ["tab"], "fields": [("name", "slug"), "opens_at", "closes_at", "audience"]}),
        (_("Look and rules"), {"classes": ["tab"], "fields": ["tagline", "organiser", "colour", "rules"]}),
    ]

    class Media:
        css = {"all": ["campaigns/admin.css", "admin/charts.css", "admin/budgets.css"]}

    def get_urls(self) -> list[URLPattern]:
        why = self.admin_site.admin_view(partial(why_page, site=self.admin_site))
        return [path("<int:campaign_id>/why/<int:member_id>/", why, name="campaigns_campaign_why"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        counted = Enrolment.objects.filter(campaign=OuterRef("pk")).values("campaign").annotate(people=Count("pk"))
        return super().get_queryset(request).annotate(people=Coalesce(Subquery(counted.values("people")), 0))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        campaign = self.get_object(request, object_id)
        shown = _shown(campaign, choices_of(request)) if campaign else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_label(self, campaign: Campaign) -> tuple[str, str]:
        return campaign.state, campaign.get_state_display()

    @display(description=_("revision"))
    def revision_label(self, campaign: Campaign) -> str:
        return str(campaign.current.number) if campaign.current else "–"

    @display(description=_("participants"), ordering="people")
    def participants(self, campaign: Any) -> int:
        return campaign.people

    @action(description=_("Add a task"), permissions=["change"], url_path="add-task", icon="add_task")
    def add_task(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect(f"{reverse('admin:campaigns_task_add')}?campaign={object_id}")

    @admin.action(description=_("Publish selected campaigns"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for campaign in queryset:
            self._publish(request, campaign)

    @admin.action(description=_("Pause selected campaigns"), permissions=["pause"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for campaign in queryset:
            self._change(request, campaign, change=pausing.pause)

    @admin.action(description=_("Resume selected campaigns"), permissions=["pause"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for campaign in queryset:
            self._change(request, campaign, change=pausing.resume)

    @admin.action(description=_("End selected campaigns"), permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for campaign in queryset:
            self._change(request, campaign, change=pausing.end)

    # Buttons of the form, and not links: what changes a state is posted. They run once the inlines are saved too.
    @action(description=_("Save and publish"), permissions=["publish"], icon="publish")
    def save_and_publish(self, request: Any, _campaign: Campaign) -> None:
        request.after_saving = self._publish

    @action(description=_("Pause"), permissions=["pause"], icon="pause")
    def save_and_pause(self, request: Any, _campaign: Campaign) -> None:
        request.after_saving = partial(self._change, change=pausing.pause)

    @action(description=_("Resume"), permissions=["pause"], icon="play_arrow")
    def save_and_resume(self, request: Any, _campaign: Campaign) -> None:
        request.after_saving = partial(self._change, change=pausing.resume)

    @action(
        description=_("End"),
        permissions=["end"],
        icon="stop",
        attrs={"data-confirm": _("End the campaign for good? It cannot be resumed.")},
    )
    def save_and_end(self, request: Any, _campaign: Campaign) -> None:
        request.after_saving = partial(self._change, change=pausing.end)

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        # What stands in the address may be no number at all.
        campaign = self.get_object(request, str(object_id)) if object_id else None
        possible = BUTTONS[campaign.state if campaign else Campaign.State.DRAFT]
        actions = super().get_actions_submit_line(request, object_id)
        return [each for each in actions if each.action_name.endswith(possible)]

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if after_saving := getattr(request, "after_saving", None):
            after_saving(request, form.instance)

    def response_post_save_change(self, request: HttpRequest, obj: Campaign) -> HttpResponse:
        if hasattr(request, "after_saving"):
            return redirect("admin:campaigns_campaign_change", obj.pk)
        return super().response_post_save_change(request, obj)

    response_post_save_add = response_post_save_change

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # What was published has participants and revisions to answer for: it is ended.
        return super().has_delete_permission(request, obj) and (obj is None or obj.current_id is None)

    def scope_of(self, obj: Campaign) -> str:
        return f"campaign:{obj.slug}"

    def name_of(self, obj: Campaign) -> Name:
        return "campaign", obj.slug

    def has_publish_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("campaigns.publish_campaign")

    def has_pause_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("campaigns.pause_campaign")

    def has_end_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("campaigns.end_campaign")

    def _publish(self, request: HttpRequest, campaign: Campaign) -> None:
        try:
            revision = publishing.publish(campaign, by=request.user, now=timezone.now())
        except publishing.NotReady as error:
            text = render_to_string("admin/campaigns/faults.html", {"campaign": campaign, "reasons": error.reasons})
            self.message_user(request, text, messages.ERROR)
            return
        words = {"campaign": campaign, "number": revision.number}
        self.message_user(request, _("%(campaign)s is live as revision %(number)d.") % words, messages.SUCCESS)

    def _change(self, request: HttpRequest, campaign: Campaign, *, change: Callable[..., None]) -> None:
        try:
            change(campaign, by=request.user, now=timezone.now())
        except pausing.NotPossible as error:
            words = {"campaign": campaign, "state": Campaign.State(error.state).label}
            self.message_user(request, _("This cannot be done: %(campaign)s is %(state)s.") % words, messages.ERROR)
            return
        campaign.refresh_from_db(fields=["state"])
        words = {"campaign": campaign, "state": campaign.get_state_display()}
        self.message_user(request, _("%(campaign)s is now %(state)s.") % words, messages.SUCCESS)


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = ["campaign", "number", "published_at", "published_by"]
    list_filter = ["campaign"]
    list_select_related = ["campaign", "published_by"]
    fields = [("campaign", "number"), ("published_at", "published_by"), "as_published"]

    class Media:
        css = {"all": ["campaigns/admin.css"]}

    @display(description=_("definition"))
    def as_published(self, revision: Revision) -> str:
        text = json.dumps(revision.definition, ensure_ascii=False, indent=2)
        return format_html('<pre class="json-shown" tabindex="0">{}</pre>', text)


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    list_display = ["member", "campaign", "joined_at", "score"]
    list_filter = ["campaign"]
    list_select_related = ["member", "campaign"]
    search_fields = ["=member__uid"]
    search_help_text = _("The member's uid")
    show_full_result_count = False
    fields = ["member", "campaign", "joined_at", "score"]


@admin.register(Completion)
class CompletionAdmin(ReadOnlyAdmin):
    list_display = ["member_uid", "campaign_name", "task_key", "period", "completed_at", "rewarded_at"]
    list_filter = ["enrolment__campaign"]
    list_select_related = ["enrolment__member", "enrolment__campaign"]
    search_fields = ["=enrolment__member__uid"]
    search_help_text = _("The member's uid")
    show_full_result_count = False
    fields = ["member_uid", "campaign_name", "task_key", "period", "completed_at", "rewarded_at"]

    @display(description=_("member"))
    def member_uid(self, completion: Completion) -> str:
        return completion.enrolment.member.uid

    @display(description=_("campaign"))
    def campaign_name(self, completion: Completion) -> str:
        return completion.enrolment.campaign.name

"""The states of a campaign in its admin: the list's filter, the buttons of the form, the actions of the list."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display

from campaigns import pausing, publishing, states
from campaigns.models import Campaign
from operations.audited_admin import AuditedAdmin

STATE_COLOURS = {
    "draft": "info",
    "in_review": "warning",
    "scheduled": "info",
    "live": "success",
    "paused": "warning",
    "ended": "default",
    "archived": "default",
}
RUNNING = ("save_and_submit", "save_and_publish", "save_and_end")
BUTTONS = {
    "draft": ("save_and_submit", "save_and_publish", "archive"),
    "in_review": (),
    "scheduled": (*RUNNING, "save_and_pause"),
    "live": (*RUNNING, "save_and_pause"),
    "paused": (*RUNNING, "save_and_resume"),
    "ended": ("archive",),
    "archived": ("unarchive",),
}


class StateFilter(admin.SimpleListFilter):
    """Archived campaigns are left out until they are asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("every", _("every state")), *Campaign.State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> QuerySet[Campaign]:
        match self.value():
            case None:
                return queryset.exclude(state=Campaign.State.ARCHIVED)
            case "every":
                return queryset
            case state:
                return queryset.filter(state=state)

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [first | {"display": _("all but archived")}, *others]


class HasStates(AuditedAdmin):
    """Inherit from this to give the admin of campaigns its buttons."""

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        if change:
            # Whoever decides about the campaign meanwhile waits, or is waited for; the form knows nothing of it.
            held = states.locked(obj)
            obj.state, obj.current = held.state, held.current
        super().save_model(request, obj, form, change)

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def state_label(self, campaign: Campaign) -> tuple[str, str]:
        return campaign.state, campaign.get_state_display()

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

    @admin.action(description=_("Archive selected campaigns"), permissions=["archive"])
    def archive_selected(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        for campaign in queryset:
            self._change(request, campaign, change=pausing.archive)

    # Buttons of the form, and not links: what changes a state is posted. They run once the inlines are saved too.
    @action(description=_("Save and submit for review"), permissions=["submit"], icon="rate_review")
    def save_and_submit(self, request: Any, _campaign: Campaign) -> None:
        request.after_saving = self._to_submission

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

    @action(description=_("Archive"), permissions=["archive"], icon="archive")
    def archive(self, request: Any, _campaign: Campaign) -> None:
        request.after_saving = partial(self._change, change=pausing.archive)

    @action(description=_("Take out of the archive"), permissions=["archive"], icon="unarchive")
    def unarchive(self, request: Any, _campaign: Campaign) -> None:
        request.after_saving = partial(self._change, change=pausing.unarchive)

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        # What stands in the address may be no number at all.
        campaign = self.get_object(request, str(object_id)) if object_id else None
        possible = BUTTONS[campaign.state if campaign else Campaign.State.DRAFT]
        names = {f"campaigns_campaign_{each}" for each in possible}
        actions = super().get_actions_submit_line(request, object_id)
        return [each for each in actions if each.action_name in names]

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if after_saving := getattr(request, "after_saving", None):
            after_saving(request, form.instance)

    def response_post_save_change(self, request: HttpRequest, obj: Campaign) -> HttpResponse:
        if hasattr(request, "after_saving"):
            return redirect(getattr(request, "then_to", "admin:campaigns_campaign_change"), obj.pk)
        return super().response_post_save_change(request, obj)

    response_post_save_add = response_post_save_change

    def has_submit_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("campaigns.submit_campaign")

    def has_publish_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return publishing.may_publish_alone(request.user)

    def has_pause_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("campaigns.pause_campaign")

    def has_end_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("campaigns.end_campaign")

    def has_archive_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return request.user.has_perm("campaigns.archive_campaign")

    def _to_submission(self, request: Any, _campaign: Campaign) -> None:
        request.then_to = "admin:campaigns_campaign_review"

    def _publish(self, request: HttpRequest, campaign: Campaign) -> None:
        try:
            revision = publishing.publish(campaign, by=request.user, now=timezone.now())
        except publishing.NotReady as error:
            shown = {"campaign": campaign, "reasons": error.reasons, "warnings": error.warnings}
            self.message_user(request, render_to_string("admin/campaigns/faults.html", shown), messages.ERROR)
            return
        campaign.refresh_from_db(fields=["state"])
        words = {"campaign": campaign, "number": revision.number, "state": campaign.get_state_display()}
        told = say("%(campaign)s is published as revision %(number)d, and %(state)s.") % words
        self.message_user(request, told, messages.SUCCESS)

    def _change(self, request: HttpRequest, campaign: Campaign, *, change: Callable[..., None]) -> None:
        try:
            change(campaign, by=request.user, now=timezone.now())
        except pausing.NotPossible as error:
            words = {"campaign": campaign, "state": Campaign.State(error.state).label}
            self.message_user(request, say("This cannot be done: %(campaign)s is %(state)s.") % words, messages.ERROR)
            return
        campaign.refresh_from_db(fields=["state"])
        words = {"campaign": campaign, "state": campaign.get_state_display()}
        self.message_user(request, say("%(campaign)s is now %(state)s.") % words, messages.SUCCESS)

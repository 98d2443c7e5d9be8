"""The page of the admin with a campaign's revisions: what changed between any two, and the ways back."""

from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from campaigns import publishing, roll_back_approvals, rolling_back, states, told_changes
from campaigns.audience_field import choices_of
from campaigns.definition import DefinitionError
from campaigns.models import Campaign, Revision
from campaigns.revision_words import Words
from operations import approvals

SHOWN = 100
NAME = "admin:campaigns_campaign_revisions"
ROLL_BACK, CHANGE = "campaigns.roll_back_campaign", "campaigns.change_campaign"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=2_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=gettext_lazy("It stays on record."),
    )


class HasRevisions(ModelAdmin):
    """Inherit from this to give the admin of campaigns the pages."""

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(partial(view, site=self.admin_site))

        one = "<int:campaign_id>/revisions/<int:number>"
        return [
            path("<int:campaign_id>/revisions/", page(revisions_page), name="campaigns_campaign_revisions"),
            path(f"{one}/roll-back/", page(roll_back_page), name="campaigns_campaign_roll_back"),
            path(f"{one}/to-draft/", page(to_draft_page), name="campaigns_campaign_to_draft"),
            *super().get_urls(),
        ]

    @action(description=gettext_lazy("Revisions"), url_path="to-revisions", icon="history", permissions=["view"])
    def to_revisions(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect(NAME, object_id)


def revisions_page(request: HttpRequest, campaign_id: int, *, site: AdminSite) -> HttpResponse:
    """Show the revisions, newest first, and the difference between two of them: the newest two unless asked."""
    campaign = _campaign(request, campaign_id)
    revisions = list(campaign.revisions.select_related("published_by").order_by("-number")[:SHOWN])
    before, after = _asked_for(request, revisions)
    words = Words(choices_of(request))
    context = {
        "title": _("Revisions of “%(campaign)s”") % {"campaign": campaign},
        "revisions": revisions,
        "before": before,
        "after": after,
        "changes": told_changes.between(before, after, words) if before and after else [],
        "may_roll_back": request.user.has_perm(ROLL_BACK) and campaign.state in states.RUNNING,
        "may_change": request.user.has_perm(CHANGE) and campaign.state not in states.OVER,
    }
    return _page(request, site, campaign, "admin/campaigns/revisions.html", context)


def roll_back_page(request: HttpRequest, campaign_id: int, number: int, *, site: AdminSite) -> HttpResponse:
    """Show what going back would change, ask for the reason, and do it."""
    campaign = _campaign(request, campaign_id, ROLL_BACK)
    revision = get_object_or_404(campaign.revisions, number=number)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        _roll_back(request, revision, form.cleaned_data["reason"])
        return redirect(NAME, campaign.pk)
    context = {
        "title": _("Back to revision %(number)d of “%(campaign)s”") % {"number": number, "campaign": campaign},
        "form": form,
        "revision": revision,
        "asks": publishing.needs_review(),
        "changes": _difference(request, campaign.current, revision),
        "against": told_changes.against_participants(revision, now=timezone.now()),
    }
    return _page(request, site, campaign, "admin/campaigns/roll_back.html", context)


def to_draft_page(request: HttpRequest, campaign_id: int, number: int, *, site: AdminSite) -> HttpResponse:
    """Ask once more, then write the revision over the draft."""
    campaign = _campaign(request, campaign_id, CHANGE)
    revision = get_object_or_404(campaign.revisions, number=number)
    if request.method != "POST":
        words = {"number": number, "campaign": campaign}
        title = _("Take revision %(number)d of “%(campaign)s” into the draft") % words
        context = {"title": title, "revision": revision}
        return _page(request, site, campaign, "admin/campaigns/to_draft.html", context)
    try:
        rolling_back.take_into_draft(revision, by=request.user, now=timezone.now())
    except DefinitionError as error:
        words = {"number": number, "error": error}
        messages.error(request, _("Revision %(number)d cannot be taken: %(error)s") % words)
    except rolling_back.NotPossible as error:
        messages.error(request, _("This cannot be done: the campaign is %s.") % Campaign.State(error.state).label)
    else:
        messages.success(request, _("The draft says what revision %(number)d says.") % {"number": number})
    return redirect("admin:campaigns_campaign_change", campaign.pk)


def _roll_back(request: HttpRequest, revision: Revision, reason: str) -> None:
    try:
        if publishing.needs_review():
            roll_back_approvals.ask(revision, by=cast(User, request.user), now=timezone.now(), reason=reason)
            told = _("Going back to revision %(number)d waits for approval by a second person.")
            messages.warning(request, told % {"number": revision.number})
            return
        made = rolling_back.roll_back(revision, by=request.user, now=timezone.now(), reason=reason)
    except publishing.NotReady as error:
        messages.error(request, _("Revision %(number)d cannot be current again:") % {"number": revision.number})
        for fault in error.reasons:
            messages.error(request, fault.message)
    except rolling_back.NotPossible as error:
        messages.error(request, _("This cannot be done: the campaign is %s.") % Campaign.State(error.state).label)
    except approvals.NotDecided as refused:
        messages.error(request, str(refused))
    else:
        words = {"number": revision.number, "new": made.number}
        messages.success(request, _("Revision %(number)d is current again, as revision %(new)d.") % words)


def _campaign(request: HttpRequest, campaign_id: int, right: str = "campaigns.view_campaign") -> Campaign:
    if not request.user.has_perm(right):
        raise PermissionDenied
    return get_object_or_404(Campaign.objects.select_related("current"), pk=campaign_id)


def _difference(request: HttpRequest, before: Revision | None, after: Revision) -> list[Any]:
    return told_changes.between(before, after, Words(choices_of(request))) if before else []


def _page(
    request: HttpRequest, site: AdminSite, campaign: Campaign, template: str, context: dict[str, Any]
) -> HttpResponse:
    common = {"campaign": campaign, "opts": Campaign._meta}
    return TemplateResponse(request, template, site.each_context(request) | common | context)


def _asked_for(request: HttpRequest, revisions: list[Revision]) -> tuple[Revision | None, Revision | None]:
    """The two revisions to compare, the older first."""
    by_number = {str(each.number): each for each in revisions}
    newest, previous = [*revisions[:2], None, None][:2]
    asked = (by_number.get(request.GET.get(key, "")) for key in ("before", "after"))
    chosen = [each or usual for each, usual in zip(asked, (previous, newest), strict=True)]
    if None in chosen:
        return None, newest
    before, after = sorted(filter(None, chosen), key=lambda each: each.number)
    return before, after

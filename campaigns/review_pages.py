"""The page of the admin on which a draft is submitted, and on which somebody else decides about it."""

from collections.abc import Callable
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
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from campaigns import publishing, reviewing, told_changes
from campaigns.audience_field import choices_of
from campaigns.faults import faults
from campaigns.models import Campaign, Proposal
from campaigns.rehearsal_pages import say_refused
from campaigns.revision_words import Words

NAME = "admin:campaigns_campaign_review"
SHOWN_EARLIER = 10
SUBMIT, APPROVE = "campaigns.submit_campaign", "campaigns.approve_campaign"


class NoteForm(forms.Form):
    """What a submitter tells the reviewer."""

    note = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        required=False,
        max_length=2_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed where something changes against those who take part. It stays on record."),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=2_000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )


class HasReview(ModelAdmin):
    """Inherit from this to give the admin of campaigns the page."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(partial(review_page, site=self.admin_site))
        return [path("<int:campaign_id>/review/", page, name="campaigns_campaign_review"), *super().get_urls()]

    @action(description=gettext_lazy("Review"), url_path="to-review", icon="rate_review", permissions=["view"])
    def to_review(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect(NAME, object_id)


def review_page(request: HttpRequest, campaign_id: int, *, site: AdminSite) -> HttpResponse:
    """Show the proposal that waits, or the draft that might be submitted; a POST submits or decides."""
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied
    campaign = get_object_or_404(Campaign.objects.select_related("current"), pk=campaign_id)
    proposal = reviewing.open_proposal(campaign)
    kept = {"note": request.session.get(_kept(campaign), "")}
    forms_of = {"note_form": NoteForm(initial=kept), "reason_form": ReasonForm()}
    if request.method == "POST":
        answered = DECISIONS.get(request.POST.get("do", ""), _nothing)(request, campaign, proposal, forms_of)
        if answered is not None:
            return answered
    shown = _proposed(request, proposal) if proposal else _drafted(request, campaign)
    earlier = campaign.proposals.exclude(state=Proposal.State.IN_REVIEW).select_related(
        "submitted_by", "decided_by", "revision"
    )
    context = {
        "title": _("Review of “%(campaign)s”") % {"campaign": campaign},
        "campaign": campaign,
        "opts": Campaign._meta,
        "proposal": proposal,
        "earlier": earlier[:SHOWN_EARLIER],
        "may_submit": request.user.has_perm(SUBMIT),
    }
    return TemplateResponse(
        request, "admin/campaigns/review.html", site.each_context(request) | context | forms_of | shown
    )


def _proposed(request: HttpRequest, proposal: Proposal) -> dict[str, Any]:
    words, now = Words(choices_of(request)), timezone.now()
    own = request.user.pk == proposal.submitted_by_id
    changed = reviewing.differs(proposal, proposal.campaign)
    return {
        "changes": told_changes.of_proposal(proposal, words),
        "against": [fault.message for fault in faults(proposal.campaign, now=now) if fault.against],
        "changed": changed,
        "since": told_changes.since_submission(proposal, words, now=now) if changed else [],
        "own": own,
        "may_decide": request.user.has_perm(APPROVE) and not own,
        "may_worsen": request.user.has_perm(publishing.WORSEN),
    }


def _drafted(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    found = faults(campaign, now=timezone.now())
    stopping = [fault for fault in found if not fault.against]
    changes = [] if stopping else told_changes.of_draft(campaign, Words(choices_of(request)))
    return {"faults": stopping, "against": [fault.message for fault in found if fault.against], "changes": changes}


Forms = dict[str, forms.Form]
Decide = Callable[[HttpRequest, Campaign, Proposal | None, Forms], HttpResponse | None]


def _nothing(_request: HttpRequest, campaign: Campaign, _proposal: Proposal | None, _forms: Forms) -> HttpResponse:
    return redirect(NAME, campaign.pk)


def _submit(request: HttpRequest, campaign: Campaign, _proposal: Proposal | None, shown: Forms) -> HttpResponse | None:
    _must(request, SUBMIT)
    form = shown["note_form"] = NoteForm(request.POST)
    if not form.is_valid():
        return None
    told = _("“%(campaign)s” waits for somebody else to approve it.") % {"campaign": campaign}
    note = request.session[_kept(campaign)] = form.cleaned_data["note"]

    def submit() -> None:
        reviewing.submit(campaign, by=_user(request), now=timezone.now(), note=note)
        del request.session[_kept(campaign)]

    return _do(request, campaign, told, submit)


def _kept(campaign: Campaign) -> str:
    """Where a note waits while whoever wrote it looks at the warnings of the rehearsal first."""
    return f"note-to-reviewer:{campaign.pk}"


def _approve(request: HttpRequest, campaign: Campaign, proposal: Proposal | None, _forms: Forms) -> HttpResponse:
    _must(request, APPROVE)
    if proposal is None or _is_another(request, proposal):
        return _gone(request, campaign)
    told = _("“%(campaign)s” is published as it was submitted.") % {"campaign": campaign}
    return _do(request, campaign, told, lambda: reviewing.approve(proposal, by=_user(request), now=timezone.now()))


def _send_back(
    request: HttpRequest, campaign: Campaign, proposal: Proposal | None, shown: Forms
) -> HttpResponse | None:
    _must(request, APPROVE)
    if proposal is None or _is_another(request, proposal):
        return _gone(request, campaign)
    form = shown["reason_form"] = ReasonForm(request.POST)
    if not form.is_valid():
        return None
    reason = form.cleaned_data["reason"]
    told = _("“%(campaign)s” is sent back to %(user)s.") % {"campaign": campaign, "user": proposal.submitted_by}
    return _do(
        request,
        campaign,
        told,
        lambda: reviewing.send_back(proposal, by=_user(request), now=timezone.now(), reason=reason),
    )


def _withdraw(request: HttpRequest, campaign: Campaign, proposal: Proposal | None, _forms: Forms) -> HttpResponse:
    _must(request, SUBMIT)
    if proposal is None or _is_another(request, proposal):
        return _gone(request, campaign)
    told = _("The proposal is withdrawn.")
    return _do(request, campaign, told, lambda: reviewing.withdraw(proposal, by=_user(request), now=timezone.now()))


DECISIONS: dict[str, Decide] = {
    "submit": _submit,
    "approve": _approve,
    "send_back": _send_back,
    "withdraw": _withdraw,
}


def _do(request: HttpRequest, campaign: Campaign, told: str, call: Callable[[], object]) -> HttpResponse:
    """Call it, and say what came of it."""
    try:
        call()
    except publishing.NotReady as error:
        say_refused(request, campaign, error)
        if error.warnings:
            return redirect("admin:campaigns_campaign_rehearsal", campaign.pk)
    except reviewing.OwnProposal:
        messages.error(request, _("Somebody else has to decide about what you submitted; you may withdraw it."))
    except reviewing.Changed:
        messages.error(request, _("The draft has changed since it was submitted: it has to be submitted again."))
    except reviewing.Decided as error:
        words = {"state": Proposal.State(error.state).label}
        messages.error(request, _("This was decided already: the proposal is %(state)s.") % words)
    except reviewing.NotPossible as error:
        said = {"campaign": campaign, "state": Campaign.State(error.state).label}
        messages.error(request, _("This cannot be done: %(campaign)s is %(state)s.") % said)
    else:
        messages.success(request, told)
    return redirect(NAME, campaign.pk)


def _is_another(request: HttpRequest, proposal: Proposal) -> bool:
    """Whether the proposal on the page that was sent is not the one that waits now."""
    return request.POST.get("proposal") != str(proposal.pk)


def _gone(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    messages.error(request, _("That proposal is no longer in review."))
    return redirect(reverse(NAME, args=[campaign.pk]))


def _must(request: HttpRequest, right: str) -> None:
    if not request.user.has_perm(right):
        raise PermissionDenied


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)

"""The pages of the builder's steps: each shows its form, saves it, and leads on."""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from campaigns import acknowledging
from campaigns.audience_field import choices_of
from campaigns.building import decided, kept, listed_rows, saving, sheets, steps, tokens
from campaigns.building.frames import Page, framed
from campaigns.building.placing import Progress, progress_of
from campaigns.building.saving import Form, Outcome, Result
from campaigns.building.sheets import Filled, Sheet
from campaigns.building.standing import first_open
from campaigns.building.steps import BY_KEY, CHECK, STEPS, Step
from campaigns.drafts import Draft
from campaigns.models import Campaign
from campaigns.rehearsal.findings import Severity, of
from campaigns.rehearsal.rehearsing import rehearse
from campaigns.revision_words import Words
from operations.sentences import listed

RIGHT = "campaigns.change_campaign"
STEP = "admin:campaigns_campaign_build_step"
STATUS = {Outcome.STALE: HTTPStatus.CONFLICT, Outcome.OVER: HTTPStatus.CONFLICT}
Told = Mapping[str, Any]
Extra = Callable[[HttpRequest, Draft, Progress, Filled | None], Told]


def go_on(request: HttpRequest, campaign_id: int, *, site: AdminSite) -> HttpResponse:
    """Lead to the step to go on with."""
    del site
    draft = Draft(campaign_of(request, campaign_id))
    progress = progress_of(draft, now=timezone.now())
    return redirect(STEP, campaign_id, first_open(progress.standing_of, [step.key for step in STEPS]))


def step_page(request: HttpRequest, campaign_id: int, key: str, *, site: AdminSite) -> HttpResponse:
    """Show a step; a POST saves it and leads to the next one, or stays."""
    campaign, step = campaign_of(request, campaign_id), _step(key)
    if request.method == "POST" and step is steps.PUBLISH:
        return decided.decide(request, campaign, site)
    if request.method == "POST" and not step.has_form:
        return HttpResponseNotAllowed(["GET"])
    if not step.has_form:
        return _shown(request, site, campaign, step, filled=None, told={})
    form = _form(site, step)
    if request.method != "POST":
        filled, told = opened(request, campaign, form)
        return _shown(request, site, campaign, step, filled=filled, told=told)
    result = saving.by_button(request, campaign, form, now=timezone.now())
    if result.outcome is Outcome.SAVED:
        return redirect(_onward(request, campaign, step))
    return _shown(request, site, campaign, step, filled=result.filled, told=refused(request, result))


def autosave(request: HttpRequest, campaign_id: int, key: str, *, site: AdminSite) -> HttpResponse:
    """Save a step while it is being filled in, and say what came of it as JSON."""
    campaign, step = campaign_of(request, campaign_id), _step(key)
    if not step.has_form:
        raise Http404
    return saved_by_itself(request, campaign, _form(site, step))


def saved_by_itself(request: HttpRequest, campaign: Campaign, form: Form) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    now = timezone.now()
    result = saving.by_itself(request, campaign, form, now=now)
    answer = {
        "outcome": result.outcome,
        "token": result.token,
        "said": _said(result, time_format(timezone.localtime(now))),
    }
    return JsonResponse(answer, status=STATUS.get(result.outcome, HTTPStatus.OK))


def forget(request: HttpRequest, campaign_id: int, *, site: AdminSite) -> HttpResponse:
    """Throw away what was typed and not saved; the draft stands as it is."""
    del site
    campaign = campaign_of(request, campaign_id)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    place = request.POST.get("place", "").replace("\0", "")
    kept.forget(campaign, request.user, place)
    messages.success(request, _("What you had typed is thrown away: the draft stands here as it is saved."))
    back = place if place in BY_KEY else steps.TASKS.key
    return redirect(STEP, campaign.pk, back)


def opened(request: HttpRequest, campaign: Campaign, form: Form) -> tuple[Filled, dict[str, Any]]:
    """The form as the draft is, or as it was left by whoever could not save it."""
    sheet, token = form.sheet(campaign), form.token(campaign)
    left = kept.of(campaign, request.user, form.place)
    if left is None:
        return sheets.shown(request, sheet), {"token": token, "place": form.place}
    found = sheets.typed(request, sheet, kept.as_sent(left.sent))
    return found, {"token": token, "place": form.place, "left": left, "left_behind": left.token != token}


def refused(request: HttpRequest, result: Result) -> dict[str, Any]:
    """Why it was not saved; with the token of the draft as it is now, saving again takes over what was typed."""
    if result.outcome is Outcome.STALE:
        messages.error(
            request,
            _(
                "This step was saved meanwhile, in another tab or by a colleague. Nothing of yours is lost: it stands "
                "below. Saving again puts it in place of what was saved meanwhile."
            ),
        )
    elif result.outcome is Outcome.OVER:
        messages.error(request, _("The campaign is over: its draft is no longer changed."))
    else:
        messages.error(request, _refused_fields(result.filled))
    return {"token": result.token}


def _refused_fields(filled: Filled) -> str:
    """What is marked below, by name: on a long page it may be out of sight."""
    names = filled.marked()
    if not names:
        return _("Not saved yet: please look at what is marked below.")
    return _("Not saved yet. Please look at: %(fields)s") % {"fields": listed(names)}


def _said(result: Result, time: str) -> str:
    if not result.was_kept:
        return _("This is too long to be kept while you type: save it with the button.")
    match result.outcome:
        case Outcome.SAVED:
            return _("Saved at %(time)s") % {"time": time}
        case Outcome.STALE:
            return _("This step was saved meanwhile, in another tab or by a colleague. What you typed is kept.")
        case Outcome.OVER:
            return _("The campaign is over: its draft is no longer changed.")
    wrong = result.filled.messages()
    if wrong:
        return _("Kept as you typed it at %(time)s. Still to be mended: %(what)s") % {"time": time, "what": wrong[0]}
    return _("Kept as you typed it at %(time)s; press Save to put it into the draft.") % {"time": time}


def _form(site: AdminSite, step: Step) -> Form:
    admin = site.get_model_admin(Campaign)
    return Form(
        place=step.key,
        sheet=lambda campaign: Sheet(admin, campaign, step.fields, step.inlines),
        token=partial(tokens.of_step, step=step),
    )


def _onward(request: HttpRequest, campaign: Campaign, step: Step) -> str:
    """Where the button leads: on, back, or to the same step again."""
    led = {"_next": steps.after(step), "_previous": steps.before(step)}
    to = next((led[name] for name in led if name in request.POST), None) or step
    if to is step:
        messages.success(request, _("Saved in the draft."))
    return reverse(STEP, args=[campaign.pk, to.key])


def _shown(  # noqa: PLR0913 a page is what it shows
    request: HttpRequest, site: AdminSite, campaign: Campaign, step: Step, *, filled: Filled | None, told: Told
) -> HttpResponse:
    fresh = Campaign.objects.select_related("current").get(pk=campaign.pk)
    draft = Draft(fresh)
    progress = progress_of(draft, now=timezone.now())
    context = {
        "own_faults": progress.faults_of[step.key],
        "rows": _rows(filled, step),
        "autosave_url": reverse("admin:campaigns_campaign_build_autosave", args=[campaign.pk, step.key]),
        **EXTRAS.get(step.key, _nothing)(request, draft, progress, filled),
        **told,
    }
    template = f"{step.key}.html" if step.key in EXTRAS else "step.html"
    return framed(request, site, Page(fresh, step, progress, filled), template, context)


def _rows(filled: Filled | None, step: Step) -> list[list[Any]]:
    """The fields in their rows; what may no longer be changed has none."""
    if filled is None:
        return []
    rows = [[row] if isinstance(row, str) else list(row) for row in step.rows]
    return [[filled.form[name] for name in row if name in filled.form.fields] for row in rows]


def _nothing(_request: HttpRequest, _draft: Draft, _progress: Progress, _filled: Filled | None) -> Mapping[str, Any]:
    return {}


def _listed(request: HttpRequest, draft: Draft, _progress: Progress, filled: Filled | None) -> Mapping[str, Any]:
    return listed_rows.of_tasks(draft, filled, Words(choices_of(request)))


def _offered(request: HttpRequest, draft: Draft, _progress: Progress, filled: Filled | None) -> Mapping[str, Any]:
    listed_rows.propose_pool(request, filled)
    return listed_rows.of_pools(draft, filled, choices_of(request))


def _checked(request: HttpRequest, draft: Draft, progress: Progress, _filled: Filled | None) -> Mapping[str, Any]:
    groups = [(step, progress.faults_of[step.key]) for step in STEPS if progress.faults_of[step.key]]
    # Only a draft without faults is rehearsed, and what its rehearsal finds keeps it from going live just as well.
    found = () if groups else rehearse(draft.campaign, now=timezone.now()).findings
    noted = acknowledging.acknowledged_by(draft.campaign, cast(User, request.user))
    return {
        "groups": groups,
        "check_step": CHECK,
        "warnings": listed_rows.warnings(draft, choices_of(request)),
        "errors": of(Severity.ERROR, found),
        "to_acknowledge": [each for each in of(Severity.WARNING, found) if each.key not in noted],
        "notes": of(Severity.NOTE, found),
    }


EXTRAS: dict[str, Extra] = {
    "tasks": _listed,
    "pools": _offered,
    "check": _checked,
    "publish": decided.shown,
}


def campaign_of(request: HttpRequest, campaign_id: int) -> Campaign:
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    return get_object_or_404(Campaign.objects.select_related("current"), pk=campaign_id)


def _step(key: str) -> Step:
    try:
        return BY_KEY[key]
    except KeyError:
        raise Http404 from None

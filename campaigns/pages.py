"""The H5 pages of `campaigns`: the campaign, its tasks and the draw. Each POST ends in a redirect."""

import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, re_path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import kinds, pacing, playing, presenting, theming
from campaigns.dead_ends import dead_end
from campaigns.draw_page import draw_page, next_chance, pools_shown
from campaigns.draw_stages import stage_named
from campaigns.drawn_answers import answer_to_stage
from campaigns.eligibility import TaskState
from campaigns.entering import scope_of
from campaigns.offers import pages as offer_pages
from campaigns.opening_words import Asking, Told, told
from campaigns.openings import opening_of
from campaigns.playing import TaskMoved
from campaigns.presenting import TaskCard
from campaigns.refusals import BadSubmission, Because, Refusal, Refused
from campaigns.turns import standing_of
from campaigns.visiting import Visit, no_task, visited
from campaigns.wordings import submission_wording, told_to_members
from campaigns.zones import zone_of
from members.once import Outcome, key_of, once
from rewards.draw_results import draw_result
from rewards.drawing import SCALE
from rewards.ledger import GROWTH, POINTS, balances
from rewards.models import Stage

# Why a draw was refused at the last moment.
TOLD_ONCE = frozenset(
    {Refusal.DRAWS_PER_DAY, Refusal.BOUGHT_PER_DAY, Refusal.NOT_FOR_POINTS, Refusal.POINTS_SHORT, Refusal.NO_POOL}
)
# Where a task is kept from the member, and its page says what would open it.
KEPT = frozenset({TaskState.LOCKED, TaskState.REFUSED, TaskState.MISSED, TaskState.SKIPPED, TaskState.HELD})
# Nothing to count down to: it is over, or halted for nobody knows how long.
_STOPPED = frozenset({Refusal.CLOSED, Refusal.PAUSED})
# A guide that is longer comes below what there is to do.
LONG_GUIDE = 90
# What a form carries besides the task's own fields.
FRAME_FIELDS = frozenset({"csrfmiddlewaretoken", "request_key", "next"})
DRAW_FIELDS = frozenset({"csrfmiddlewaretoken", "request_key", "pool", "pay"})


@require_GET
@visited
def campaign(request: HttpRequest, visit: Visit) -> HttpResponse:
    return render(request, "h5/campaign.html", shown(visit))


def shown(visit: Visit) -> dict[str, Any]:
    """What the page of the campaign shows of a visit."""
    decision, definition = visit.decision, visit.definition
    held = balances(visit.member.pk)
    upcoming = visit.now < definition.opens_at
    own = decision.pool or visit.pool_while_open()
    pool = visit.published(own)
    pools = pools_shown(visit)
    return visit.context("campaign") | {
        "shown_pool": own,
        "pools": pools,
        "pools_key": [own.slug if own else "", *(each.slug for each in pools)],
        "board": None if decision.refusal else visit.board(),
        "refusal": told_to_members(decision.refusal) if decision.refusal else None,
        "pool": pool,
        "prizes": pool.prizes if pool else (),
        "stage": stage_named(pool.stage) if pool else None,
        "level": visit.member.level,
        "offers": offer_pages.cards(visit),
        "points": held[POINTS],
        "growth": held[GROWTH],
        "until": None if decision.refusal in _STOPPED else definition.opens_at if upcoming else definition.closes_at,
        "until_label": _("Opens in") if upcoming else _("Ends in"),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@visited
def task(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    if visit.decision.task(key) is None:
        return no_task(request, visit)
    if request.method != "POST":
        return _show_task(request, visit, key)
    payload = _payload(request)
    try:
        return _moved(request, visit, key, partial(playing.submit, payload=payload))
    except BadSubmission as bad:
        return _show_task(request, visit, key, wrong=bad.fields)


@require_POST
@visited
def accept(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    return _moved(request, visit, key, playing.accept)


@require_POST
@visited
def claim(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    return _moved(request, visit, key, playing.claim)


def _moved(request: HttpRequest, visit: Visit, key: str, move: Callable[..., TaskMoved]) -> HttpResponse:
    """Make the move that the form asks for, once, and lead on. Raises BadSubmission."""
    onward = _onward(request, visit, key)
    origin = pacing.counted(visit.member.pk, visit.slug, visit.origin, now=visit.now)

    def perform() -> Outcome:
        moved = move(visit.member, visit.slug, key, now=visit.now, origin=origin)
        return Outcome(onward, tuple(presenting.told(moved, visit.gift_names())))

    try:
        return once(request, visit.member, perform)
    except Refused as refused:
        messages.info(request, told_to_members(refused.refusal))
        return redirect(onward)


@require_http_methods(["GET", "HEAD", "POST"])
@visited
def draw(request: HttpRequest, visit: Visit) -> HttpResponse:
    if request.method == "POST":
        return _draw(request, visit)
    page = draw_page(visit, request.GET.get("pool"))
    pool = visit.published(page.pool)
    prizes = pool.prizes if pool else ()
    stage = stage_named(pool.stage if pool else Stage.WHEEL)
    context = visit.context("draw") | {
        "page": page,
        "pool": pool,
        "prizes": prizes,
        "stage": stage,
        "pieces": stage.pieces(prizes),
        "next_card": next_chance(visit, page.pool) if page.refusal and visit.decision.refusal is None else None,
    }
    return render(request, "h5/draw.html", context)


@require_GET
@visited
def drawn(request: HttpRequest, visit: Visit, draw_id: int) -> HttpResponse:
    """The result as a page of its own: where the draw leads without JavaScript."""
    result = draw_result(visit.member.pk, scope_of(visit.definition), draw_id, now=visit.now)
    if result is None:
        title, text = _("There is no such draw"), _("Your prizes are under “Mine”.")
        return dead_end(request, title=title, text=text, icon="wheel", context=visit.context("draw"))
    return render(request, "h5/drawn.html", visit.context("draw") | {"result": result})


@require_GET
@cache_control(public=True, max_age=60 * 60 * 24 * 365, immutable=True)
def theme(_request: HttpRequest, key: str) -> HttpResponse:
    """The colours of pages. The address holds the colour, so that it can be kept for ever."""
    return HttpResponse(theming.stylesheet(key), content_type="text/css; charset=utf-8")


def _draw(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The server decides; the stage plays what it decided. The same request key brings the same draw."""
    if not request.POST.keys() <= DRAW_FIELDS:
        # Prize, roll and odds are the house's: whoever sends one is told.
        title, text = _("This draw was not made"), _("The page sent what a draw does not take. Please load it again.")
        return dead_end(request, title=title, text=text, icon="wheel", status=400, context=visit.context("draw"))
    request_key = key_of(request)
    if request_key is None:
        messages.error(request, _("This page was out of date. Please draw again."))
        return redirect("h5-draw", visit.slug)
    try:
        given = playing.draw(
            visit.member.uid,
            visit.slug,
            request_key=request_key,
            roll=secrets.randbelow(SCALE),
            now=visit.now,
            pool=request.POST.get("pool") or None,
            pay=request.POST.get("pay") == "points",
        )
    except Refused as refused:
        return _draw_refused(request, visit, refused.refusal)
    if request.accepts("text/html"):
        return redirect("h5-drawn", visit.slug, given.draw_id)
    return JsonResponse(answer_to_stage(request, visit, given))


def _draw_refused(request: HttpRequest, visit: Visit, refusal: Refusal | Because) -> HttpResponse:
    """The page of the draw itself says why there is none; what it cannot know beforehand is told once."""
    if refusal in TOLD_ONCE:
        messages.info(request, told_to_members(refusal))
    if request.accepts("text/html"):
        return redirect("h5-draw", visit.slug)
    return JsonResponse({"refused": refusal.value}, status=409)


def _payload(request: HttpRequest) -> dict[str, Any]:
    """What a form sends beside its frame: texts, lists where a field has several values, and files."""
    sent: dict[str, Any] = {}
    for field, values in request.POST.lists():
        if field not in FRAME_FIELDS:
            sent[field] = values[0] if len(values) == 1 else values
    return sent | dict(request.FILES.items())


def _show_task(request: HttpRequest, visit: Visit, key: str, wrong: Mapping[str, object] | None = None) -> HttpResponse:
    board = visit.board()
    card = board.card(key)
    if card is None:
        return no_task(request, visit)
    faults = {field: submission_wording(fault) for field, fault in (wrong or {}).items()}
    context = visit.context("task") | {
        "card": card,
        "long_guide": len(card.task.guide) > LONG_GUIDE,
        "next_card": board.first if board.first is not card else None,
        "kept": _kept(visit, key),
        "wrong": faults,
        # A quiz without scripts carries its answers along in the address.
        "given": request.POST or request.GET,
        **_of_kind(visit, card),
    }
    return render(request, f"h5/kinds/{card.task.kind}.html", context, status=422 if wrong else 200)


def _kept(visit: Visit, key: str) -> Told | None:
    """Why the member may not do the task, and what would open it; None where nothing keeps them."""
    decided = visit.decision.task(key)
    if decided is None or decided.state not in KEPT:
        return None
    opening = opening_of(visit.definition, visit.subject, visit.decision, key, zone_of(visit.definition))
    return told(opening, Asking(visit.definition, visit.member, visit.subject.score, visit.now))


def _of_kind(visit: Visit, card: TaskCard) -> Mapping[str, Any]:
    turn, facts = visit.turn(card.task), visit.facts(card.task)
    return kinds.find(card.task.kind).page(card.task.config, standing_of(turn, facts), turn)


def _onward(request: HttpRequest, visit: Visit, key: str) -> str:
    if request.POST.get("next") == "campaign":
        return reverse("h5-campaign", args=[visit.slug])
    return reverse("h5-task", args=[visit.slug, key])


urlpatterns = [
    re_path(r"^theme/(?P<key>[0-9a-f]{6})\.css$", theme, name="h5-theme"),
    path("c/<slug:slug>/", campaign, name="h5-campaign"),
    path("c/<slug:slug>/t/<slug:key>/", task, name="h5-task"),
    path("c/<slug:slug>/t/<slug:key>/accept/", accept, name="h5-accept"),
    path("c/<slug:slug>/t/<slug:key>/claim/", claim, name="h5-claim"),
    path("c/<slug:slug>/draw/", draw, name="h5-draw"),
    path("c/<slug:slug>/draw/<int:draw_id>/", drawn, name="h5-drawn"),
    *kinds.urls(),
]

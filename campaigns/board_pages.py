"""The H5 page of a campaign's leaderboards: the top of each, and always the member's own place."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from campaigns import board_rules, leaderboards
from campaigns.board_rules import ALL, FRIENDS, WEEK, Boards
from campaigns.dead_ends import dead_end
from campaigns.leaderboards import Place
from campaigns.models import Enrolment, RankPrize
from campaigns.presenting import Chip, chips
from campaigns.visiting import Visit, visited
from campaigns.zones import zone_of
from members.masking import masked_name
from rewards.published_prizes import gift_names

TABS = {ALL: gettext_lazy("All"), WEEK: gettext_lazy("This week"), FRIENDS: gettext_lazy("Friends")}
MEDALS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One place as the page shows it."""

    rank: int
    name: str
    score: int
    own: bool

    @property
    def initial(self) -> str:
        return self.name[:1] or "·"

    @property
    def medal(self) -> bool:
        return self.rank <= MEDALS


@dataclass(frozen=True, slots=True)
class Board:
    """A board as one member sees it. `own` is their place beside the list, None where the list has it."""

    name: str
    tabs: Sequence[tuple[str, Promise]]
    lines: Sequence[Line]
    own: Line | None
    unranked: str = ""


@require_GET
@visited
def board(request: HttpRequest, visit: Visit) -> HttpResponse:
    boards = board_rules.of(visit.definition.features)
    enrolment = Enrolment.objects.filter(member=visit.member, campaign__slug=visit.slug).first()
    name = request.GET.get("board", boards.boards[0] if boards else "")
    if boards is None or enrolment is None or name not in boards.boards:
        title, text = _("There is no such leaderboard"), _("This campaign ranks nobody, or not like this.")
        return dead_end(request, title=title, text=text, icon="crown", context=visit.context("board"))
    context = visit.context("board") | {
        "board": _board(visit, boards, enrolment, name),
        "prizes": _prizes(boards) if name == boards.prizes_for else (),
        "won": RankPrize.objects.filter(enrolment=enrolment).order_by("-id").first(),
    }
    return render(request, "h5/board.html", context)


def _board(visit: Visit, boards: Boards, enrolment: Enrolment, name: str) -> Board:
    tabs = [(each, TABS[each]) for each in boards.boards]
    period = leaderboards.period_of(name, visit.now, zone_of(visit.definition))
    places, place = leaderboards.read(
        enrolment.campaign_id,
        name,
        period,
        member_id=visit.member.pk,
        enrolment_id=enrolment.pk,
        limit=boards.shown,
    )
    lines = [_line(each, own=each.enrolment_id == enrolment.pk) for each in places]
    if any(line.own for line in lines):
        return Board(name, tabs, lines, None)
    if place.rank is None:
        words = _("Your score is being looked at.") if place.score else _("You have no score yet.")
        return Board(name, tabs, lines, None, words)
    return Board(name, tabs, lines, Line(place.rank, masked_name(visit.member.name), place.score, own=True))


def _line(place: Place, *, own: bool) -> Line:
    return Line(place.rank, place.name, place.score, own)


def _prizes(boards: Boards) -> list[tuple[str, tuple[Chip, ...]]]:
    """Which ranks win what, in words."""
    names = gift_names({prize.reward.gift for prize in boards.prizes if prize.reward.gift})
    return [
        (f"{prize.first}" if prize.first == prize.last else f"{prize.first} – {prize.last}", chips(prize.reward, names))
        for prize in boards.prizes
    ]


urlpatterns: list[URLPattern] = [path("c/<slug:slug>/board/", board, name="h5-board")]

"""The API of leaderboards."""

from typing import ClassVar

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns import api_words, board_rules, leaderboards, published
from campaigns.api_moves import invalid, member_of
from campaigns.board_rules import FRIENDS, Boards
from campaigns.leaderboards import Place
from campaigns.models import Campaign, Enrolment
from campaigns.zones import zone_of
from members.models import Member
from operations.api_errors import ApiError
from operations.api_schema import ONE_OBJECT
from operations.models import ApiKey
from operations.sentences import listed

PLACE = {
    "type": "object",
    "properties": {
        "rank": {"type": "integer"},
        "uid": {"type": "string"},
        "score": {"type": "integer"},
        "reached_at": {"type": "string", "format": "date-time"},
    },
}
LEADERBOARD = {
    "type": "object",
    "properties": {
        "campaign": {"type": "string"},
        "board": {"type": "string"},
        "period": {"type": "string", "description": gettext_lazy("“all”, or the week, such as 2026-W47.")},
        "places": {"type": "array", "items": PLACE},
        "own": {
            "type": ["object", "null"],
            "properties": {"rank": {"type": ["integer", "null"]}, "score": {"type": "integer"}},
        },
    },
}


class LeaderboardView(APIView):
    """The first places of a leaderboard, and one member's own. Ties share the rank; the earlier comes first."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.LEADERBOARD
    @extend_schema(
        operation_id="leaderboard",
        parameters=[
            OpenApiParameter(
                "board", str, enum=list(board_rules.BOARDS), description=gettext_lazy("The campaign's first, else.")
            ),
            OpenApiParameter(
                "uid", str, description=gettext_lazy("Whose own place is told; the board of friends is theirs.")
            ),
        ],
        responses={200: LEADERBOARD, **ONE_OBJECT},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        definition = published.definition_of(slug)
        boards = board_rules.of(definition.features) if definition else None
        if definition is None or boards is None:
            raise ApiError("no_leaderboard", _("This campaign has no leaderboard."), status=404)
        board, member = _board(request, boards), _member(request)
        if board == FRIENDS and member is None:
            raise ApiError("invalid", _("Friends are those of a member."), fields={"uid": [_("Name the member.")]})
        period = leaderboards.period_of(board, timezone.now(), zone_of(definition))
        campaign = Campaign.objects.get(slug=slug)
        enrolment = Enrolment.objects.filter(member=member, campaign=campaign).first() if member else None
        places, own = leaderboards.read(
            campaign.pk,
            board,
            period,
            member_id=member.pk if member else None,
            enrolment_id=enrolment.pk if enrolment else None,
            limit=boards.shown,
        )
        told = {"campaign": slug, "board": board, "period": period, "places": [_told(each) for each in places]}
        return Response(told | {"own": {"rank": own.rank, "score": own.score} if member else None})


def _board(request: Request, boards: Boards) -> str:
    board = request.GET.get("board", boards.boards[0])
    if board not in boards.boards:
        words = _("This campaign has the leaderboards %(names)s.") % {"names": listed(boards.boards)}
        raise invalid({"board": words})
    return board


def _member(request: Request) -> Member | None:
    uid = request.GET.get("uid")
    if uid is None:
        return None
    return member_of(uid)


def _told(place: Place) -> dict[str, object]:
    return {"rank": place.rank, "uid": place.uid, "score": place.score, "reached_at": place.reached_at.isoformat()}


urlpatterns: list[URLPattern] = [
    path("campaigns/<slug:slug>/leaderboard/", LeaderboardView.as_view(), name="leaderboard")
]

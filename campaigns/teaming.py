"""Teams (组队): one member founds a team, others join by a link; the last seat fills it.

A team that is not full at its end has lapsed: its members may found or join another. A member is in one team of a task
and period at a time.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from campaigns import answering, following, inbox_words, order_totals, states
from campaigns.answering import Answer, Meeting
from campaigns.completing import TaskMoved
from campaigns.eligibility import TaskState
from campaigns.kinds.face import Turn
from campaigns.models import Enrolment, Team, TeamSeat
from campaigns.refusals import Because, Refused
from campaigns.shared_kind import Friend, shown_name
from campaigns.turns import turn_of
from members import inbox
from members.models import Activity
from operations import jobs

FULL, ALL_BOUGHT = "full", "all_bought"

NO_SEAT = Because("team_full", _("This team is full already. Found one of your own!"))
LAPSED = Because("team_lapsed", _("This team was not full in time."))
NO_TEAM = Because("no_team", _("Your friend has no team any more."))
IN_THIS_TEAM = Because("in_this_team", _("You are in this team already."))
IN_A_TEAM = Because("in_a_team", _("You are in another team already."))
NOT_FOR_YOU = Because("team_not_admitted", _("This task is not open for you now."))

# Whoever joins meanwhile is locked at the next try. Each try that fails is somebody else's seat.
MOST_TRIES = 50


class _Joined(Exception):
    """Somebody joined between the look at the team and its lock."""


def found(config: Mapping[str, Any], turn: Turn) -> TeamSeat:
    """Found a team, where the member is in none now. Behind the enrolment's lock."""
    if seat := _seat_that_holds(turn):
        return seat
    team = Team.objects.create(
        campaign_id=Enrolment.objects.values_list("campaign_id", flat=True).get(pk=turn.enrolment_id),
        founder_id=turn.enrolment_id,
        task_key=turn.task.key,
        size=config["size"],
        founded_at=turn.now,
        until=min(turn.now + timedelta(hours=config["hours"]), turn.window.until),
    )
    return _sit(team, turn)


def join(given: Answer) -> TaskMoved:
    """The friend takes a seat in the sharer's team. Raises Refused."""
    for _try in range(MOST_TRIES):
        team = _team_of_sharer(given)
        try:
            with transaction.atomic():
                return _join(given, team, _people(team))
        except _Joined:
            continue
    raise Refused(NO_SEAT)


def _team_of_sharer(given: Answer) -> Team:
    """The team for which the sharer's link stands: the last one they sat in."""
    seats = TeamSeat.objects.filter(enrolment=given.shared.enrolment_id, task_key=given.shared.task.key)
    seat = seats.select_related("team").order_by("-pk").first()
    if seat is None:
        raise Refused(NO_TEAM)
    return seat.team


def _join(given: Answer, team: Team, people: Collection[int]) -> TaskMoved:
    meeting = answering.meet(given, others=people)
    # Whoever joins holds its founder: behind the locks the team stands still.
    team.refresh_from_db()
    if not _people(team) <= set(people):
        raise _Joined
    turn = turn_of(meeting.friend, meeting.task)
    _check(meeting, team, turn)
    last = team.taken + 1 == team.size
    free = Team.objects.filter(pk=team.pk, taken__lt=F("size"))
    if not free.update(taken=F("taken") + 1, full_at=turn.now if last else None):
        raise Refused(NO_SEAT)
    _sit(team, turn)
    following.look_again([*people, given.member.pk], meeting.definition.slug, now=turn.now)
    if last:
        # Who has just joined reads it on the page.
        kind, where = inbox_words.TEAM_COMPLETE, (meeting.definition, meeting.task, str(team.pk))
        inbox.put([inbox_words.of_task(kind, each, *where) for each in sorted(people)], now=turn.now)
    return meeting.told({"answered": True, "taken": team.taken + 1, "size": team.size, "full": last})


def _check(meeting: Meeting, team: Team, turn: Turn) -> None:
    if TeamSeat.objects.filter(team=team, enrolment=turn.enrolment_id).exists():
        raise Refused(IN_THIS_TEAM)
    if team.full_at is not None:
        raise Refused(NO_SEAT)
    if turn.now >= team.until:
        raise Refused(LAPSED)
    decision = meeting.friend.decision.task(meeting.task.key)
    if decision is None or decision.state is not TaskState.OPEN:
        raise Refused((decision.refusal if decision else None) or NOT_FOR_YOU)
    if _seat_that_holds(turn):
        raise Refused(IN_A_TEAM)


def _people(team: Team) -> set[int]:
    """The members who sit in the team, its founder among them."""
    return set(team.seats.values_list("enrolment__member_id", flat=True))


def _sit(team: Team, turn: Turn) -> TeamSeat:
    return TeamSeat.objects.create(
        team=team, enrolment_id=turn.enrolment_id, task_key=turn.task.key, period=turn.period, taken_at=turn.now
    )


def _seat_that_holds(turn: Turn) -> TeamSeat | None:
    """The member's seat of this turn. One in a team that has lapsed is given up. Behind the enrolment's lock."""
    seat = seat_of(turn)
    if seat is None or not has_lapsed(seat.team, turn):
        return seat
    TeamSeat.objects.filter(pk=seat.pk).update(lapsed_at=turn.now)
    return None


def seat_of(turn: Turn) -> TeamSeat | None:
    """The member's seat of this turn, also in a team that has lapsed if none was taken since."""
    seats = TeamSeat.objects.filter(enrolment=turn.enrolment_id, task_key=turn.task.key, period=turn.period)
    return seats.filter(lapsed_at=None).select_related("team").first()


def has_lapsed(team: Team, turn: Turn) -> bool:
    return team.full_at is None and turn.now >= team.until


def observe(config: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    """The member's team: seats, how many of its members did what is asked, and whether all is done. {} without one."""
    seat = seat_of(turn)
    if seat is None or has_lapsed(seat.team, turn):
        return {}
    team = seat.team
    facts = {"size": team.size, "taken": team.taken, "until": team.until.isoformat()}
    full = team.full_at is not None
    if config.get("goal", FULL) == FULL:
        return facts | {"full": full, "done": full}
    bought = len(_buyers(team, turn)) if full else 0
    return facts | {"full": full, "bought": bought, "done": full and bought == team.size}


def _buyers(team: Team, turn: Turn) -> list[int]:
    return [each for each in sorted(_people(team)) if _has_bought(each, team, turn)]


def _has_bought(member_id: int, team: Team, turn: Turn) -> bool:
    """Whether something is left of what the member bought since the team was founded."""
    return bool(order_totals.load(member_id, since=team.founded_at, until=turn.window.until)["amount"] > 0)


def mates(turn: Turn) -> set[int]:
    """The other members of the member's team."""
    seat = seat_of(turn)
    return _people(seat.team) - {turn.member_id} if seat else set()


def mates_of(team: Team) -> list[Friend]:
    """Who sits in the team, its founder first."""
    rows = team.seats.order_by("pk").values_list("enrolment__member__name", "taken_at")
    return [Friend(shown_name(name), at) for name, at in rows]


def sits_with(turn: Turn, member_id: int) -> bool:
    """Whether the member sits in the team of the sharer's turn."""
    seat = seat_of(turn)
    return seat is not None and seat.team.seats.filter(enrolment__member=member_id).exists()


def follow_buyers(activity_ids: Sequence[int]) -> int:
    """Have the teams looked at again in which somebody bought or sent back something; return how many."""
    members = Activity.objects.filter(pk__in=activity_ids).values("member_id")
    seats = TeamSeat.objects.filter(enrolment__member__in=members, lapsed_at=None, team__full_at__isnull=False)
    live = seats.filter(team__campaign__state__in=states.OPEN).order_by("team_id")
    teams = list(live.values_list("team_id", flat=True).distinct())
    for team_id in teams:
        key = f"team:{team_id}:{min(activity_ids)}"
        jobs.enqueue("campaigns.jobs.look_at_team", key=key, arguments={"team_id": team_id})
    return len(teams)


def look_at(team_id: int, *, now: Any) -> None:
    """Look at the tasks of all members of a team again."""
    team = Team.objects.select_related("campaign").get(pk=team_id)
    following.look_again(_people(team), team.campaign.slug, now=now)

"""Tasks that move by themselves: orders, refunds and events come in, and the tasks of who takes part follow."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet

from campaigns import kinds, moving_tasks, published, states
from campaigns.definition import Task
from campaigns.entering import enter, enter_at
from campaigns.models import Campaign, Enrolment
from campaigns.refusals import Refused
from members import locking, touches
from members.models import Activity
from operations import jobs

# One job moves so many enrolments: they stay locked until it ends.
SLICE = 100


def follow_activities(activity_ids: Sequence[int], *, now: datetime) -> None:
    """Move what these activities may have moved. Members who do not take part cost two queries together."""
    members = Activity.objects.filter(pk__in=activity_ids, kind__in=kinds.followed()).values("member_id")
    enrolments = _following().filter(member_id__in=members).order_by("id").values_list("pk", flat=True)
    follow_in_slices(list(enrolments), key=f"activity:{min(activity_ids)}", now=now)


def follow_campaign(campaign: Campaign, *, key: str, now: datetime) -> None:
    """Move everyone who takes part, such as after a pause in which orders came in."""
    enrolments = _following().filter(campaign=campaign).order_by("id").values_list("pk", flat=True)
    follow_in_slices(list(enrolments), key=key, now=now)


def _following() -> QuerySet[Enrolment]:
    """Enrolments in open campaigns whose published revision has a task that moves by itself."""
    live = list(Campaign.objects.filter(state__in=states.OPEN, current__isnull=False).order_by("pk"))
    definitions = published.definitions_of(",".join(f"{each.current_id}:{each.state}" for each in live))
    moving = kinds.observing()
    return Enrolment.objects.filter(
        campaign__in=[
            campaign.pk
            for campaign, definition in zip(live, definitions, strict=True)
            if any(task.kind in moving for task in definition.tasks)
        ]
    )


def follow_in_slices(enrolment_ids: Sequence[int], *, key: str, now: datetime) -> None:
    """Few are moved at once, more are given to jobs of their own."""
    if len(enrolment_ids) <= SLICE:
        follow(enrolment_ids, now=now)
        return
    for start in range(0, len(enrolment_ids), SLICE):
        jobs.enqueue(
            "campaigns.jobs.follow",
            key=f"follow:{key}:{start}",
            arguments={"enrolment_ids": list(enrolment_ids[start : start + SLICE])},
        )


@touches.together()
def follow(enrolment_ids: Sequence[int], *, now: datetime) -> None:
    """Look at the open tasks of these enrolments again, but of members who were erased.

    All enrolments are locked first, then all members, each in the order of their ids: what one is given holds its
    account, and whoever settles orders wants the accounts in another order.
    """
    those = Enrolment.objects.filter(pk__in=enrolment_ids, member__erased_at=None).order_by("id")
    _look_again(those, now=now)


@touches.together()
def look_again(member_ids: Collection[int], slug: str, *, now: datetime) -> None:
    """Look at the open tasks of these members in one campaign again: facts of theirs were written just now."""
    those = Enrolment.objects.filter(member__in=member_ids, campaign__slug=slug, member__erased_at=None)
    _look_again(those.order_by("id"), now=now)


@touches.together()
def follow_late(moments: Mapping[int, Sequence[datetime]], *, of: Callable[[Task], bool], now: datetime) -> None:
    """Look at open tasks of enrolments as they were at earlier moments: facts of those days came in only now."""
    those = Enrolment.objects.filter(pk__in=moments.keys(), member__erased_at=None).order_by("id")
    for enrolment in _locked(those):
        for moment in moments[enrolment.pk]:
            try:
                play = enter_at(enrolment.member, enrolment.campaign.slug, at=moment, now=now)
            except Refused:
                continue
            moving_tasks.observe_open(play, of=of)


def _locked(those: QuerySet[Enrolment]) -> list[Enrolment]:
    enrolments = list(those.select_related("member", "campaign").select_for_update(of=("self",)))
    locking.lock_by_id({each.member_id for each in enrolments})
    return enrolments


def _look_again(those: QuerySet[Enrolment], *, now: datetime) -> None:
    for enrolment in _locked(those):
        try:
            play = enter(enrolment.member, enrolment.campaign.slug, now=now)
        except Refused:
            continue
        moving_tasks.observe_open(play)

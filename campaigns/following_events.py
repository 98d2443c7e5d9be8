"""Tasks that move by behaviour events: which types the live campaigns want, and whose tasks move by those that came.

Events come in batches and late: what happened yesterday counts for yesterday's period, once it is known.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache, partial

from django.db.models import Q

from campaigns import following, kinds, published, states
from campaigns.definition import Campaign, Task
from campaigns.models import Campaign as Draft
from campaigns.models import Enrolment
from campaigns.periods import DAILY, period_key
from campaigns.zones import zone_of
from members.models import Event
from operations import jobs

# Events that come later than this move what is open now, and nothing of the day on which they happened.
LATEST = timedelta(days=3)

# (member, type, time)
Arrived = tuple[int, str, datetime]
# Enrolment → the moments at which its tasks are looked at.
Moments = dict[int, list[datetime]]


def types_wanted() -> frozenset[str]:
    """The types of events that move a task of a live campaign. One small query: it is asked with each batch."""
    return frozenset().union(*_types_by_campaign(_edition()).values())


def follow_events(event_ids: Sequence[Sequence[str]], *, now: datetime) -> None:
    """Move what these events, [event_id, time in ISO 8601] each, may have moved."""
    wanted = _types_by_campaign(_edition())
    arrived = _arrived(event_ids, frozenset().union(*wanted.values()))
    concerned = _enrolments(arrived, wanted)
    if not concerned:
        return
    first, at = event_ids[0]
    key = f"event:{at}:{first}"
    late = _late(arrived, concerned, wanted, now)
    if len(late) <= following.SLICE:
        follow_late(late, now=now)
    else:
        _late_in_slices(late, key=key)
    following.follow_in_slices(sorted(concerned), key=key, now=now)


def follow_late(moments: Mapping[int, Sequence[datetime]], *, now: datetime) -> None:
    following.follow_late(moments, of=_moves_by_events, now=now)


def _moves_by_events(task: Task) -> bool:
    return bool(kinds.find(task.kind).events(task.config))


def _edition() -> str:
    live = Draft.objects.filter(state__in=states.OPEN, current__isnull=False).order_by("pk")
    return ",".join(f"{revision}:{state}" for revision, state in live.values_list("current_id", "state"))


@lru_cache(maxsize=64)
def _types_by_campaign(edition: str) -> dict[str, frozenset[str]]:
    """Campaign → the types it wants. A revision never changes, so what an edition wants does not either."""
    return {
        definition.slug: types for definition in published.definitions_of(edition) if (types := _types_of(definition))
    }


def _types_of(definition: Campaign) -> frozenset[str]:
    return frozenset(kind for task in definition.tasks for kind in kinds.find(task.kind).events(task.config))


def _arrived(event_ids: Sequence[Sequence[str]], types: Collection[str]) -> list[Arrived]:
    times = [datetime.fromisoformat(at) for _id, at in event_ids]
    # The bounds choose the partitions.
    found = Event.objects.filter(
        event_id__in=[event_id for event_id, _at in event_ids],
        occurred_at__range=(min(times), max(times)),
        type__in=types,
    )
    return list(found.values_list("member_id", "type", "occurred_at"))


def _enrolments(arrived: Iterable[Arrived], wanted: Mapping[str, Collection[str]]) -> dict[int, tuple[str, int]]:
    """Enrolment → (campaign, member), of who takes part in a campaign that wants an event of theirs."""
    members: dict[str, set[int]] = defaultdict(set)
    for member_id, kind, _at in arrived:
        for slug, types in wanted.items():
            if kind in types:
                members[slug].add(member_id)
    if not members:
        return {}
    asked = Q()
    for slug, member_ids in members.items():
        asked |= Q(campaign__slug=slug, member_id__in=member_ids)
    rows = Enrolment.objects.filter(asked).values_list("pk", "campaign__slug", "member_id")
    return {pk: (slug, member_id) for pk, slug, member_id in rows}


def _late(
    arrived: Iterable[Arrived],
    concerned: Mapping[int, tuple[str, int]],
    wanted: Mapping[str, Collection[str]],
    now: datetime,
) -> Moments:
    """The last moment of each earlier day of the campaign's zone on which something happened, not too long ago."""
    by_member: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for member_id, kind, at in arrived:
        if now - LATEST <= at < now:
            by_member[member_id].append((kind, at))
    zones = {each.slug: zone_of(each) for each in published.definitions_of(_edition())}
    late: Moments = {}
    for pk, (slug, member_id) in concerned.items():
        day = partial(period_key, DAILY, zone=zones[slug])
        moments = {day(at): at for kind, at in sorted(by_member[member_id], key=_time) if kind in wanted[slug]}
        moments.pop(day(now), None)
        if moments:
            late[pk] = list(moments.values())
    return late


def _time(happened: tuple[str, datetime]) -> datetime:
    return happened[1]


def _late_in_slices(late: Moments, *, key: str) -> None:
    pks = sorted(late)
    for start in range(0, len(pks), following.SLICE):
        few = {str(pk): [at.isoformat() for at in late[pk]] for pk in pks[start : start + following.SLICE]}
        jobs.enqueue("campaigns.jobs.follow_late", key=f"late:{key}:{start}", arguments={"moments": few})

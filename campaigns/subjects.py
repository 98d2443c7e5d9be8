"""A member's facts for a decision, in one SQL query for however many members and campaigns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import orjson
from django.utils import timezone

from campaigns import features, published
from campaigns.admission import NO_CHANCES, Subject, TaskFacts, groups_of
from campaigns.definition import Campaign, Task
from campaigns.periods import TIMES, keys_at, number_of, period_key, times_key
from campaigns.zones import zone_of, zones_of
from members.models import Member
from operations.prepared import prepared_cursor
from segmentation import member_sets

# `slugs` NULL means every campaign that is running. What the member has done is read from their own rows outward, so
# that the number of campaigns hardly matters.
FACTS = """
SELECT m.id, m.uid, l.slug, l.extra_chances, l.extra_chances_period, m.profiling_refused_at IS NOT NULL,
       ARRAY(SELECT g.slug || '.' || t.slug
               FROM segmentation_membertag mt
               JOIN segmentation_tag t ON t.id = mt.tag_id
               JOIN segmentation_taggroup g ON g.id = t.group_id
              WHERE mt.member_id = m.id AND (mt.expires_at IS NULL OR mt.expires_at > %(now)s)),
       (SELECT json_object_agg(s.slug, s.members_id) FROM segmentation_segment s
         WHERE s.slug = ANY(%(segments)s) AND s.members_id IS NOT NULL)::text,
       (SELECT string_agg(c.current_id || ':' || c.state, ',' ORDER BY c.id) FROM campaigns_campaign c
         WHERE c.current_id IS NOT NULL
           AND CASE WHEN %(slugs)s::text[] IS NULL THEN c.state IN ('live', 'paused', 'scheduled')
                    ELSE c.slug = ANY(%(slugs)s::text[]) END),
       (SELECT json_agg(json_build_array(c.slug, e.score,
                   (SELECT json_agg(json_build_array(p.task_key, p.period, p.count, p.data,
                                                     d.id IS NOT NULL, d.rewarded_at IS NOT NULL,
                                    CASE WHEN p.finish_until IS NOT NULL OR d.claim_until IS NOT NULL
                                           OR d.held_at IS NOT NULL OR d.refused_at IS NOT NULL
                                         THEN json_build_array(
                                             (extract(epoch FROM CASE WHEN p.lapsed_at IS NULL THEN p.finish_until
                                                                      ELSE 'epoch' END) * 1000000)::bigint,
                                             (extract(epoch FROM d.claim_until) * 1000000)::bigint,
                                             d.held_at IS NOT NULL, d.refused_at IS NOT NULL) END))
                      FROM campaigns_progress p
                      LEFT JOIN campaigns_completion d
                             ON d.enrolment_id = p.enrolment_id AND d.task_key = p.task_key AND d.period = p.period
                     WHERE p.enrolment_id = e.id AND (p.period = ANY(%(periods)s) OR p.period LIKE '#%%')),
                   (SELECT json_object_agg(s.chain_key, json_build_array(s.step, s.since))
                      FROM (SELECT chain_key, max(step) AS step,
                                   (extract(epoch FROM min(done_at)) * 1000000)::bigint AS since
                              FROM campaigns_chainprogress
                             WHERE enrolment_id = e.id GROUP BY chain_key) s),
                   e.level_chances_period))
          FROM campaigns_enrolment e JOIN campaigns_campaign c ON c.id = e.campaign_id
         WHERE e.member_id = m.id
           AND CASE WHEN %(slugs)s::text[] IS NULL THEN c.state IN ('live', 'paused', 'scheduled')
                    ELSE c.slug = ANY(%(slugs)s::text[]) END)::text,
       (SELECT json_agg(json_build_array(ch.scope, ch.bucket, ch.granted - ch.used)) FROM rewards_chances ch
         WHERE ch.member_id = m.id AND ch.granted > ch.used)::text,
       (SELECT json_agg(json_build_array(c.slug, q.task_key, q.part, q.period, q.taken))
          FROM campaigns_taskquota q JOIN campaigns_campaign c ON c.id = q.campaign_id
         WHERE q.taken >= q.quota AND q.period = ANY(%(periods)s)
           AND CASE WHEN %(slugs)s::text[] IS NULL THEN c.state IN ('live', 'paused', 'scheduled')
                    ELSE c.slug = ANY(%(slugs)s::text[]) END)::text,
       (SELECT edition FROM rewards_catalogueedition)
"""
OF_MEMBERS = FACTS + "  FROM members_member m LEFT JOIN members_level l ON l.id = m.level_id\n WHERE "
BY_ID = OF_MEMBERS + "m.id = ANY(%(members)s)"
BY_UID = OF_MEMBERS + "m.uid = ANY(%(members)s) AND m.erased_at IS NULL"
# Of somebody who is no member the same is asked: no row has the id 0. What is full is full for them too.
OF_NOBODY = (
    FACTS
    + "  FROM (SELECT 0::bigint AS id, ''::text AS uid, NULL::timestamptz AS profiling_refused_at) m\n"
    + "  LEFT JOIN members_level l ON false\n WHERE m.id = ANY(%(members)s)"
)
NOBODY = 0

_said: ContextVar[tuple[int, frozenset[str]] | None] = ContextVar("segments of a made-up member", default=None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What one row of the query says. `edition` is explained in `campaigns.published`.

    `level_chances` are the draws that the member's level brings in this period: its key, and how many. `catalogue` is
    the edition that `rewards.catalogue` keeps gifts and pools by.
    """

    subject: Subject
    edition: str
    enrolments: Mapping[str, Sequence[Any]]
    # scope → bucket → chances left
    chances: Mapping[str, Mapping[str, int]]
    level_chances: tuple[str, int] | None = None
    # slug → [task key, key of a quota, key of its period, how often it was done by all]: those that are full
    full: Mapping[str, Sequence[tuple[str, str, str, int]]] = field(default_factory=dict)
    catalogue: int | None = None

    def knows(self, slug: str) -> bool:
        """Whether there are facts of the member's own in the campaign, or places that are taken."""
        return slug in self.enrolments or f"campaign:{slug}" in self.chances or slug in self.full

    def slugs_known(self) -> set[str]:
        """The keys of all campaigns of which `knows` says so."""
        of_chances = (scope.removeprefix("campaign:") for scope in self.chances)
        return {*self.enrolments, *self.full, *of_chances}

    def for_campaign(self, definition: Campaign) -> Subject:
        """The subject of one campaign. Campaigns in which nothing is known of the member share one."""
        if not self.knows(definition.slug):
            return self.subject
        enrolment = self.enrolments.get(definition.slug)
        _, score, tasks, chains, given = enrolment or (None, 0, (), None, "")
        known = self.subject
        held = self.chances.get(f"campaign:{definition.slug}", NO_CHANCES)
        return Subject(
            member_id=known.member_id,
            uid=known.uid,
            now=known.now,
            level=known.level,
            tags=known.tags,
            segments=known.segments,
            tag_groups=known.tag_groups,
            score=score,
            chances=sum(held.values()),
            chances_by_bucket=held,
            tasks=_task_facts(definition, tasks or (), known.now),
            chains={key: step for key, (step, _) in chains.items()} if chains else None,
            chains_since={key: _moment(since) for key, (_, since) in chains.items()} if chains else None,
            full=_full_now(definition, self.full.get(definition.slug, ()), known.now),
            enrolled=enrolment is not None,
            level_chances=self._level_chances_due(given) if enrolment and definition.pools else None,
            profiling_refused=known.profiling_refused,
        )

    def _level_chances_due(self, given: str) -> tuple[str, int] | None:
        """What the level brings, unless it was given for the period already."""
        return self.level_chances if self.level_chances and self.level_chances[0] != given else None


def _task_facts(definition: Campaign, rows: Iterable[Sequence[Any]], now: datetime) -> dict[str, TaskFacts]:
    zone = zone_of(definition)
    keys: dict[str, str] = {}
    facts: dict[str, TaskFacts] = {}
    for row in rows:
        task = definition.by_key.get(row[0])
        if task is None:
            continue
        if task.period == TIMES:
            _last_time(facts, task, row, now)
            continue
        if task.period not in keys:
            keys[task.period] = period_key(task.period, now, zone)
        if row[1] == keys[task.period]:
            facts[task.key] = _facts_of(row)
    return facts


def _facts_of(row: Sequence[Any], before: int = 0) -> TaskFacts:
    _, period, count, data, completed, rewarded, rare = row
    finish, claim, held, denied = rare or (None, None, False, False)
    finish_until, claim_until = (None if each is None else _moment(each) for each in (finish, claim))
    return TaskFacts(count, data, completed, rewarded, period, True, before, finish_until, claim_until, held, denied)


def _last_time(facts: dict[str, TaskFacts], task: Task, row: Sequence[Any], now: datetime) -> None:
    """Of a task done several times, the last time counts, and once that is over the next, which nobody has begun."""
    number = number_of(row[1])
    known = facts.get(task.key)
    if number == 0 or (known is not None and number < (number_of(known.period) + known.begun)):
        return
    last = _facts_of(row, before=number - 1)
    if is_over(last, now) and number < task.times:
        last = TaskFacts(period=times_key(number + 1), begun=False, before=number)
    facts[task.key] = last


def is_over(facts: TaskFacts, now: datetime) -> bool:
    """Whether nothing more can come of a time: rewarded, denied, or one of its deadlines is past."""
    if facts.completed:
        expired = facts.claim_until is not None and facts.claim_until <= now and not facts.held
        return facts.rewarded or facts.denied or expired
    return facts.finish_until is not None and facts.finish_until <= now


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def load_subject(member: Member, definition: Campaign, *, now: datetime) -> Subject:
    """One member's facts for one campaign, and whether that is paused or ended at this moment."""
    return load_subjects(member, [definition], now=now)[definition.slug]


def load_subjects(member: Member, definitions: Sequence[Campaign], *, now: datetime) -> dict[str, Subject]:
    """One member's facts for several campaigns, by their slugs."""
    slugs = [definition.slug for definition in definitions]
    (facts,) = _load(
        BY_ID, [member.pk], slugs=slugs, segments=segments_asked_for(definitions), zones=zones_of(definitions), now=now
    )
    states = {current.slug: current for current in published.definitions_of(facts.edition)}
    return {
        definition.slug: _with_state(facts.for_campaign(definition), states.get(definition.slug))
        for definition in definitions
    }


def _with_state(subject: Subject, current: Campaign | None) -> Subject:
    if current is None or not (current.paused or current.ended):
        return subject
    values = {name: getattr(subject, name) for name in Subject.__slots__}
    return Subject(**values | {"paused": current.paused, "ended": current.ended})


def load_person(member_id: int, segments: Sequence[str], *, now: datetime) -> Subject:
    """One member's facts outside of any campaign: level, tags, and which of these segments they are in."""
    (facts,) = _load(BY_ID, [member_id], slugs=[], segments=segments, zones=(), now=now)
    return facts.subject


def load_members(uids: Sequence[str], definition: Campaign, *, now: datetime) -> dict[str, Subject]:
    """Many members' facts for one campaign, by uid; unknown uids are left out."""
    segments = segments_asked_for([definition])
    zones = zones_of([definition])
    found = _load(BY_UID, list(uids), slugs=[definition.slug], segments=segments, zones=zones, now=now)
    return {facts.subject.uid: facts.for_campaign(definition) for facts in found}


def load_running(uid: str, *, now: datetime) -> tuple[tuple[Campaign, ...], Facts] | None:
    """Every running campaign and the member's facts for them; None for an unknown uid."""
    return _of_one(_load_with_definitions(BY_UID, [uid], None, now))


def load_published(uid: str, slug: str, *, now: datetime) -> tuple[Campaign | None, Facts] | None:
    """One campaign as it is published now, if it is, and the member's facts; None for an unknown uid."""
    return _one_published(_of_one(_load_with_definitions(BY_UID, [uid], slug, now)))


def load_visit(member_id: int, slug: str, *, now: datetime) -> tuple[Campaign | None, Facts] | None:
    """As `load_published`, of a member who is known already; None where they are gone."""
    return _one_published(_of_one(_load_with_definitions(BY_ID, [member_id], slug, now)))


def load_many(uids: Sequence[str], slug: str | None, *, now: datetime) -> tuple[tuple[Campaign, ...], dict[str, Facts]]:
    """The campaign of this key, or every running one, and many members' facts by uid; unknown uids are left out.

    Without anybody who is known there are no campaigns either: nothing was asked of them.
    """
    definitions, found = _load_with_definitions(BY_UID, uids, slug, now)
    return definitions, {facts.subject.uid: facts for facts in found}


def load_nobody(slug: str | None, *, now: datetime) -> tuple[tuple[Campaign, ...], Facts]:
    """As `load_many`, for somebody of whom nothing is known: no level, no tags, in no segment."""
    definitions, (facts,) = _load_with_definitions(OF_NOBODY, [NOBODY], slug, now)
    return definitions, facts


def _of_one(loaded: tuple[tuple[Campaign, ...], list[Facts]]) -> tuple[tuple[Campaign, ...], Facts] | None:
    definitions, found = loaded
    return (definitions, found[0]) if found else None


def _one_published(loaded: tuple[tuple[Campaign, ...], Facts] | None) -> tuple[Campaign | None, Facts] | None:
    if loaded is None:
        return None
    definitions, facts = loaded
    return (definitions[0] if definitions else None), facts


# What this worker last saw published of one campaign, or running of all (None): edition, definitions, their segments
# and time zones.
_last_seen: dict[str | None, tuple[str, tuple[Campaign, ...], list[str], frozenset[tzinfo]]] = {}
MOST_SEEN = 512


def _load_with_definitions(
    sql: str, members: Sequence[Any], slug: str | None, now: datetime
) -> tuple[tuple[Campaign, ...], list[Facts]]:
    """Load definitions and facts in one query.

    The query needs to know which segments the campaigns ask for, and is the one to say which campaigns there are. So
    the worker asks for what it last saw; when the answer names another edition, it asks once more.
    """
    slugs = None if slug is None else [slug]
    while True:
        edition, definitions, segments, zones = _last_seen.get(slug, ("", (), [], frozenset()))
        found = _load(sql, members, slugs=slugs, segments=segments, zones=zones, now=now)
        if not found:
            return (), []
        if found[0].edition == edition:
            return definitions, found
        _remember(slug, found[0].edition)


def forget(slug: str) -> None:
    """Drop what a campaign that was tried out and taken back left here."""
    _last_seen.pop(slug, None)
    _last_seen.pop(None, None)


def _remember(slug: str | None, edition: str) -> None:
    if len(_last_seen) >= MOST_SEEN:
        _last_seen.clear()
    definitions = published.definitions_of(edition)
    _last_seen[slug] = (edition, definitions, segments_asked_for(definitions), frozenset(zones_of(definitions)))


def segments_asked_for(definitions: Iterable[Campaign]) -> list[str]:
    """The keys of all segments that some audience of these campaigns names."""
    asked: set[str] = set()
    for definition in definitions:
        had = features.of(definition.features)
        beside = (each for name, feature in had.items() for each in feature.audiences(definition.features[name]))
        for audience in (*(part.audience for part in definition.asking), *beside):
            asked |= audience.segments_in | audience.segments_not_in
    return sorted(asked)


def _load(  # noqa: PLR0913 what a query asks for
    sql: str,
    members: Sequence[Any],
    *,
    slugs: Sequence[str] | None,
    segments: Sequence[str],
    zones: Iterable[tzinfo],
    now: datetime,
) -> list[Facts]:
    values: dict[str, Any] = {
        "members": members,
        "slugs": slugs,
        "segments": segments,
        "now": now,
        "periods": keys_at(now, zones),
    }
    with prepared_cursor() as cursor:
        cursor.execute(sql, values)
        return [_facts(row, now) for row in cursor.fetchall()]


def _facts(row: Sequence[Any], now: datetime) -> Facts:
    member_id, uid, level, extra, extra_period, profiling_refused, tags, sets, edition, enrolments, chances = row[:11]
    full, catalogue = row[11:]
    carried = frozenset(tags)
    subject = Subject(
        member_id=member_id,
        uid=uid,
        now=now,
        level=level,
        tags=carried,
        segments=_segments_of(member_id, sets),
        tag_groups=groups_of(carried),
        profiling_refused=profiling_refused,
    )
    rows = {each[0]: each for each in orjson.loads(enrolments)} if enrolments else {}
    brought = (period_key(extra_period, now, timezone.get_default_timezone()), extra) if extra else None
    return Facts(subject, edition or "", rows, _by_bucket(chances), brought, _by_quota(full), catalogue)


def _by_quota(full: str | None) -> dict[str, list[tuple[str, str, str, int]]]:
    taken: dict[str, list[tuple[str, str, str, int]]] = {}
    for slug, key, part, period, count in orjson.loads(full) if full else ():
        taken.setdefault(slug, []).append((key, part, period, count))
    return taken


def _full_now(
    definition: Campaign, full: Sequence[tuple[str, str, str, int]], now: datetime
) -> dict[tuple[str, str], int]:
    """Those of the campaign's own time zone: another's day may be over."""
    zone = zone_of(definition)
    return {
        (key, part): count
        for key, part, period, count in full
        if period == period_key(part.partition(":")[0], now, zone)
    }


def _by_bucket(chances: str | None) -> dict[str, dict[str, int]]:
    held: dict[str, dict[str, int]] = {}
    for scope, bucket, left in orjson.loads(chances) if chances else ():
        held.setdefault(scope, {})[bucket] = left
    return held


@contextmanager
def said_of(member_id: int, segments: frozenset[str]) -> Iterator[None]:
    """Let a member who is made up be in these segments, for what is asked inside, in this thread only."""
    token = _said.set((member_id, segments))
    try:
        yield
    finally:
        _said.reset(token)


def _segments_of(member_id: int, sets: str | None) -> frozenset[str]:
    if (said := _said.get()) is not None and said[0] == member_id:
        return said[1]
    if sets is None:
        return frozenset()
    current: dict[str, int] = orjson.loads(sets)
    holding = member_sets.sets_holding(current.values(), member_id)
    return frozenset(slug for slug, set_id in current.items() if set_id in holding)

"""Tags that follow a rule: whoever the rule holds for carries the tag, and nobody else.

In an exclusive group the rules are asked in the order of the tags, and the first that holds wins; there all tags have
a rule or none has. Members are brought in line in slices, so that they are locked for moments only; each slice is right
by itself, and what is left over is the next job's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from pyroaring import BitMap

from members import touches
from members.uses import Name, Use
from operations import jobs
from operations.models import Job
from segmentation import evaluation, rules, tagging, world
from segmentation.columns import read_ids
from segmentation.counting import read_rule
from segmentation.dependencies import families_of
from segmentation.locking import take_turn
from segmentation.models import MemberTag, Tag
from segmentation.rule_errors import RuleError
from segmentation.sources import source_of
from segmentation.tagging import Setter, Wanted
from segmentation.uses import names_in
from segmentation.world import World

BY_RULE = Setter(MemberTag.Source.RULE)
# Members that one transaction brings in line.
SLICE = 20_000
JOB = "segmentation.jobs.recompute_tags_by_rule"
FOLLOW = "segmentation.jobs.follow_tag"
_CARRIED = "SELECT member_id AS id FROM segmentation_membertag WHERE tag_id = %s"


@dataclass(frozen=True, slots=True)
class Moved:
    """How many members came to carry the tags or lost them, and how many are still to be brought in line."""

    entered: int
    left: int
    waiting: int


def request_recompute(tag: Tag, *, now: datetime, part: int = 0) -> None:
    """Ask a worker to bring the members of the tag, in an exclusive group of all its tags, in line with the rules."""
    key = f"tag-by-rule:{tag.pk}:{now.isoformat()}:{part}"
    jobs.enqueue(JOB, key=key, arguments={"tag_id": tag.pk, "asked_at": now.isoformat(), "part": part})


@transaction.atomic
def request_all(*, now: datetime, reading: str = "") -> int:
    """Ask for all tags by rule, or those whose rule reads the family `reading`, as "segment"; returns how many."""
    first = [unit[0] for unit in _units(_ruled()) if not reading or reading in _families(unit)]
    for tag in first:
        request_recompute(tag, now=now)
    return len(first)


@transaction.atomic
def recompute(tag: Tag, *, now: datetime) -> Moved:
    """Bring members in line, SLICE at most. Raises RuleError, or SourceError where a rule cannot be answered now."""
    take_turn("tag_by_rule", tag.group_id)
    unit = _unit_of(tag)
    if not unit:
        return Moved(0, 0, 0)
    state = touches.state()
    moved = _bring_in_line(unit, world.everyone(now=now))
    if not moved.waiting:
        _note_state(unit, state)
    return moved


@transaction.atomic
def follow(tag: Tag, *, now: datetime) -> Moved:
    """Look again at the members touched since everybody was in line with the rule.

    Where that is not known, or they are too many, the whole is asked for. Tags of one unit are told by any of them.
    """
    take_turn("tag_by_rule", tag.group_id)
    # Before anybody asks who was touched: who is touched in between is told after it.
    state = touches.state()
    unit = _unit_of(tag)
    touched = _touched(unit) if unit else []
    if touched == []:
        return Moved(0, 0, 0)
    if touched is None or len(touched) > SLICE:
        _note_state(unit, "")
        request_recompute(unit[0], now=now)
        return Moved(0, 0, 0)
    moved = _bring_in_line(unit, world.only(touched, now=now), most=None)
    _note_state(unit, state)
    return moved


def ask_to_follow(*, now: datetime) -> int:
    """Ask for each unit of tags for which members were touched, in the caller's transaction; returns how many."""
    behind = [unit[0] for unit in _units(_ruled()) if all(tag.rule_as_of for tag in unit) and _touched(unit) != []]
    if not behind:
        return 0
    # One that nobody has begun looks after this moment; a second would wait for its turn, and a worker with it.
    waiting = Job.objects.filter(function=FOLLOW, state=Job.State.QUEUED).select_for_update(skip_locked=True)
    asked = {job.arguments["tag_id"] for job in waiting}
    for tag in [each for each in behind if each.pk not in asked]:
        # Of its own: tags that are set touch members for other rules, which this transaction has looked at already.
        jobs.enqueue(FOLLOW, key=f"{FOLLOW}:{tag.pk}:{now.isoformat()}", arguments={"tag_id": tag.pk})
    return len(behind)


def in_rules(name: Name) -> Iterator[Use]:
    """Say which tags' rules use the name (for `members.uses`)."""
    for tag in _ruled():
        if name in names_read([tag]):
            words = _("the rule of tag “%(tag)s”") % {"tag": tag}
            yield Use(words, reverse("admin:segmentation_taggroup_change", args=[tag.group_id]))


def names_read(tags: Iterable[Tag]) -> set[Name]:
    """Return what the rules of the tags name. One that cannot be read, names nothing."""
    found: set[Name] = set()
    for tag in tags:
        try:
            found |= names_in(rules.parse(tag.rule))
        except RuleError:
            continue
    return found


def _ruled() -> QuerySet[Tag]:
    return Tag.objects.filter(rule__isnull=False).select_related("group")


def _units(tags: Iterable[Tag]) -> list[list[Tag]]:
    """Return the tags that are decided together: those of an exclusive group, in their order; every other alone."""
    units: dict[int, list[Tag]] = {}
    for tag in tags:
        units.setdefault(tagging.place_of(tag), []).append(tag)
    return list(units.values())


def _unit_of(tag: Tag) -> list[Tag]:
    """Return the tags that are decided together with this one, itself among them; [] where it follows no rule."""
    return next((unit for unit in _units(_ruled().filter(group=tag.group_id)) if tag in unit), [])


def _touched(unit: list[Tag]) -> list[int] | None:
    if not all(tag.rule_as_of for tag in unit):
        return None
    families = set().union(*(tag.rule_families for tag in unit))
    return touches.touched_since(unit[0].rule_as_of, families)


def _note_state(unit: list[Tag], state: str) -> None:
    for tag in unit:
        families = families_of(rules.parse(tag.rule)) if state else tag.rule_families
        Tag.objects.filter(pk=tag.pk).update(rule_as_of=state, rule_families=families)


def _families(unit: Iterable[Tag]) -> set[str]:
    found: set[str] = set()
    for tag in unit:
        try:
            for leaf in rules.leaves(rules.parse(tag.rule)):
                found |= {leaf.field.split(".")[0], *source_of(leaf).families}
        except RuleError:
            continue
    return found


def _bring_in_line(unit: list[Tag], within: World, most: int | None = SLICE) -> Moved:
    """Set first and take away then: in an exclusive group what is set takes the place of the other tag."""
    wanted = _wanted(unit, within)
    entering = [Wanted(each, tag) for tag in unit for each in wanted[tag.pk] - _carried(tag, within, for_good=True)]
    entered = tagging.set_each(entering[:most], by=BY_RULE, now=within.now)
    waiting = len(entering[most:]) if most is not None else 0
    room = None if most is None else max(most - len(entering), 0)
    leaving = [Wanted(each, tag) for tag in unit for each in _carried(tag, within) - wanted[tag.pk]]
    left = tagging.remove_each(leaving[:room], by=BY_RULE, now=within.now)
    waiting += len(leaving[room:]) if room is not None else 0
    return Moved(entered.created + entered.updated, left, waiting)


def _wanted(unit: list[Tag], within: World) -> dict[int, BitMap]:
    taken, wanted = BitMap(), {}
    for tag in unit:
        holds = evaluation.members_of(read_rule(tag.rule), within)
        wanted[tag.pk] = holds - taken if tag.group.exclusive else holds
        taken |= holds
    return wanted


def _carried(tag: Tag, within: World, *, for_good: bool = False) -> BitMap:
    """Who has a row of the tag; `for_good` leaves out those that end, as hands had set them before there was a rule."""
    params: list[Any] = [tag.pk]
    sql = _CARRIED
    if for_good:
        sql += " AND expires_at IS NULL"
    if within.only is not None:
        sql, params = f"{sql} AND member_id = ANY(%s)", [*params, within.only]
    return read_ids(sql, params)

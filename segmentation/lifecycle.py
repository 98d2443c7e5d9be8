"""Lifecycle models computed anew: all members staged, each stage stored as a set, published by one pointer."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy
from django.db import transaction
from pyroaring import BitMap

from members import touches
from operations import jobs
from segmentation import kept_versions, lifecycle_stages, member_sets, past_facts, repurchase, tagging_by_rule, world
from segmentation.columns import bitmap_of
from segmentation.definitions import readers_of
from segmentation.facts import clock
from segmentation.kept_versions import LATER, end_of, moves_between
from segmentation.lifecycle_stages import STAGES, Anchors, Definition, Traces
from segmentation.lifecycle_versions import CHANGE, read_part
from segmentation.locking import take_turn
from segmentation.models import CategoryCycle, LifecycleModel, LifecycleSet, LifecycleVersion
from segmentation.recomputing import request_recompute
from segmentation.repurchase import Cycle, Learning, Tally
from segmentation.world import World

# For so long a version tells what time alone changes; an older one is asked of the facts.
HORIZON = timedelta(days=2)


def request_recompute_lifecycle(model: LifecycleModel, *, at: date | None = None, now: datetime, key: str = "") -> None:
    """Ask a worker to stage all members, at the end of the day `at` or when it gets to it. Call it in a transaction."""
    jobs.enqueue(
        "segmentation.jobs.recompute_lifecycle",
        key=key or f"lifecycle:{model.pk}:{now.isoformat()}",
        arguments={"model_id": model.pk, "at": at.isoformat() if at else None},
    )


@transaction.atomic
def recompute(model: LifecycleModel, *, at: date | None = None, now: datetime) -> LifecycleVersion:
    """Stage everyone now, or at the end of the day `at`, learn the cycles, and publish the new version.

    Recomputations of one model take turns; the last good version serves until this one is whole.
    """
    take_turn("lifecycle", model.pk)
    model.refresh_from_db()
    as_of = touches.state()
    everyone = world.everyone(now=end_of(at, now))
    moment = clock.moment(everyone.now)
    traces, tallies, later = _read(model, everyone, moment)
    cycles = repurchase.cycles(repurchase.together(tallies), learning_of(model))
    definition = definition_of(model, cycles)
    anchors = [lifecycle_stages.anchors_of(each, definition) for each in traces]
    sets = _staged(anchors, definition, moment) | {LATER: later}
    until = everyone.now + HORIZON
    version = LifecycleVersion.objects.create(
        model=model,
        at=everyone.now,
        computed_at=now,
        as_of=as_of,
        size=len(everyone.members),
        definition=lifecycle_stages.as_json(definition),
        cycles=[repurchase.as_json(cycle) for cycle in cycles],
        summary=_summary(sets, anchors, definition, moment, model.current),
        changes=_changes(anchors, definition, moment, clock.moment(until)),
        changes_until=until,
    )
    _publish(model, version, sets)
    return version


@transaction.atomic
def recompute_with_readers(model: LifecycleModel, *, at: date | None = None, now: datetime) -> LifecycleVersion:
    """Stage all members, and ask for the segments and tags whose rules read the stages."""
    version = recompute(model, at=at, now=now)
    for segment in readers_of(("lifecycle", model.slug)):
        request_recompute(segment, now=now)
    tagging_by_rule.request_all(now=now, reading="lifecycle")
    return version


def learning_of(model: LifecycleModel) -> Learning:
    """Return how the model learns its cycles, and what is set by hand."""
    days, high = {}, {}
    for each in model.cycles.all():
        if each.days is not None:
            days[each.category] = each.days
        if each.high != CategoryCycle.High.LEARNED:
            high[each.category] = each.high == CategoryCycle.High.ALWAYS
    return Learning(model.fewest_gaps, model.repeat_share, days, high)


def definition_of(model: LifecycleModel, cycles: list[Cycle]) -> Definition:
    """Return what the stages mean, with the days of those categories that are bought again."""
    return Definition(
        interested_days=model.interested_days,
        interested_events=tuple(model.interested_events),
        new_days=model.new_days,
        new_years=model.new_years,
        active_days=model.active_days,
        sleeping_days=model.sleeping_days,
        priority=tuple(model.priority.split(",")),
        due_from=model.due_from,
        due_until=model.due_until,
        cycles={cycle.category: cycle.days for cycle in cycles if cycle.high and cycle.days is not None},
    )


def _read(model: LifecycleModel, everyone: World, moment: int) -> tuple[list[Traces], list[dict[str, Tally]], BitMap]:
    """Read every part once: the traces of its members, what can be learned of it, and who has later facts."""
    since = clock.day(everyone.today) - model.learning_days + 1
    traces, tallies, later = [], [], BitMap()
    for part in everyone.parts:
        found, bought, runs = read_part(part, tuple(model.interested_events), moment)
        traces.append(found)
        tallies.append(repurchase.tally(bought, runs, since))
        later |= bitmap_of(past_facts.with_later(part.people.member, part.orders, part.events, moment))
    return traces, tallies, later


def _staged(anchors: list[Anchors], definition: Definition, moment: int) -> dict[str, BitMap]:
    found = {stage: BitMap() for stage in STAGES}
    for each in anchors:
        stages = lifecycle_stages.stages(each, definition, moment)
        for number, stage in enumerate(STAGES):
            found[stage] |= bitmap_of(each.ids[stages == number])
    return found


def _changes(anchors: list[Anchors], definition: Definition, moment: int, until: int) -> bytes:
    found = [lifecycle_stages.changes(each, definition, moment, until) for each in anchors]
    rows = numpy.zeros(sum(each.ids.size for each in found), dtype=CHANGE)
    if found:
        rows["at"] = numpy.concatenate([each.moment for each in found])
        rows["id"] = numpy.concatenate([each.ids for each in found])
        rows["stage"] = numpy.concatenate([each.stage for each in found])
    return rows[numpy.argsort(rows["at"], kind="stable")].tobytes()


def _summary(
    sets: dict[str, BitMap],
    anchors: list[Anchors],
    definition: Definition,
    moment: int,
    before: LifecycleVersion | None,
) -> dict[str, Any]:
    meets = dict.fromkeys(STAGES[1:], 0)
    for each in anchors:
        for stage, held in lifecycle_stages.conditions(each, definition, moment).items():
            meets[stage] += int(held.sum())
    old = {each.stage: member_sets.load(each.members_id) for each in before.sets.all()} if before else {}
    return {
        "stages": {stage: len(sets[stage]) for stage in STAGES},
        "meets": meets,
        "moves": moves_between({stage: old.get(stage, BitMap()) for stage in STAGES}, sets),
        "before": before.at.isoformat() if before else None,
    }


def _publish(model: LifecycleModel, version: LifecycleVersion, sets: dict[str, BitMap]) -> None:
    LifecycleSet.objects.bulk_create(
        LifecycleSet(version=version, stage=stage, members=member_sets.store(members))
        for stage, members in sets.items()
    )
    kept_versions.publish(model, version)

"""Value models computed anew: all members scored, scores and tiers stored as sets, published by one pointer."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import numpy
from django.db import transaction
from pyroaring import BitMap

from members import touches
from operations import jobs
from segmentation import (
    bit_slices,
    kept_versions,
    member_sets,
    past_facts,
    repurchase,
    tagging_by_rule,
    value_facts,
    value_scale,
    world,
)
from segmentation.columns import bitmap_of
from segmentation.definitions import readers_of
from segmentation.facts import clock
from segmentation.kept_versions import LATER, end_of, moves_between
from segmentation.locking import take_turn
from segmentation.models import ValueModel, ValueSet, ValueVersion
from segmentation.recomputing import request_recompute
from segmentation.repurchase import ANYTHING, Learning, Tally
from segmentation.value_facts import Figures, Settings
from segmentation.value_scale import HIGHEST, PARTS, TIERS, Tiering, Valued
from segmentation.value_versions import BITS, NAMES, past_in
from segmentation.world import World

# Scores are drawn by so many.
BIN = 50


def request_recompute_value(model: ValueModel, *, at: date | None = None, now: datetime, key: str = "") -> None:
    """Ask a worker to score all members, over the window up to the day `at` or the day it does so."""
    jobs.enqueue(
        "segmentation.jobs.recompute_value",
        key=key or f"value:{model.pk}:{now.isoformat()}",
        arguments={"model_id": model.pk, "at": at.isoformat() if at else None},
    )


@transaction.atomic
def recompute(model: ValueModel, *, at: date | None = None, now: datetime) -> ValueVersion:
    """Score everyone over the window up to the day `at`, today without it, and publish the new version.

    Recomputations of one model take turns; the last good version serves until this one is whole.
    """
    take_turn("value", model.pk)
    model.refresh_from_db()
    as_of = touches.state()
    everyone = world.everyone(now=end_of(at, now))
    settings, tiering = settings_of(model), tiering_of(model)
    figures, gaps, usual, later = _read(model, settings, everyone)
    scale = value_scale.learn(figures, tiering, gaps, usual)
    valued = value_scale.value(figures, tiering, scale)
    sets = _sets(figures, valued) | {(LATER, ""): later}
    version = ValueVersion.objects.create(
        model=model,
        at=everyone.today,
        computed_at=now,
        as_of=as_of,
        size=figures.ids.size,
        definition={"settings": asdict(settings), "tiering": asdict(tiering), "scale": value_scale.as_json(scale)},
        summary=_summary(figures, valued, sets, model.current),
    )
    _publish(model, version, sets)
    return version


@transaction.atomic
def recompute_with_readers(model: ValueModel, *, at: date | None = None, now: datetime) -> ValueVersion:
    """Score all members, and ask for the segments and tags whose rules read the scores."""
    version = recompute(model, at=at, now=now)
    for segment in readers_of(("value", model.slug)):
        request_recompute(segment, now=now)
    tagging_by_rule.request_all(now=now, reading="value")
    return version


def settings_of(model: ValueModel) -> Settings:
    return Settings(
        window_days=model.window_days,
        interaction_events=tuple(model.interaction_events),
        reputation_events=tuple(model.reputation_events),
        reputation_event_points=model.reputation_event_points,
    )


def tiering_of(model: ValueModel) -> Tiering:
    by_share = model.tiers_by == ValueModel.TiersBy.SHARES
    return Tiering(
        weights={part: getattr(model, f"{part}_weight") for part in PARTS},
        tiers_by_share=by_share,
        core=model.core_share if by_share else model.core_score,
        high_potential=model.high_potential_share if by_share else model.high_potential_score,
        spending_by=model.spending_by,
        high_spenders=model.high_spenders_share,
        middle_spenders=model.middle_spenders_share,
        own_gap_orders=model.own_gap_orders,
        churn_middle=model.churn_middle,
        churn_high=model.churn_high,
        loyal_orders=model.loyal_orders,
        loyal_span_days=model.loyal_span_days,
        loyal_spread=model.loyal_spread,
        returning_orders=model.returning_orders,
    )


def _read(model: ValueModel, settings: Settings, everyone: World) -> tuple[Figures, dict[str, int], int | None, BitMap]:
    """Read every part: first what is learned of gaps, then the figures, which need these; and who has later facts."""
    moment, day = clock.moment(everyone.now), clock.day(everyone.today)
    past = [past_in(part, moment) for part in everyone.parts]
    tallies = [
        repurchase.tally(each.bought, past_facts.runs_of_categories(each.bought))
        | {ANYTHING: repurchase.tally_of_orders(each.bought)}
        for each in past
    ]
    gaps = _gaps(repurchase.together(tallies), model.fewest_gaps)
    usual = gaps.pop(ANYTHING, None)
    figures = value_facts.joined([value_facts.figures(each, settings, day, gaps) for each in past])
    later = BitMap()
    for part in everyone.parts:
        later |= bitmap_of(past_facts.with_later(part.people.member, part.orders, part.events, moment))
    return figures, gaps, usual, later


def _gaps(tallies: dict[str, Tally], fewest: int) -> dict[str, int]:
    learned = repurchase.cycles(tallies, Learning(fewest, 0, {}, {}))
    return {cycle.category: cycle.learned for cycle in learned if cycle.learned is not None}


def _sets(figures: Figures, valued: Valued) -> dict[tuple[str, str], BitMap]:
    """Return a set for every value there can be, empty ones too, and for every binary digit of the score."""
    digits = bit_slices.slices_of(figures.ids, valued.score, BITS)
    found = {("score", str(bit)): members for bit, members in enumerate(digits)}
    for dimension, names in NAMES.items():
        column = getattr(valued, dimension)
        found |= {(dimension, name): bitmap_of(figures.ids[column == number]) for number, name in enumerate(names)}
    return found


def _summary(
    figures: Figures, valued: Valued, sets: dict[tuple[str, str], BitMap], before: ValueVersion | None
) -> dict[str, Any]:
    old = {each.value: each.members_id for each in before.sets.filter(dimension="tier")} if before else {}
    return {
        **{dimension: {name: len(sets[dimension, name]) for name in names} for dimension, names in NAMES.items()},
        "scores": numpy.bincount(
            numpy.minimum(valued.score // BIN, HIGHEST // BIN - 1), minlength=HIGHEST // BIN
        ).tolist(),
        "having": {part: int((getattr(figures, value_scale.COLUMN_OF[part]) > 0).sum()) for part in PARTS},
        "buyers": int((figures.orders > 0).sum()),
        "moves": moves_between(
            {tier: member_sets.load(old[tier]) if tier in old else BitMap() for tier in TIERS},
            {tier: sets["tier", tier] for tier in TIERS},
        ),
        "before": before.at.isoformat() if before else None,
    }


def _publish(model: ValueModel, version: ValueVersion, sets: dict[tuple[str, str], BitMap]) -> None:
    ValueSet.objects.bulk_create(
        ValueSet(version=version, dimension=dimension, value=value, members=member_sets.store(members))
        for (dimension, value), members in sets.items()
    )
    kept_versions.publish(model, version)

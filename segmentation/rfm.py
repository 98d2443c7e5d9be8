"""RFM models computed anew: all members scored, each score and class stored as a set, published by one pointer."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import numpy
from django.db import transaction

from members import touches
from members.models import Member
from operations import jobs
from segmentation import member_sets, rfm_facts, rfm_scale, rfm_spread, tagging_by_rule
from segmentation.columns import bitmap_of
from segmentation.definitions import readers_of
from segmentation.fields import RFM_CLASSES, RFM_SCORES
from segmentation.locking import take_turn
from segmentation.models import MemberSet, RfmModel, RfmSet, RfmVersion
from segmentation.recomputing import request_recompute
from segmentation.rfm_facts import Scored, Terms
from segmentation.rfm_scale import Scale, Scores

KEPT_VERSIONS = 3
CSV_HEADER = ("uid", "recency_days", "frequency", "monetary", "r", "f", "m", "class")


def request_recompute_rfm(model: RfmModel, *, now: datetime) -> None:
    """Ask a worker to score all members, over the orders up to the day on which it comes to it. In a transaction."""
    jobs.enqueue(
        "segmentation.jobs.recompute_rfm", key=f"rfm:{model.pk}:{now.isoformat()}", arguments={"model_id": model.pk}
    )


@transaction.atomic
def recompute(model: RfmModel, *, at: date, now: datetime) -> RfmVersion:
    """Score the orders up to the end of the day `at`, in the site's time zone, and publish the new version."""
    take_turn("rfm", model.pk)
    model.refresh_from_db()
    as_of = touches.state()
    scored = rfm_facts.read_facts(Terms(at, model.window_days))
    scale = _scale(model, scored)
    scores = rfm_scale.score(scale, scored.facts)
    version = RfmVersion.objects.create(
        model=model,
        at=at,
        computed_at=now,
        as_of=as_of,
        size=len(scored.ids),
        scale=rfm_scale.as_json(scale) | {"window_days": model.window_days},
        summary=summarise(scores) | _told(scored, scale, scores),
    )
    _store(version, scored, scores, scale)
    model.current = version
    model.save(update_fields=["current"])
    _prune(model)
    return version


@transaction.atomic
def recompute_with_readers(model: RfmModel, *, at: date, now: datetime) -> RfmVersion:
    """Score all members, and ask for the segments and tags whose rules read the scores."""
    version = recompute(model, at=at, now=now)
    for segment in readers_of(("rfm", model.slug)):
        request_recompute(segment, now=now)
    tagging_by_rule.request_all(now=now, reading="rfm")
    return version


def summarise(scores: Scores) -> dict[str, Any]:
    """Return the counts of each cell (r, f, m) that has members, and of each class."""
    cells, counts = numpy.unique(scores.r * 100 + scores.f * 10 + scores.m, return_counts=True)
    classes = numpy.bincount(scores.classes, minlength=len(rfm_scale.CLASS_BY_LOWS)).tolist()
    by_class = dict(zip(rfm_scale.CLASS_BY_LOWS, classes, strict=True))
    return {
        "cells": [
            [cell // 100, cell // 10 % 10, cell % 10, count]
            for cell, count in zip(cells.tolist(), counts.tolist(), strict=True)
        ],
        "classes": {key: by_class[key] for key in RFM_CLASSES},
    }


def parts_lost(version: RfmVersion) -> dict[str, tuple[int, int]]:
    """Return the dimensions that quantiles cut into fewer parts than asked, as {"f": (parts asked for, parts)}.

    Cut points that coincide make one cut; a cut at the largest value leaves the part above it empty.
    """
    if not version.size:
        return {}
    return _lost(rfm_scale.from_json(version.scale), version.summary["cells"])


def _lost(scale: Scale, cells: list[list[int]]) -> dict[str, tuple[int, int]]:
    found = {}
    for column, key in enumerate(RFM_SCORES if not scale.thresholds else ()):
        asked, there = getattr(scale, key).parts, len({cell[column] for cell in cells})
        if there < asked:
            found[key] = (asked, there)
    return found


def _told(scored: Scored, scale: Scale, scores: Scores) -> dict[str, Any]:
    """Return what the summary tells beside the counts: the spread, and the value that cost a dimension its parts."""
    lost = _lost(scale, summarise(scores)["cells"]) if scored.ids.size else {}
    values = {key: getattr(scored.facts, rfm_spread.COLUMNS[key]) for key in lost}
    return {
        "spread": rfm_spread.spread(scored.facts),
        "common": {key: rfm_spread.most_common(column) for key, column in values.items()},
    }


def export(model: RfmModel) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of CSV_HEADER, by uid: everyone as the current version scores them by now."""
    version = model.current
    if version is None:
        return
    scored = rfm_facts.read_facts(rfm_facts.terms_of(version))
    scores = rfm_scale.score(rfm_scale.from_json(version.scale), scored.facts)
    uids = dict(Member.objects.filter(metrics__orders__gt=0).values_list("pk", "uid"))
    columns = (
        scored.ids,
        scored.facts.recency,
        scored.facts.frequency,
        scored.facts.monetary,
        scores.r,
        scores.f,
        scores.m,
        scores.classes,
    )
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for member_id, recency, frequency, monetary, r, f, m, low in sorted(rows, key=lambda row: uids[row[0]]):
        yield uids[member_id], recency, frequency, f"{monetary:.2f}", r, f, m, rfm_scale.CLASS_BY_LOWS[low]


def _scale(model: RfmModel, scored: Scored) -> Scale:
    if model.method == RfmModel.Method.THRESHOLDS:
        return rfm_scale.scale_by_thresholds(scored.facts, rfm_scale.read_thresholds(model.thresholds))
    parts = {"r": model.r_parts, "f": model.f_parts, "m": model.m_parts}
    return rfm_scale.scale_by_quantiles(scored.facts, parts)


def _store(version: RfmVersion, scored: Scored, scores: Scores, scale: Scale) -> None:
    """Store a set for every score and class there can be, empty ones too: "4" is then no one, not unknown."""
    wanted = []
    for key in RFM_SCORES:
        column = getattr(scores, key)
        wanted += [(key, str(part), column == part) for part in range(1, len(getattr(scale, key).cuts) + 2)]
    wanted += [("class", key, scores.classes == low) for low, key in enumerate(rfm_scale.CLASS_BY_LOWS)]
    sets = [(dimension, value, bitmap_of(scored.ids[mask])) for dimension, value, mask in wanted]
    if scored.ahead:
        sets.append((rfm_facts.AHEAD, "", scored.ahead))
    RfmSet.objects.bulk_create(
        RfmSet(version=version, dimension=dimension, value=value, members=member_sets.store(members))
        for dimension, value, members in sets
    )


def _prune(model: RfmModel) -> None:
    for old in model.versions.order_by("-id")[KEPT_VERSIONS:]:
        sets = list(old.sets.values_list("members_id", flat=True))
        old.delete()
        MemberSet.objects.filter(pk__in=sets).delete()

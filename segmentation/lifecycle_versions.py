"""A lifecycle version read: what its stages mean, and what time alone has changed since it was staged."""

from functools import lru_cache

import numpy

from segmentation import lifecycle_stages, past_facts
from segmentation.facts.parts import Part
from segmentation.facts.tables import Column
from segmentation.lifecycle_stages import Anchors, Definition, Traces
from segmentation.models import LifecycleVersion

# A stage that time alone brings, as `LifecycleVersion.changes` keeps it.
CHANGE = numpy.dtype([("at", "<i8"), ("id", "<u4"), ("stage", "u1")])


def traces_in(part: Part, event_types: tuple[str, ...], moment: int) -> Traces:
    """Return the traces of a part's members up to `moment`."""
    bought = past_facts.bought_by(part.orders, part.items, moment)
    return lifecycle_stages.traces_of(part.people.member, bought, past_facts.done_by(part.events, event_types, moment))


def anchors_in(part: Part, definition: Definition, moment: int) -> Anchors:
    """Return the moments that decide on a part's members, up to `moment`."""
    return lifecycle_stages.anchors_of(traces_in(part, definition.interested_events, moment), definition)


def changed_by(version: LifecycleVersion, now: int) -> tuple[Column, Column]:
    """Return whom time alone has moved by `now`, each once, and the stages they are in by it."""
    rows = _changes(version.pk, bytes(version.changes))
    rows = rows[: numpy.searchsorted(rows["at"], now, side="right")][::-1]
    ids, last = numpy.unique(rows["id"], return_index=True)
    return ids.astype(numpy.int64), rows["stage"][last]


@lru_cache(maxsize=8)
def _changes(_version_id: int, packed: bytes) -> numpy.ndarray:
    return numpy.frombuffer(packed, dtype=CHANGE)

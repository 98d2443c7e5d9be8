"""`lifecycle.MODEL`: the stage a member is in now, by the settings and cycles of the model's current version."""

import numpy
from pyroaring import BitMap

from members import touches
from segmentation import lifecycle_stages, member_sets
from segmentation.columns import bitmap_of
from segmentation.facts import clock
from segmentation.facts.measures import Measure
from segmentation.facts.parts import Part
from segmentation.facts.tables import Words
from segmentation.kept_versions import LATER
from segmentation.lifecycle_stages import STAGES
from segmentation.lifecycle_versions import anchors_in, changed_by
from segmentation.models import LifecycleModel, LifecycleSet, LifecycleVersion
from segmentation.rules import Leaf
from segmentation.sources.base import SourceError
from segmentation.sources.comparing import Comparison
from segmentation.sources.kept import KeptSource
from segmentation.world import World

WORDS = Words(STAGES)


class LifecycleSource(KeptSource):
    families = frozenset({touches.ORDERS, touches.EVENTS, touches.PROFILE})

    def names(self):
        models = frozenset(LifecycleModel.objects.values_list("slug", flat=True))
        return {"lifecycle_model": models, "lifecycle_stage": frozenset(STAGES)}

    def measure(self, leaf: Leaf, part: Part, world: World) -> Measure:
        definition = lifecycle_stages.from_json(_version(leaf).definition)
        moment = clock.moment(world.now)
        anchors = anchors_in(part, definition, moment)
        return Measure(anchors.ids, lifecycle_stages.stages(anchors, definition, moment), words=WORDS)

    def kept(self, leaf: Leaf, wanted: Comparison, world: World) -> tuple[BitMap, BitMap] | None:
        version = _version(leaf)
        touched = touches.touched_since(version.as_of, self.families)
        if touched is None or not version.at <= world.now <= version.changes_until:
            return None
        sets = dict(LifecycleSet.objects.filter(version=version).values_list("stage", "members_id"))
        held = wanted.holds(Measure(numpy.arange(len(STAGES)), numpy.arange(len(STAGES)), words=WORDS))
        found = BitMap.union(
            BitMap(), *(member_sets.load(sets[stage]) for stage, holds in zip(STAGES, held, strict=True) if holds)
        )
        ids, stages = changed_by(version, clock.moment(world.now))
        found = (found - bitmap_of(ids)) | bitmap_of(ids[held[stages]])
        return found, member_sets.load(sets[LATER]) | BitMap(touched)


def _version(leaf: Leaf) -> LifecycleVersion:
    version = LifecycleVersion.objects.filter(pk=LifecycleModel.objects.filter(slug=leaf.parts[0]).values("current"))
    for found in version.defer("cycles", "summary"):
        return found
    raise SourceError(f"{leaf.path}: lifecycle model {leaf.parts[0]} has not been computed yet")

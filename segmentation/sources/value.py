"""`value.MODEL.score|tier|spending|churn|loyalty`: what a member is worth, by the scale of the model's current version.

It is the value of the day up to which the version's window runs: facts that come in count at once, days that go by
count when the model is computed anew.
"""

import numpy
from pyroaring import BitMap

from members import touches
from segmentation import bit_slices, member_sets, value_scale
from segmentation.facts import clock
from segmentation.facts.measures import Measure
from segmentation.facts.parts import Part
from segmentation.facts.tables import Words
from segmentation.kept_versions import LATER
from segmentation.models import ValueModel, ValueSet, ValueVersion
from segmentation.rules import Leaf
from segmentation.sources.base import SourceError
from segmentation.sources.comparing import Comparison
from segmentation.sources.kept import KeptSource
from segmentation.value_scale import DEGREES, HIGHEST, TIERS
from segmentation.value_versions import BITS, NAMES, figures_in
from segmentation.world import World


class ValueSource(KeptSource):
    families = frozenset({touches.ORDERS, touches.EVENTS, touches.PROFILE})

    def moves_with_time(self, leaf: Leaf) -> bool:
        """A score is of a day: only facts move it, and the model's next computation."""
        return False

    def names(self):
        models = frozenset(ValueModel.objects.values_list("slug", flat=True))
        return {"value_model": models, "value_tier": frozenset(TIERS), "value_degree": frozenset(DEGREES)}

    def measure(self, leaf: Leaf, part: Part, world: World) -> Measure:
        column = leaf.parts[1]
        figures, tiering, scale = figures_in(part, _version(leaf), clock.moment(world.now))
        values = getattr(value_scale.value(figures, tiering, scale), column)
        if column == "score":
            return Measure(figures.ids, values)
        known = values != value_scale.NO_DEGREE
        return Measure(figures.ids[known], values[known], words=Words(NAMES[column]))

    def kept(self, leaf: Leaf, wanted: Comparison, world: World) -> tuple[BitMap, BitMap] | None:
        version, column = _version(leaf), leaf.parts[1]
        touched = touches.touched_since(version.as_of, self.families)
        if touched is None:
            return None
        sets = ValueSet.objects.filter(version=version, dimension__in=(column, LATER)).values_list(
            "value", "members_id"
        )
        loaded = {name: member_sets.load(set_id) for name, set_id in sets}
        again = loaded.pop("") | BitMap(touched)
        if column == "score":
            scores = numpy.arange(HIGHEST + 1)
            slices = [loaded[str(bit)] for bit in range(BITS)]
            return bit_slices.among(slices, wanted.holds(Measure(scores, scores)), world.members), again
        names = NAMES[column]
        held = wanted.holds(Measure(numpy.arange(len(names)), numpy.arange(len(names)), words=Words(names)))
        return BitMap.union(BitMap(), *(loaded[name] for name, holds in zip(names, held, strict=True) if holds)), again


def _version(leaf: Leaf) -> ValueVersion:
    version = ValueVersion.objects.filter(pk=ValueModel.objects.filter(slug=leaf.parts[0]).values("current"))
    for found in version.defer("summary"):
        return found
    raise SourceError(f"{leaf.path}: value model {leaf.parts[0]} has not been computed yet")

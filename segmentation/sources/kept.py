"""Families whose answers for everyone are kept by a model's version, and brought up to date by looking at a few."""

from abc import abstractmethod

from pyroaring import BitMap

from segmentation.fields import COMPLEMENT_OF
from segmentation.rules import Leaf
from segmentation.sources.base import ColumnSource
from segmentation.sources.comparing import Comparison
from segmentation.world import World


class KeptSource(ColumnSource):
    """A few members are always asked of their facts, by the version's settings and scale.

    Everyone is what the version kept, but for those about whom facts came in since, who are asked of their facts. Where
    the version is too old to know who these are, everybody is.
    """

    def moves_with_time(self, leaf: Leaf) -> bool:
        return True

    @abstractmethod
    def kept(self, leaf: Leaf, wanted: Comparison, world: World) -> tuple[BitMap, BitMap] | None:
        """Return whom the version says `wanted` holds for, and who has to be looked at again; None where all have."""

    def members_of(self, leaf: Leaf, world: World) -> BitMap:
        operator = COMPLEMENT_OF.get(leaf.operator, leaf.operator)
        kept = self.kept(leaf, Comparison(leaf, operator, world), world) if world.only is None else None
        if kept is None:
            return super().members_of(leaf, world)
        found, again = kept
        few = world.narrowed(again)
        rest = world.members - few.members
        found = rest & found if operator == leaf.operator else rest - found
        return found | super().members_of(leaf, few)

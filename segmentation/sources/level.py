"""`level`: the step of the ladder that a member is on."""

from members import touches
from members.models import Level
from segmentation.facts import measures
from segmentation.facts.measures import Measure
from segmentation.facts.parts import Part
from segmentation.rules import Leaf
from segmentation.sources.base import ColumnSource
from segmentation.world import World


class LevelSource(ColumnSource):
    # Whoever is new stands on a level.
    families = frozenset({touches.LEVEL, touches.PROFILE})

    def names(self):
        return {"level": frozenset(Level.objects.values_list("slug", flat=True))}

    def measure(self, leaf: Leaf, part: Part, world: World) -> Measure:
        people = part.people
        return measures.of_words(people.member, people.level, people.levels)

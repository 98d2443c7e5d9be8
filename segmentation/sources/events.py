"""`events.*`: behaviour events, perhaps narrowed by `where` and a window."""

from members import touches
from segmentation.facts import clock, measures
from segmentation.facts.measures import Measure
from segmentation.facts.parts import Part
from segmentation.facts.tables import Events, rows_of
from segmentation.rules import Leaf
from segmentation.sources.base import ColumnSource
from segmentation.sources.orders import both, in_window
from segmentation.world import World


class EventsSource(ColumnSource):
    families = frozenset({touches.EVENTS})

    def measure(self, leaf: Leaf, part: Part, world: World) -> Measure:
        return measures.of_events(leaf.parts, _events(leaf, part.events, world), clock.day(world.today))


def _events(leaf: Leaf, events: Events, world: World) -> Events:
    """Return the events that the clause is about."""
    columns = {
        "type": (events.types, events.type),
        "item": (events.items, events.item),
        "category": (events.categories, events.category),
        "keyword": (events.keywords, events.keyword),
    }
    chosen = in_window(events.occurred_at, leaf, world)
    for key, wanted in leaf.where:
        words, codes = columns[key]
        chosen = both(chosen, words.among(codes, wanted))
    return events if chosen is None else rows_of(events, chosen)

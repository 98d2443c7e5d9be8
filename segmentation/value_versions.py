"""A value version read: what it was scored by, and the figures that it counts."""

from segmentation import past_facts, value_facts, value_scale
from segmentation.facts import clock
from segmentation.facts.parts import Part
from segmentation.facts.tables import rows_of
from segmentation.models import ValueVersion
from segmentation.value_facts import Figures, Past, Settings
from segmentation.value_scale import DEGREES, HIGHEST, TIERS, Scale, Tiering

BITS = HIGHEST.bit_length()
# The columns beside the score, with what their values are.
NAMES = {"tier": TIERS, "spending": DEGREES, "churn": DEGREES, "loyalty": DEGREES}


def read_definition(version: ValueVersion) -> tuple[Settings, Tiering, Scale]:
    """Return what the version was scored by."""
    kept = version.definition
    settings = {name: tuple(each) if isinstance(each, list) else each for name, each in kept["settings"].items()}
    return Settings(**settings), Tiering(**kept["tiering"]), value_scale.from_json(kept["scale"])


def figures_in(part: Part, version: ValueVersion, moment: int) -> tuple[Figures, Tiering, Scale]:
    """Return the figures of a part's members as the version counts them, from facts up to `moment`."""
    settings, tiering, scale = read_definition(version)
    return value_facts.figures(past_in(part, moment), settings, clock.day(version.at), scale.gaps), tiering, scale


def past_in(part: Part, moment: int) -> Past:
    """Return the facts of a part's members up to `moment`."""
    events = part.events
    young = events.occurred_at > moment
    return Past(
        part.people,
        past_facts.bought_by(part.orders, part.items, moment),
        rows_of(events, ~young) if young.any() else events,
    )

"""Who answers which field. One module for each family; apps above add theirs in `AppConfig.ready`."""

from segmentation import fields
from segmentation.catalogue import Catalogue
from segmentation.fields import Family, Shapes
from segmentation.rules import Leaf
from segmentation.sources.attribute import AttributeSource
from segmentation.sources.base import Source, SourceError
from segmentation.sources.events import EventsSource
from segmentation.sources.level import LevelSource
from segmentation.sources.lifecycle import LifecycleSource
from segmentation.sources.orders import OrdersSource
from segmentation.sources.profile import ProfileSource
from segmentation.sources.rfm import RfmSource
from segmentation.sources.segment import SegmentSource
from segmentation.sources.tag import TagSource
from segmentation.sources.value import ValueSource

__all__ = ["Source", "SourceError", "catalogue", "register", "source_of"]

_attributes = AttributeSource()
SOURCES: dict[str, Source] = {
    "level": LevelSource(),
    "tag": TagSource(),
    "orders": OrdersSource(),
    "events": EventsSource(),
    "rfm": RfmSource(),
    "lifecycle": LifecycleSource(),
    "value": ValueSource(),
    "attribute": _attributes,
    "profile": ProfileSource(),
    "segment": SegmentSource(),
}


def register(prefix: str, source: Source, family: Family | None = None, shapes: Shapes = ()) -> None:
    """Let `source` answer the fields below `prefix`.

    Where rules do not know them yet, `family` says which there are and `shapes` how they are spelled.
    """
    if family is not None:
        fields.add_family(prefix, family, shapes)
    if prefix not in fields.FAMILIES:
        raise LookupError(f"no family of fields is called {prefix}")
    SOURCES[prefix] = source


def source_of(leaf: Leaf) -> Source:
    return SOURCES[leaf.field.split(".")[0]]


def catalogue() -> Catalogue:
    """Return the names that exist now."""
    names: dict[str, frozenset[str]] = {}
    for source in SOURCES.values():
        names.update(source.names())
    return Catalogue(names=names, attributes=_attributes.kinds())

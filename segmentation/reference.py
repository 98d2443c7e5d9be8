"""What a rule may name here and now: for whoever writes one."""

from collections.abc import Iterator
from dataclasses import dataclass

from segmentation.catalogue import Catalogue
from segmentation.fields import NAME, SHAPES, Kind, spec_of
from segmentation.wording import field_words, value_words

SHOWN_VALUES = 30


@dataclass(frozen=True, slots=True)
class Offered:
    """A field by its name in a rule, in words, and the values that it knows, as (in a rule, in words)."""

    name: str
    words: str
    kind: Kind
    values: tuple[tuple[str, str], ...]
    windowed: bool


def fields_offered(catalogue: Catalogue) -> list[Offered]:
    """Return every field that a rule may name, with the first values of those that have a list of them."""
    return [_offered(name, catalogue) for name in _names(catalogue)]


def _names(catalogue: Catalogue) -> Iterator[str]:
    for prefix, shapes in SHAPES.items():
        yield from (".".join((prefix, *shape)) for shape in shapes if NAME not in shape)
        named = [shape for shape in shapes if NAME in shape]
        for name in _known(prefix, named[0], catalogue) if named else ():
            yield from (".".join((prefix, *shape)).replace(NAME, name) for shape in named)


def _known(prefix: str, shape: tuple[str, ...], catalogue: Catalogue) -> list[str]:
    """Return the names that may stand in a shape."""
    spec = spec_of(".".join((prefix, *shape)))
    kind = spec.names[0][0] if spec and spec.names else ""
    return sorted(catalogue.names.get(kind, ()))


def _offered(name: str, catalogue: Catalogue) -> Offered:
    spec = spec_of(name)
    if spec is None:
        raise LookupError(f"no field is called {name}")
    kind, values_in = spec.kind, spec.values_in
    if kind is Kind.DECLARED:
        kind, values_in = catalogue.attributes[name.removeprefix("attribute.")], name
    values = sorted(catalogue.names.get(values_in or "", ()))[:SHOWN_VALUES]
    return Offered(
        name, field_words(name), kind, tuple((each, value_words(each, values_in)) for each in values), spec.windowed
    )

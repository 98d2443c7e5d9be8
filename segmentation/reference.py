"""What a rule may name here and now: for whoever writes one."""

from collections.abc import Iterator
from dataclasses import dataclass

from segmentation.catalogue import Catalogue
from segmentation.fields import ORDER_MEASURES, PROFILE_KINDS, RFM_SCORES, VALUE_COLUMNS, Kind, spec_of
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
    yield "level"
    yield from (f"tag.{group}" for group in sorted(catalogue.names["tag_group"]))
    yield "segment"
    yield from (f"orders.{'.'.join(parts)}" for parts in ORDER_MEASURES)
    for model in sorted(catalogue.names["rfm_model"]):
        yield from (f"rfm.{model}.{column}" for column in (*RFM_SCORES, "class"))
    yield from (f"lifecycle.{model}" for model in sorted(catalogue.names["lifecycle_model"]))
    for model in sorted(catalogue.names["value_model"]):
        yield from (f"value.{model}.{column}" for column in ("score", *VALUE_COLUMNS))
    yield from (f"profile.{'.'.join(parts)}" for parts in PROFILE_KINDS)
    yield from (f"attribute.{name}" for name in sorted(catalogue.attributes))


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

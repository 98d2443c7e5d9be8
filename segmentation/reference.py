"""What a rule may name here and now: for whoever writes one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from segmentation import fields
from segmentation.catalogue import Catalogue
from segmentation.fields import EXISTENCE, OPERATORS, FieldSpec, Kind
from segmentation.naming import Names
from segmentation.rules import Leaf
from segmentation.suggesting import COLUMNS, OFFERED
from segmentation.wording import field_words, named


@dataclass(frozen=True, slots=True)
class Offered:
    """A field by its name in a rule, in words, and what may be said of it.

    `values` are the first of those that it knows, as (in a rule, in words). Where there are more, or where the facts
    have texts to choose from, `of` is what to ask `segmentation.suggesting` for. `where` are the keys that narrow it,
    each with what to ask for.
    """

    name: str
    words: str
    kind: Kind
    values: tuple[tuple[str, str], ...]
    windowed: bool
    operators: tuple[str, ...]
    of: str | None
    where: tuple[tuple[str, str], ...]

    @property
    def family(self) -> str:
        return self.name.partition(".")[0]


def fields_offered(catalogue: Catalogue, names: Names) -> list[Offered]:
    """Return every field that a rule may name, with the first values of those that have a list of them."""
    return [_offered(name, spec, catalogue, names) for name, spec in _fields(catalogue)]


def _fields(catalogue: Catalogue) -> Iterator[tuple[str, FieldSpec]]:
    """Yield every field by name, with what stands for a name in its shape filled in."""
    for prefix, shapes in fields.SHAPES.items():
        for shape in shapes:
            for name in [".".join((prefix, *parts)) for parts in _filled(prefix, shape, catalogue)]:
                if spec := fields.spec_of(name):
                    yield name, spec


def _filled(prefix: str, shape: tuple[str, ...], catalogue: Catalogue) -> Iterator[tuple[str, ...]]:
    spec = fields.FAMILIES[prefix](shape)
    if fields.NAME not in shape:
        yield shape
        return
    kinds = [kind for kind, name in spec.names if name == fields.NAME] if spec else []
    for kind in kinds:
        for name in sorted(catalogue.names.get(kind, ())):
            yield tuple(name if part == fields.NAME else part for part in shape)


def _offered(name: str, spec: FieldSpec, catalogue: Catalogue, names: Names) -> Offered:
    kind, values_in = spec.kind, spec.values_in
    if kind is Kind.DECLARED:
        kind = catalogue.attributes[name.removeprefix("attribute.")]
        values_in = name if kind is Kind.KEY else None
    told = _values(Leaf(name, "=", None, spec), catalogue.names.get(values_in or "", frozenset()), names)
    asked = values_in if len(told) > OFFERED else name if name in COLUMNS else None
    return Offered(
        name=name,
        words=_field_words(name, names),
        kind=kind,
        values=tuple(told[:OFFERED]),
        windowed=spec.windowed,
        operators=_operators(kind, values_in),
        of=asked,
        where=tuple((key, dict(spec.where_in).get(key, f"{name.partition('.')[0]}.{key}")) for key in spec.where),
    )


def _values(leaf: Leaf, known: Iterable[str], names: Names) -> list[tuple[str, str]]:
    """Return the values with their names, in the order in which the names are kept (levels by rank), else by name."""
    kind = leaf.field if leaf.spec.kind is Kind.DECLARED else leaf.spec.values_in
    order = {key: place for place, key in enumerate(names.by_kind.get(kind or "", ()))}
    told = [(key, named(key, leaf, names)) for key in known]
    return sorted(told, key=lambda each: (order.get(each[0], len(order)), each[1]))


def _field_words(field: str, names: Names) -> str:
    """Return what a field is called beside its family: a group of tags by its own name."""
    prefix, _dot, name = field.partition(".")
    return names.of("tag_group", name) if prefix == "tag" else field_words(field, names)


def _operators(kind: Kind, values_in: str | None) -> tuple[str, ...]:
    """Return the operators in their order; nobody is without an answer about segments."""
    return tuple(each for each in OPERATORS[kind] if values_in != "segment" or each not in EXISTENCE)

"""The fields that a rule may name, and what may be asked of each. Pure: no Django, no queries."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

EXISTENCE = ("is_null", "is_not_null")
EQUALITY = ("=", "!=")
MEMBERSHIP = ("in", "not_in")
ORDER = ("<", "<=", ">", ">=", "between", "not_between")
PATTERN = ("contains", "not_contains", "begins_with", "ends_with")

# An operator on the left holds for exactly the members for whom the one on the right does not.
COMPLEMENT_OF = MappingProxyType(
    {
        "!=": "=",
        "not_in": "in",
        "not_between": "between",
        "not_contains": "contains",
        "is_null": "is_not_null",
    }
)


class Kind(StrEnum):
    """The type of a field's values, which decides the operators and the shape of `value`."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    KEY = "key"
    DATE = "date"
    MOMENT = "moment"
    BOOLEAN = "boolean"
    # Typed by what the operator declared: known once a catalogue is at hand (`rules.resolve`).
    DECLARED = "declared"


_COMPARABLE = EQUALITY + ORDER + MEMBERSHIP + EXISTENCE
OPERATORS = MappingProxyType(
    {
        Kind.INTEGER: _COMPARABLE,
        Kind.DECIMAL: _COMPARABLE,
        Kind.DATE: _COMPARABLE,
        Kind.MOMENT: _COMPARABLE,
        Kind.TEXT: EQUALITY + MEMBERSHIP + PATTERN + EXISTENCE,
        Kind.KEY: EQUALITY + MEMBERSHIP + EXISTENCE,
        Kind.BOOLEAN: EQUALITY + EXISTENCE,
        Kind.DECLARED: EQUALITY + ORDER + MEMBERSHIP + PATTERN + EXISTENCE,
    }
)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a field is.

    `names` are (kind of name, name) that must exist, as ("tag_group", "city"). `values_in` is the kind of name
    that the values themselves must be, as "tag.city". `where` are the keys it can be narrowed by, and `where_in` says
    of some of them what kind of name their values must be, as ("campaign", "campaign").
    """

    kind: Kind
    where: tuple[str, ...] = ()
    windowed: bool = False
    names: tuple[tuple[str, str], ...] = ()
    values_in: str | None = None
    where_in: tuple[tuple[str, str], ...] = ()


# A family answers for one prefix: it is given the dotted parts after the prefix, and returns None for what it lacks.
Family = Callable[[tuple[str, ...]], FieldSpec | None]
# How a family's fields are spelled: the dotted parts after the prefix, with NAME where a name stands that is not known
# before there is a catalogue.
Shapes = tuple[tuple[str, ...], ...]
NAME = "*"

ORDER_WHERE = ("category", "sku", "channel", "payment_method")
ORDER_MEASURES = MappingProxyType(
    {
        ("count",): Kind.INTEGER,
        ("amount", "sum"): Kind.DECIMAL,
        ("amount", "avg"): Kind.DECIMAL,
        ("amount", "max"): Kind.DECIMAL,
        ("quantity", "sum"): Kind.INTEGER,
        ("days",): Kind.INTEGER,
        ("first", "days_ago"): Kind.INTEGER,
        ("last", "days_ago"): Kind.INTEGER,
    }
)
EVENT_WHERE = ("type", "item", "category", "keyword")
EVENT_MEASURES = MappingProxyType(
    {
        ("count",): Kind.INTEGER,
        ("days",): Kind.INTEGER,
        ("first", "days_ago"): Kind.INTEGER,
        ("last", "days_ago"): Kind.INTEGER,
    }
)
PROFILE_KINDS = MappingProxyType(
    {
        ("uid",): Kind.TEXT,
        ("name",): Kind.TEXT,
        ("gender",): Kind.KEY,
        ("birthday",): Kind.DATE,
        ("age",): Kind.INTEGER,
        ("region",): Kind.TEXT,
        ("joined_at",): Kind.MOMENT,
        ("joined", "days_ago"): Kind.INTEGER,
    }
)
RFM_SCORES = ("r", "f", "m")
RFM_CLASSES = (
    "important_value",
    "important_develop",
    "important_keep",
    "important_winback",
    "general_value",
    "general_develop",
    "general_keep",
    "general_winback",
)

# The columns of a value model beside the score, and what their values are.
VALUE_COLUMNS = MappingProxyType(
    {"tier": "value_tier", "spending": "value_degree", "churn": "value_degree", "loyalty": "value_degree"}
)


def level(parts: tuple[str, ...]) -> FieldSpec | None:
    return FieldSpec(Kind.KEY, values_in="level") if parts == () else None


def tag(parts: tuple[str, ...]) -> FieldSpec | None:
    if len(parts) != 1:
        return None
    return FieldSpec(Kind.KEY, names=(("tag_group", parts[0]),), values_in=f"tag.{parts[0]}")


def segment(parts: tuple[str, ...]) -> FieldSpec | None:
    return FieldSpec(Kind.KEY, values_in="segment") if parts == () else None


def orders(parts: tuple[str, ...]) -> FieldSpec | None:
    kind = ORDER_MEASURES.get(parts)
    return FieldSpec(kind, where=ORDER_WHERE, windowed=True) if kind else None


def events(parts: tuple[str, ...]) -> FieldSpec | None:
    kind = EVENT_MEASURES.get(parts)
    return FieldSpec(kind, where=EVENT_WHERE, windowed=True) if kind else None


def profile(parts: tuple[str, ...]) -> FieldSpec | None:
    kind = PROFILE_KINDS.get(parts)
    return FieldSpec(kind, values_in="gender" if parts == ("gender",) else None) if kind else None


def attribute(parts: tuple[str, ...]) -> FieldSpec | None:
    return FieldSpec(Kind.DECLARED, names=(("attribute", parts[0]),)) if len(parts) == 1 else None


def rfm(parts: tuple[str, ...]) -> FieldSpec | None:
    if len(parts) != 2:
        return None
    model, column = parts
    names = (("rfm_model", model),)
    if column in RFM_SCORES:
        return FieldSpec(Kind.INTEGER, names=names)
    return FieldSpec(Kind.KEY, names=names, values_in="rfm_class") if column == "class" else None


def lifecycle(parts: tuple[str, ...]) -> FieldSpec | None:
    if len(parts) != 1:
        return None
    return FieldSpec(Kind.KEY, names=(("lifecycle_model", parts[0]),), values_in="lifecycle_stage")


def value(parts: tuple[str, ...]) -> FieldSpec | None:
    if len(parts) != 2:
        return None
    model, column = parts
    names = (("value_model", model),)
    if column == "score":
        return FieldSpec(Kind.INTEGER, names=names)
    values_in = VALUE_COLUMNS.get(column)
    return FieldSpec(Kind.KEY, names=names, values_in=values_in) if values_in else None


FAMILIES: dict[str, Family] = {
    "level": level,
    "tag": tag,
    "segment": segment,
    "orders": orders,
    "events": events,
    "profile": profile,
    "attribute": attribute,
    "rfm": rfm,
    "lifecycle": lifecycle,
    "value": value,
}
SHAPES: dict[str, Shapes] = {
    "level": ((),),
    "tag": ((NAME,),),
    "segment": ((),),
    "orders": tuple(ORDER_MEASURES),
    "events": tuple(EVENT_MEASURES),
    "profile": tuple(PROFILE_KINDS),
    "attribute": ((NAME,),),
    "rfm": tuple((NAME, column) for column in (*RFM_SCORES, "class")),
    "lifecycle": ((NAME,),),
    "value": tuple((NAME, column) for column in ("score", *VALUE_COLUMNS)),
}


def add_family(prefix: str, family: Family, shapes: Shapes) -> None:
    """Let rules know the fields below `prefix`: what `family` says of them, and all the shapes that they have."""
    for shape in shapes:
        if family(shape) is None:
            raise ValueError(f"no field of {prefix} has the shape {shape}")
    FAMILIES[prefix], SHAPES[prefix] = family, shapes


def spec_of(field: str) -> FieldSpec | None:
    """Return what the dotted `field` is, or None where nothing answers to that name."""
    prefix, *parts = field.split(".")
    family = FAMILIES.get(prefix)
    return family(tuple(parts)) if family and all(parts) else None

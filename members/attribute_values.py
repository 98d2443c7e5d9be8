"""Members' values of declared attributes: read and written in sets, one statement each."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from members.faults import Fault, RowError
from members.models import Attribute, AttributeValue, Member
from members.rows import ATTRIBUTE_PREFIX
from members.rows import AttributeValue as Value

# The column in which a value of each kind is stored.
COLUMN_OF = {
    Attribute.Kind.TEXT: "text",
    Attribute.Kind.NUMBER: "number",
    Attribute.Kind.DATE: "day",
    Attribute.Kind.BOOLEAN: "boolean",
    Attribute.Kind.CHOICE: "text",
}
COLUMNS = ("text", "number", "day", "boolean")

# Nobody takes a choice away or deletes the attribute while values of it are being written.
_HOLD = "SELECT slug, id, kind, choices FROM members_attribute WHERE slug = ANY(%s) ORDER BY id FOR SHARE"
_READ = """
    SELECT member_id, attribute_id, text, number, day, boolean FROM members_attributevalue
    WHERE member_id = ANY(%s) AND attribute_id = ANY(%s)
"""
_WRITE = """
    INSERT INTO members_attributevalue (member_id, attribute_id, text, number, day, boolean)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::numeric[], %s::date[], %s::boolean[])
    ON CONFLICT (member_id, attribute_id) DO UPDATE SET
        text = excluded.text, number = excluded.number, day = excluded.day, boolean = excluded.boolean
"""


@dataclass(frozen=True, slots=True)
class Declared:
    """An attribute as it is declared now, by its primary key."""

    pk: int
    column: str
    choices: frozenset[str] | None


class Shown(NamedTuple):
    """A member's value of an attribute: as JSON may hold it, and in words, each for the attribute's reader."""

    slug: str
    label: str
    value: str | int | float | bool
    words: str


def hold(slugs: Collection[str]) -> dict[str, Declared]:
    """Return the declarations that exist of these attributes, held as they are until the transaction ends."""
    if not slugs:
        return {}
    attributes = Attribute.objects.raw(_HOLD, [sorted(slugs)])
    return {each.slug: _declared(each) for each in attributes}


def _declared(attribute: Attribute) -> Declared:
    is_choice = attribute.kind == Attribute.Kind.CHOICE
    column = COLUMN_OF[Attribute.Kind(attribute.kind)]
    return Declared(attribute.pk, column, frozenset(attribute.choices) if is_choice else None)


def misfit(values: Mapping[str, Value], declared: Mapping[str, Declared]) -> RowError | None:
    """Return what is wrong with values that fitted when the file began, and whose declaration may have changed."""
    for slug, value in values.items():
        column = f"{ATTRIBUTE_PREFIX}{slug}"
        if slug not in declared:
            return RowError(Fault.UNDECLARED_ATTRIBUTE, column)
        choices = declared[slug].choices
        if choices is not None and value not in choices:
            return RowError(Fault.UNKNOWN_CHOICE, column, value=value, choices=", ".join(sorted(choices)))
    return None


def read(member_ids: Collection[int], declared: Mapping[str, Declared]) -> dict[int, dict[str, Value]]:
    """Return the values of these attributes, by member and slug."""
    found: dict[int, dict[str, Value]] = {member_id: {} for member_id in member_ids}
    if not found or not declared:
        return found
    by_pk = {each.pk: (slug, COLUMNS.index(each.column)) for slug, each in declared.items()}
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(found), list(by_pk)])
        for member_id, attribute_id, *values in cursor.fetchall():
            slug, position = by_pk[attribute_id]
            found[member_id][slug] = values[position]
    return found


def write(values: Iterable[tuple[int, str, Value]], declared: Mapping[str, Declared]) -> None:
    """Write values, each as (member, slug, value), over what is there. The members are locked."""
    rows = list(_as_rows(values, declared))
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, list(map(list, zip(*rows, strict=True))))


def _as_rows(
    values: Iterable[tuple[int, str, Value]], declared: Mapping[str, Declared]
) -> Iterator[tuple[int | Value | None, ...]]:
    for member_id, slug, value in values:
        each = declared[slug]
        yield (member_id, each.pk, *(value if column == each.column else None for column in COLUMNS))


def shown(member: Member) -> list[Shown]:
    """Return a member's values with their labels in the reader's language, by slug. One query."""
    values = AttributeValue.objects.filter(member=member).select_related("attribute").order_by("attribute__slug")
    return [shown_value(each) for each in values]


def shown_of(member_ids: Collection[int]) -> dict[int, list[Shown]]:
    """Return what `shown` returns of each of the members that has values. One query."""
    values = AttributeValue.objects.filter(member__in=member_ids).select_related("attribute")
    found: dict[int, list[Shown]] = {}
    for each in values.order_by("attribute__slug"):
        found.setdefault(each.member_id, []).append(shown_value(each))
    return found


def shown_value(stored: AttributeValue) -> Shown:
    """Return one value, with its attribute, for a reader."""
    attribute = stored.attribute
    kind = Attribute.Kind(attribute.kind)
    value = getattr(stored, COLUMN_OF[kind])
    match kind:
        case Attribute.Kind.NUMBER:
            plain = plain_number(value)
            return Shown(attribute.slug, str(attribute), int(value) if "." not in plain else float(value), plain)
        case Attribute.Kind.DATE:
            return Shown(attribute.slug, str(attribute), value.isoformat(), date_format(value, "SHORT_DATE_FORMAT"))
        case Attribute.Kind.BOOLEAN:
            return Shown(attribute.slug, str(attribute), value, _("yes") if value else _("no"))
        case Attribute.Kind.CHOICE:
            return Shown(attribute.slug, str(attribute), value, attribute.choice_label(value))
    return Shown(attribute.slug, str(attribute), value, value)


def plain_number(number: Decimal) -> str:
    """Return a stored number without the zeros behind it: 61.500000 → 61.5."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

"""What is filled in of a member's profile, and what members fill in themselves: through the one way in for facts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members import imports
from members.faults import RowError
from members.ingest import ingest_members
from members.models import Attribute, AttributeValue, Member
from members.rows import ATTRIBUTE_PREFIX, parse_member

FIELDS = {
    "name": pgettext_lazy("person", "name"),
    "phone": _("phone"),
    "email": _("email"),
    "gender": _("gender"),
    "birthday": _("birthday"),
    "region": _("region"),
}
_STORED = {"phone": "sealed_phone", "email": "sealed_email"}
_TYPES = {"phone": "tel", "email": "email", "birthday": "date"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A part of the profile as a page shows it. `choices` are (value, label); without any it is a text of `type`."""

    name: str
    label: str
    filled: bool
    asked: bool
    type: str = "text"
    choices: Sequence[tuple[str, str]] = field(default_factory=tuple)


def filled(member_id: int, names: Collection[str]) -> set[str]:
    """Which of these parts are filled in: fields by their names, attributes as "attribute.KEY". Two queries at most."""
    fields = {name: _STORED.get(name, name) for name in names if name in FIELDS}
    values = Member.objects.filter(pk=member_id).values(*fields.values()).get() if fields else {}
    found = {name for name, stored in fields.items() if values[stored] not in (None, "", b"")}
    slugs = _slugs(names)
    if slugs:
        held = AttributeValue.objects.filter(member=member_id, attribute__slug__in=slugs)
        found |= {f"{ATTRIBUTE_PREFIX}{slug}" for slug in held.values_list("attribute__slug", flat=True)}
    return found


def declared(names: Collection[str]) -> dict[str, Attribute]:
    """The attributes among these parts that operators have declared, by their names here."""
    found = Attribute.objects.filter(slug__in=_slugs(names))
    return {f"{ATTRIBUTE_PREFIX}{attribute.slug}": attribute for attribute in found}


def fill_in(member_id: int, given: Mapping[str, Any], *, now: datetime) -> dict[str, str]:
    """Write what the member filled in; return what is wrong with which part, and then nothing was written."""
    context = imports.load_context(now)
    uid = Member.objects.values_list("uid", flat=True).get(pk=member_id)
    wrong: dict[str, str] = {}
    for name, value in given.items():
        try:
            parse_member({"uid": uid, name: value}, context)
        except RowError as error:
            wrong[name] = error.message
    if wrong:
        return wrong
    result = ingest_members([parse_member({"uid": uid, **given}, context)], now=now)
    return {error.column: error.message for _index, error in result.rejected}


def asked(member_id: int, names: Sequence[str], ask: Collection[str]) -> list[Asked]:
    """The parts of the profile in their order, as a page shows them."""
    there = filled(member_id, names)
    attributes = declared(names)
    return [_asked(name, attributes.get(name), there=name in there, ask=name in ask) for name in names]


def _asked(name: str, attribute: Attribute | None, *, there: bool, ask: bool) -> Asked:
    label = str(attribute) if attribute else str(FIELDS.get(name, name))
    kind, choices = _TYPES.get(name, "text"), _choices(name, attribute)
    if attribute and attribute.kind == Attribute.Kind.DATE:
        kind = "date"
    return Asked(name, label, there, ask and not there, kind, choices)


def _choices(name: str, attribute: Attribute | None) -> Sequence[tuple[str, str]]:
    if name == "gender":
        return [(value, str(label)) for value, label in Member.Gender.choices]
    if attribute and attribute.kind == Attribute.Kind.CHOICE:
        return [(choice, attribute.choice_label(choice)) for choice in attribute.choices]
    if attribute and attribute.kind == Attribute.Kind.BOOLEAN:
        return [("true", str(_("yes"))), ("false", str(_("no")))]
    return ()


def _slugs(names: Collection[str]) -> list[str]:
    return [name.removeprefix(ATTRIBUTE_PREFIX) for name in names if name.startswith(ATTRIBUTE_PREFIX)]

"""What is held about a member: all of it for the member, none of it after an erasure.

Each app registers a section for each kind of thing it holds, in `AppConfig.ready()`, and names the models it answers
for: a test fails for a model that refers to members and has no section.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from members.models import Member

Row = dict[str, Any]
# Yields what is held of the member, a JSON object each.
Export = Callable[[Member], Iterable[Row]]
# Takes the member's data away. The member's row is locked; the caller's transaction, `now`.
Erase = Callable[[Member, datetime], None]

_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of data: a file of the export, and a line of what an erasure does to it.

    `covers` names the models in it, "app.model". `fate` says in words what an erasure takes and what stays.
    """

    name: str
    title: str | Promise
    fate: str | Promise
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Registered:
    section: Section
    export: Export
    erase: Erase


_registered: dict[str, Registered] = {}


def register(section: Section, export: Export, erase: Erase) -> None:
    if section.name in _registered and _registered[section.name].section is not section:
        raise ValueError(f"there is already a section {section.name!r}")
    _registered[section.name] = Registered(section, export, erase)


def registered() -> Sequence[Registered]:
    """Return every section, in the order in which the apps stand upon each other."""
    return list(_registered.values())


def keep(_member: Member, _now: datetime) -> None:
    """Erase nothing: what is held names nobody once the member has no name."""


def dump(queryset: QuerySet[Any], *but: str, **named: Any) -> Iterator[Row]:
    """Yield the rows of one model with the values of its columns, but for `but`, and with expressions by name."""
    columns = [field.attname for field in queryset.model._meta.concrete_fields if field.attname not in but]
    record = queryset.model._meta.label_lower
    for values in queryset.values(*columns, **named).iterator(chunk_size=_CHUNK):
        yield {"record": record, **values}


def delete(queryset: QuerySet[Any]) -> None:
    """Delete rows that nothing refers to, in one statement."""
    queryset._raw_delete(using=queryset.db)


def covers(*models: type[Model]) -> tuple[str, ...]:
    return tuple(model._meta.label_lower for model in models)

"""What a member's page in the admin is made of: figures, panels and sources of the timeline, from every room.

Apps register theirs in `AppConfig.ready()`. What somebody may not see is neither shown nor read. However long a
member's history and however many panels there are, the page takes a fixed number of statements: a panel says by an
expression what it needs (`reads`), and all of these are read with the member's own row, in one statement.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.utils.functional import Promise

from members.models import Member

AnyUser = User | AnonymousUser


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at one member's page. `facts` is what the part's own expression read."""

    member: Member
    user: AnyUser
    now: datetime
    facts: Any = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number at the head of the page, with words below it. A warning wants to be seen."""

    label: str
    value: str
    note: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What panels and figures have in common.

    `name` is unique and a Python identifier. `permissions` are all needed. `reads` returns, for the moment of the
    look, an expression over Member of which `Visit.facts` is the value; JSON where it is more than a number.
    """

    name: str
    position: int
    permissions: tuple[str, ...] = ()
    reads: Callable[[datetime], Combinable] | None = None

    @property
    def column(self) -> str:
        return f"portrait_{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Part):
    show: Callable[[Visit], Iterable[Figure]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel(Part):
    """A section of the page: `template` is drawn with what `show` returns. A wide one takes the page's whole width."""

    title: str | Promise
    template: str
    show: Callable[[Visit], Mapping[str, Any]]
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A moment of the timeline in words. `link` is an address of the admin, or empty."""

    words: str
    detail: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One kind of moments in the timeline.

    `rows` returns a member's rows (and no more) by the member's id. `at` names the time in them, `key` what tells them
    apart; `details` are expressions, under names of their own, that `say` gets the values of: text, numbers, JSON.
    """

    kind: str
    title: str | Promise
    icon: str
    position: int
    rows: Callable[[int], QuerySet[Any]]
    at: str
    details: Mapping[str, Any]
    say: Callable[[Mapping[str, Any]], Said]
    key: str = "pk"
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel, and what its template gets."""

    panel: Panel
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Portrait:
    figures: list[Figure]
    panels: list[Drawn]


Registered = TypeVar("Registered", Figures, Panel, Source)
_figures: dict[str, Figures] = {}
_panels: dict[str, Panel] = {}
_sources: dict[str, Source] = {}


def register(*parts: Figures | Panel | Source) -> None:
    """Add parts to the page. One registered again under its name takes its own place."""
    for part in parts:
        match part:
            case Figures():
                _figures[part.name] = part
            case Panel():
                _panels[part.name] = part
            case Source():
                _sources[part.kind] = part


def sources_for(user: AnyUser) -> list[Source]:
    """Return the sources of the timeline that the user may see, in their order."""
    return _permitted(_sources.values(), user)


def with_facts(members: QuerySet[Member], *, user: AnyUser, now: datetime) -> QuerySet[Member]:
    """Let `members` read, in its one statement, what all the parts need that the user may see."""
    wanted = {part.column: part.reads(now) for part in _parts_for(user) if part.reads is not None}
    return members.annotate(**wanted)


def draw(member: Member, *, user: AnyUser, now: datetime) -> Portrait:
    """Draw a member that was read `with_facts` for the same user."""

    def visit(part: Figures | Panel) -> Visit:
        return Visit(member, user, now, getattr(member, part.column, None))

    return Portrait(
        figures=[figure for part in _permitted(_figures.values(), user) for figure in part.show(visit(part))],
        panels=[Drawn(panel, panel.show(visit(panel))) for panel in _permitted(_panels.values(), user)],
    )


def _parts_for(user: AnyUser) -> list[Figures | Panel]:
    return [*_permitted(_figures.values(), user), *_permitted(_panels.values(), user)]


def _permitted(parts: Iterable[Registered], user: AnyUser) -> list[Registered]:
    permitted = (part for part in parts if user.has_perms(part.permissions))
    return sorted(permitted, key=lambda part: part.position)

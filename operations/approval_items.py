"""The kinds of changes that can be approved. The apps above register theirs in `AppConfig.ready()`.

A kind knows how to hold what the change is about, to say in words what would become of what is, and to do it. What it
is told is the request: its payload is the exact change asked for, and is never sent through a form.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils.functional import Promise

from operations.four_eyes import Seen
from operations.models import ApprovalRequest


@dataclass(frozen=True, slots=True)
class Line:
    """One difference in words: what, as it is now, as it would be. `now` and `then` may be empty: then `what` tells."""

    what: str
    now: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What an approval would change, as things stand. `link` is the page of what it is about, `more` are notes."""

    lines: tuple[Line, ...]
    link: str = ""
    more: tuple[str, ...] = ()


class Overtaken(Exception):
    """The change does not mean any more what was asked for; as text it says why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change. `to_ask` and `to_approve` are permissions: any of the first, all of the second.

    `hold` locks the rows it is about until the transaction ends. `difference` raises Overtaken where there is nothing
    left to approve. `apply` is called behind `hold` and `difference`, and may raise Overtaken too.
    """

    name: str
    area: str
    title: str | Promise
    to_ask: tuple[str, ...]
    to_approve: tuple[str, ...]
    hold: Callable[[ApprovalRequest], None]
    difference: Callable[[ApprovalRequest], Difference]
    apply: Callable[[ApprovalRequest, User, Seen, datetime], None]
    # What becomes of what it is about when it is refused, withdrawn or overtaken.
    drop: Callable[[ApprovalRequest, User, datetime], None] = field(default=lambda _request, _by, _now: None)

    def may_ask(self, user: Any) -> bool:
        return any(user.has_perm(each) for each in self.to_ask)

    def may_approve(self, user: Any) -> bool:
        return all(user.has_perm(each) for each in self.to_approve)


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    for kind in kinds:
        _kinds[kind.name] = kind


def kinds() -> list[Kind]:
    """Return every kind that can be approved here, in the order of their registration."""
    return list(_kinds.values())


def kind_of(request: ApprovalRequest) -> Kind | None:
    """Return the request's kind; None where nobody knows it any more."""
    return _kinds.get(request.kind)


def get(name: str) -> Kind:
    return _kinds[name]


def approvable(user: Any) -> list[str]:
    """Return the names of the kinds that the user may approve."""
    return _names(kind for kind in kinds() if kind.may_approve(user))


def askable(user: Any) -> list[str]:
    """Return the names of the kinds that the user may ask for."""
    return _names(kind for kind in kinds() if kind.may_ask(user))


def _names(found: Iterable[Kind]) -> list[str]:
    return [kind.name for kind in found]

"""Who may see an item of the mall: asked of the app above that knows what an audience is.

An audience here is JSON that nobody in this app reads. Whoever can read it registers in `AppConfig.ready()`; until then
only what is for everyone admits anybody.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

Audience = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Locked:
    """Why a member is not admitted: a code for programs, and words for the member."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Gatekeeper:
    """What the app above can tell.

    `faults` says in words what is wrong with an audience. `refusals` answers for one member and many audiences, in
    their order, in a number of queries that does not grow with them. `form_field` is the field of an admin's form to
    choose one.
    """

    faults: Callable[[Any], Iterable[str]]
    refusals: Callable[[int, Sequence[Audience], datetime], Sequence[Locked | None]]
    form_field: Callable[[HttpRequest, str], forms.Field]


_gatekeepers: list[Gatekeeper] = []


def register(gatekeeper: Gatekeeper) -> None:
    """Let `gatekeeper` answer from now on. There is one."""
    _gatekeepers[:] = [gatekeeper]


def faults(audience: Any) -> list[str]:
    """Return what is wrong with an audience, in words; empty when it can be used."""
    if audience == {}:
        return []
    return list(_gatekeepers[0].faults(audience)) if _gatekeepers else [_("Nobody here can read an audience.")]


def refusals(member_id: int, audiences: Sequence[Audience], *, now: datetime) -> list[Locked | None]:
    """Return for each audience why it does not admit the member, or None. No query where all are for everyone."""
    asked = [place for place, audience in enumerate(audiences) if audience]
    answers: list[Locked | None] = [None] * len(audiences)
    if not asked:
        return answers
    wanted = [audiences[place] for place in asked]
    told = _gatekeepers[0].refusals(member_id, wanted, now) if _gatekeepers else [_nobody()] * len(asked)
    for place, answer in zip(asked, told, strict=True):
        answers[place] = answer
    return answers


def form_field(request: HttpRequest, label: str) -> forms.Field | None:
    """Return the field in which operators choose an audience; None where nobody knows one."""
    return _gatekeepers[0].form_field(request, label) if _gatekeepers else None


def _nobody() -> Locked:
    return Locked("locked", _("This is not open to you."))

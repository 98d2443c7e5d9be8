"""Saving a form of the builder, by its button or by itself: never over what somebody else saved meanwhile unseen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from campaigns import states
from campaigns.building import kept, sheets
from campaigns.building.sheets import Filled, Sheet
from campaigns.models import Campaign


class Outcome(StrEnum):
    SAVED = "saved"
    # Not valid, or for the button to do: as typed it is kept.
    KEPT = "kept"
    # The draft is no longer what the form was opened with.
    STALE = "stale"
    # The campaign is over.
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the builder. `sheet` and `token` are of the campaign as it is once it is held.

    What is `by_button_only` is kept while it is typed, and never saves itself.
    """

    place: str
    sheet: Callable[[Campaign], Sheet]
    token: Callable[[Campaign], str]
    by_button_only: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """`token` is the state of the draft now. `row` is what was saved; `was_kept`: nothing of what was typed is lost."""

    outcome: Outcome
    filled: Filled
    token: str
    row: Any = None
    was_kept: bool = True


def by_button(request: HttpRequest, campaign: Campaign, form: Form, *, now: datetime) -> Result:
    """Save all of it. What is stale or not valid is kept as it was typed."""
    return _save(request, campaign, form, now=now, alone=False)


def by_itself(request: HttpRequest, campaign: Campaign, form: Form, *, now: datetime) -> Result:
    """Save what changes rows that are there; rows are added and taken away by the button only."""
    return _save(request, campaign, form, now=now, alone=True)


@transaction.atomic
def _save(request: HttpRequest, campaign: Campaign, form: Form, *, now: datetime, alone: bool) -> Result:
    held = states.locked(campaign)
    token, sent_token = form.token(held), request.POST.get("token", "")
    found = sheets.filled(request, form.sheet(held))
    is_valid = found.is_valid()
    for_button = alone and (form.by_button_only or found.adds_or_takes_away or not found.change)
    outcome, row = _outcome(held, for_button, is_stale=token != sent_token, is_valid=is_valid), None
    if outcome is not Outcome.SAVED:
        was_kept = kept.keep(held, request.user, form.place, request.POST, token=sent_token, now=now)
        return Result(outcome, found, token, was_kept=was_kept)
    row = sheets.save(request, found)
    kept.forget(held, request.user, form.place)
    return Result(outcome, found, form.token(held), row=row)


def _outcome(held: Campaign, for_button: bool, *, is_stale: bool, is_valid: bool) -> Outcome:
    if held.state in states.OVER:
        return Outcome.OVER
    if is_stale:
        return Outcome.STALE
    if not is_valid or for_button:
        return Outcome.KEPT
    return Outcome.SAVED

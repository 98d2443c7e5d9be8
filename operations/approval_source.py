"""What waits for approval elsewhere, under rules of its own, and is seen in the same inbox.

Campaigns in review and corrections of balances are decided by their own one write path; here they are only listed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the inbox. `state` is "waiting", "approved", "refused", "withdrawn" or "overtaken"."""

    kind: str
    area: str
    kind_title: str
    title: str
    link: str
    state: str
    state_words: str
    asked_by: str
    asked_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None

    @property
    def at(self) -> datetime:
        return self.decided_at or self.asked_at


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one model as items. Each list is a QuerySet without an order; a user who may see none gets none().

    `asked_field` and `decided_field` are the columns of the times. `to_approve` are the permissions to decide.
    """

    kind: str
    area: str
    title: str | Promise
    to_ask: tuple[str, ...]
    to_approve: tuple[str, ...]
    waiting_for: Callable[[Any], QuerySet]
    asked_by: Callable[[Any], QuerySet]
    decided: Callable[[Any], QuerySet]
    as_item: Callable[[Any], Item]
    asked_field: str
    decided_field: str


_sources: list[Source] = []


def register(source: Source) -> None:
    if source not in _sources:
        _sources.append(source)


def sources() -> list[Source]:
    return list(_sources)

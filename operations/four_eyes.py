"""Which changes need a second person: the setting FOUR_EYES, and who the second person was.

A guarded write takes `seen`, the two people of an approval, or None where one person acts alone. It asks `stops` what
that leaves to be refused.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from operations.sentences import listed

PUBLISHING, STOCK, BUDGET, VALUE, POINTS, AWARDS = AREAS = (
    "publishing",
    "stock",
    "budget",
    "value",
    "points",
    "awards",
)

AREA_WORDS: dict[str, Promise] = {
    PUBLISHING: _("Publishing"),
    STOCK: _("More stock"),
    BUDGET: _("More budget"),
    VALUE: _("More value"),
    POINTS: _("Points"),
    AWARDS: _("Awards in bulk"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """That one person asked for a change and another approved it, by their ids. Never the same person."""

    asked_by: int
    approved_by: int

    def __post_init__(self) -> None:
        if self.asked_by == self.approved_by:
            raise ValueError("two people are needed")


class SecondPersonNeeded(Exception):
    """One person alone may not do this; `areas` say what of it."""

    def __init__(self, areas: Iterable[str]) -> None:
        self.areas = tuple(areas)
        super().__init__(", ".join(self.areas))

    def __str__(self) -> str:
        what = listed(AREA_WORDS[area] for area in self.areas)
        return str(_("This needs a second person: %(what)s.") % {"what": what})


def parse(value: str) -> frozenset[str]:
    """Read the setting: all, none, or areas with commas between. Raises ValueError for anything else."""
    words = [word.strip().lower() for word in value.split(",") if word.strip()]
    if words == ["all"]:
        return frozenset(AREAS)
    if words == ["none"]:
        return frozenset()
    if unknown := sorted(set(words) - set(AREAS)):
        raise ValueError(f"FOUR_EYES names {', '.join(unknown)}; it takes all, none, or of {', '.join(AREAS)}")
    if not words:
        raise ValueError("FOUR_EYES is empty: say all, none, or areas")
    return frozenset(words)


def needed(area: str) -> bool:
    """Tell whether changes of this area need a second person here."""
    return area in settings.FOUR_EYES


def stops(areas: Collection[str], seen: Seen | None) -> list[str]:
    """Return the areas that a second person would have to see, and has not."""
    return [] if seen is not None else [area for area in AREAS if area in areas and needed(area)]


def require(areas: Collection[str], seen: Seen | None) -> None:
    """Raise SecondPersonNeeded unless one person may do it alone, or two have seen it."""
    if left := stops(areas, seen):
        raise SecondPersonNeeded(left)

"""What a rehearsal finds. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error keeps a campaign from being published; a warning has to be acknowledged; a note is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


ORDER = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is mended: `kind` is task, chain, pool, offer, feature, gift, budget or campaign."""

    kind: str = "campaign"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` names it whatever the numbers in its sentence and the language: what is acknowledged is the key."""

    severity: Severity
    key: str
    message: str
    place: Place = Place()


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The errors first, then the warnings, then the notes; each key once."""
    once: dict[str, Finding] = {}
    for each in findings:
        once.setdefault(each.key, each)
    return tuple(sorted(once.values(), key=lambda each: ORDER.index(each.severity)))


def of(severity: Severity, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(each for each in findings if each.severity == severity)

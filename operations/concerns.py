"""What is not as it should be, as the first page of the admin tells it.

Each app has a module `*_concerns.py` whose functions yield concerns; `config.concerns` lists them, each with the right
that it takes to see them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from django.db.models import QuerySet
from django.utils.translation import pgettext

# Nobody works off more at one sitting: what is beyond is not counted.
COUNTED = 1_000


class Severity(IntEnum):
    """The higher, the sooner somebody has to look."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        return {
            Severity.NOTE: pgettext("severity", "note"),
            Severity.WARNING: pgettext("severity", "warning"),
            Severity.ERROR: pgettext("severity", "error"),
        }[self]


@dataclass(frozen=True, slots=True)
class Concern:
    """One sentence, and the page on which it is mended. `since` is told where it is known."""

    severity: Severity
    text: str
    link: str
    since: datetime | None = None


def counted(rows: QuerySet) -> tuple[int, str]:
    """Return how many rows there are, up to COUNTED, and the number as it is read: "1,000+" where there are more."""
    found = rows.order_by()[: COUNTED + 1].count()
    return found, f"{COUNTED:,}+" if found > COUNTED else f"{found:,}"

"""What a readonly field of a form shows, worked out once: unfold's templates ask for it five times."""

from collections.abc import Callable
from functools import wraps
from typing import Any


def once_per_row(shown: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Keep what a method of an admin shows with the row that it was asked for. Rows live as long as their page."""
    name = f"_shown_by_{shown.__qualname__}"

    @wraps(shown)
    def kept(self: Any, row: Any) -> Any:
        if name not in row.__dict__:
            row.__dict__[name] = shown(self, row)
        return row.__dict__[name]

    return kept

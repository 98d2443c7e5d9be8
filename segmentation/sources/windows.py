"""The window of a clause over moments that stay in SQL, in the same bounds as `orders.in_window` gives columns."""

from typing import Any

from segmentation.rules import Leaf
from segmentation.world import World


def in_sql(leaf: Leaf, world: World, column: str) -> tuple[str, tuple[Any, ...]]:
    """Return the condition on a column of moments, and its parameters; one that always holds without a window."""
    window = leaf.window
    if window is None:
        return "true", ()
    if window.last_days is not None:
        return f"{column} BETWEEN %s AND %s", (world.days_before(window.last_days), world.now)
    bounds = {">=": window.start, "<": window.end}
    given = {operator: world.midnight(day) for operator, day in bounds.items() if day is not None}
    return " AND ".join(f"{column} {operator} %s" for operator in given), tuple(given.values())

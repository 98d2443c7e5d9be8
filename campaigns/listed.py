"""A set of keys that remembers the order in which it was listed. Pure.

A member who has several tags of a pool's audience is told the one that the pool lists first, whichever came first to
the member. Two such sets with the same keys are equal whatever their order: the order never decides who is admitted.
"""

from collections.abc import Iterable, Sequence


class Listed(frozenset[str]):
    """A frozenset in all it does; `order` are its members as they were listed."""

    order: tuple[str, ...]

    def __new__(cls, names: Iterable[str] = ()) -> "Listed":
        order = tuple(dict.fromkeys(names))
        made = super().__new__(cls, order)
        made.order = order
        return made


def in_order(names: frozenset[str]) -> Sequence[str]:
    """The keys as they were listed; by the alphabet, where no order was given."""
    return names.order if isinstance(names, Listed) else sorted(names)


def first_of(names: frozenset[str], held: frozenset[str]) -> str | None:
    """The key listed first of those that are held."""
    return next((name for name in in_order(names) if name in held), None)

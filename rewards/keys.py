"""Keys make a grant happen once; and the keys of the units that every installation has."""

POINTS = "points"
GROWTH = "growth"


class KeyReused(ValueError):
    """The key already stands for something given to another member, in another unit, scope or gift."""

"""Keys make a grant happen once."""


class KeyReused(ValueError):
    """The key already stands for something given to another member, in another unit, scope or gift."""

"""What parts of a sentence are joined by: each language has marks of its own."""

from collections.abc import Iterable

from django.utils.translation import gettext as _


def labelled(what: object, value: object) -> str:
    """What it is, and what stands there."""
    return _("%(what)s: %(value)s") % {"what": what, "value": value}


def listed(names: Iterable[object]) -> str:
    """Names of a kind, one after the other."""
    return _(", ").join(map(str, names))


def clauses(parts: Iterable[object]) -> str:
    """Parts that may be lists themselves."""
    return _("; ").join(map(str, parts))

"""Searching a large table by keys, each by its own index."""

from typing import Any

from django.db.models import IntegerField, Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP

# A member has so many accounts, enrolments or orders at most among those that a search looks at.
MOST_RELATED = 1_000
_BY_INDEX = ("exact", "startswith")


def are_keys(fields: Any) -> bool:
    """Whether each of an admin's `search_fields` asks for a whole key or its beginning."""
    return bool(fields) and all(_split(each)[1] in _BY_INDEX for each in fields)


def found(rows: QuerySet[Any], fields: Any, term: str) -> QuerySet[Any]:
    """Return the rows of which one of the fields is `term`, or begins with it.

    A condition on another table is answered first, and asked for by ids: PostgreSQL has no index for “the uid of the
    member or the key”, but one for each of the two.
    """
    wanted = Q()
    for each in fields:
        path, lookup = _split(each)
        wanted |= _condition(rows.model, path, lookup, term)
    return rows.filter(wanted)


def _condition(model: type[Model], path: str, lookup: str, term: str) -> Q:
    first, _sep, rest = path.partition(LOOKUP_SEP)
    field: Any = model._meta.pk if first == "pk" else model._meta.get_field(first)
    if not rest:
        if isinstance(field, IntegerField) and not (term.isascii() and term.isdigit()):
            return Q(pk__in=[])
        return Q(**{f"{path}__{lookup}": term})
    related = field.related_model._default_manager
    beyond = _condition(field.related_model, rest, lookup, term)
    found_there = related.filter(beyond).order_by()
    if field.auto_created:
        # Rows that point here: ours are those that they point to.
        return Q(pk__in=list(found_there.values_list(field.field.attname, flat=True)[:MOST_RELATED]))
    return Q(**{f"{first}__in": list(found_there.values_list("pk", flat=True)[:MOST_RELATED])})


def _split(field: str) -> tuple[str, str]:
    """Return the path and the lookup of one of an admin's `search_fields`."""
    if field.startswith("="):
        return field[1:], "exact"
    if field.startswith("^"):
        return field[1:], "startswith"
    path, _sep, lookup = field.rpartition(LOOKUP_SEP)
    return (path, lookup) if lookup in {*_BY_INDEX, "iexact", "icontains", "contains"} else (field, "icontains")

"""What relies on a name that operators define, so that nobody deletes a level that a rule reads.

Rules and audiences name things by their keys, out of sight of foreign keys. The apps above register who can tell, in
`AppConfig.ready()`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest

# ("level", "paid"), ("tag", "power.high"), ("tag_group", "power"), ("segment", …), ("rfm_model", …), ("attribute", …),
# ("unit", …), ("campaign", "spring"), ("task", "spring.sign-in"), ("chain", …)
Name = tuple[str, str]
# Returns words for each place that uses the name, such as “segment “Lapsed””.
Finder = Callable[[Name], Iterable[str]]

_finders: list[Finder] = []


def register(finder: Finder) -> None:
    if finder not in _finders:
        _finders.append(finder)


def uses_of(name: Name) -> list[str]:
    """Return, in words, every place that uses the name."""
    return [words for finder in _finders for words in finder(name)]


class KeptWhileUsed:
    """An admin that refuses to delete, one by one or by the list's action, what is used, and names where.

    It answers the question that Django's admin asks before either deletion.
    """

    def name_of(self, obj: Any) -> Name:
        raise NotImplementedError

    def get_deleted_objects(self, objs: QuerySet | Sequence[Model], request: HttpRequest) -> Any:
        to_delete, counts, missing, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        return to_delete, counts, missing, [*protected, *self._uses(objs)]

    def _uses(self, objs: Iterable[Model]) -> list[str]:
        return [f"{obj} ← {words}" for obj in objs for words in uses_of(self.name_of(obj))]

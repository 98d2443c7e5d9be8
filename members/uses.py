"""What relies on a name that operators define, so that nobody deletes a level that a rule reads.

Rules and audiences name things by their keys, out of sight of foreign keys. The apps above register who can tell, in
`AppConfig.ready()`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

# ("level", "paid"), ("tag", "power.high"), ("tag_group", "power"), ("segment", …), ("rfm_model", …), ("attribute", …),
# ("unit", …), ("campaign", "spring"), ("task", "spring.sign-in"), ("chain", …)
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Use:
    """A place that uses a name: `words` say which, `url` is its page in the admin, `inside` says where on it."""

    words: str
    url: str = ""
    inside: str = ""


# Returns each place that uses the name: words, such as “segment “Lapsed””, or those with the way there.
Finder = Callable[[Name], Iterable[str | Use]]

_finders: list[Finder] = []


def register(finder: Finder) -> None:
    if finder not in _finders:
        _finders.append(finder)


def places_of(name: Name) -> list[Use]:
    """Return every place that uses the name."""
    found = (each for finder in _finders for each in finder(name))
    return [each if isinstance(each, Use) else Use(each) for each in found]


def uses_of(name: Name) -> list[str]:
    """Return, in words, every place that uses the name."""
    return [place.words for place in places_of(name)]


class KeptWhileUsed:
    """An admin that refuses to delete, one by one or by the list's action, what is used, and names where.

    It answers the question that Django's admin asks before either deletion. The page of a thing lists its uses below
    the form.
    """

    change_form_after_template = "admin/parts/uses.html"

    def name_of(self, obj: Any) -> Name:
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, object_id) if object_id else None  # type: ignore[attr-defined]
        places = {"places": places_of(self.name_of(obj))} if obj is not None else {}
        context = {**(extra_context or {}), **places}
        return super().changeform_view(request, object_id, form_url, context)  # type: ignore[misc]

    def get_deleted_objects(self, objs: QuerySet | Sequence[Model], request: HttpRequest) -> Any:
        to_delete, counts, missing, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        return to_delete, counts, missing, [*protected, *self._uses(objs)]

    def _uses(self, objs: Iterable[Model]) -> list[str]:
        return [f"{obj} ← {words}" for obj in objs for words in uses_of(self.name_of(obj))]

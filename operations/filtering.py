"""Filters of the API's lists, by django-filter: typed, documented, and refused by name where they do not fit."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import CharFilter, ChoiceFilter, FilterSet, IsoDateTimeFilter
from django_filters.fields import IsoDateTimeField
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from operations.api_errors import ApiError
from operations.error_codes import Words
from operations.paging import PAGED, Order, invalid, unknown_among
from operations.sentences import listed

ORDERING = "ordering"
LONGEST = 200

Stored = TypeVar("Stored", bound=Model)


class Filters(FilterSet):
    """The filters of a list, and the orders that it comes in: `ordering=NAME`, the first where none is named."""

    orders: ClassVar[Mapping[str, Order]] = {}


AnyFilters = TypeVar("AnyFilters", bound=Filters)


class Exact(CharFilter):
    """A text as it is: a uid may begin with a space."""

    def __init__(self, *arguments: Any, **extra: Any) -> None:
        super().__init__(*arguments, **{"strip": False, "max_length": LONGEST, **extra})


class Contains(CharFilter):
    """A part of a name, in capitals or not."""

    def __init__(self, column: str, help_text: Words) -> None:
        super().__init__(column, "icontains", max_length=LONGEST, help_text=help_text)


class Named(Exact):
    """The key of a row of `model`, by whose id `column` is filtered. A key that nothing has is refused."""

    def __init__(self, column: str, model: type[Model], help_text: Words) -> None:
        super().__init__(column, help_text=help_text)
        self.named = model

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return rows
        found = self.named._default_manager.filter(slug=value).values_list("pk", flat=True).first()
        if found is None:
            raise unknown_name(self, value)
        return rows.filter(**{self.field_name: found})


def unknown_name(each: CharFilter, value: str) -> ApiError:
    """Return the refusal of a filter that names something which there is not."""
    name = next(name for name, own in each.parent.filters.items() if own is each)
    return invalid({name: [_("There is none with the key “%(key)s”.") % {"key": value[:50]}]})


class _UtcField(IsoDateTimeField):
    """A time as UTC: PostgreSQL takes no zone of sixteen hours or more, and there is a first and a last day."""

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        try:
            return None if moment is None else moment.astimezone(UTC)
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class Moment(IsoDateTimeFilter):
    """A time; ISO 8601, in the site's time zone where it names none."""

    field_class = _UtcField


class Since(Moment):
    """From a time on."""

    def __init__(self, column: str, help_text: Words) -> None:
        super().__init__(column, "gte", help_text=help_text)


class Until(Moment):
    """A time that is not included any more."""

    def __init__(self, column: str, help_text: Words) -> None:
        super().__init__(column, "lt", help_text=help_text)


def filtered(request: Request, filters: type[Filters], rows: QuerySet[Stored]) -> QuerySet[Stored]:
    """Return the rows that the request's filters leave. Raises ApiError as `read_filters` does."""
    return read_filters(request, filters, rows).qs


def read_filters(request: Request, filters: type[AnyFilters], rows: QuerySet[Any]) -> AnyFilters:
    """Return the request's filters, whose `qs` are the rows that they leave.

    Raises ApiError naming each parameter that the list does not know, that is empty, or whose value does not fit.
    """
    known = [*filters.base_filters, *([ORDERING] if filters.orders else [])]
    faults = unknown_among(request, known) | _empty_among(request, known)
    found = filters(request.query_params, rows, request=request)
    faults |= {name: [str(each) for each in wrong] for name, wrong in found.form.errors.items() if name not in faults}
    if faults:
        raise invalid(faults)
    return found


def order_asked(request: Request, filters: type[Filters]) -> Order:
    """Return the order that the request names, else the usual one. Raises ApiError for one that there is not."""
    usual = next(iter(filters.orders))
    name = request.query_params.get(ORDERING, usual)
    if name not in filters.orders:
        words = _("This must be one of %(names)s.") % {"names": listed(filters.orders)}
        raise invalid({ORDERING: [words]})
    return filters.orders[name]


def parameters_of(filters: type[Filters]) -> list[OpenApiParameter]:
    """Return what the OpenAPI document says of a list's parameters."""
    told = [_parameter(name, each) for name, each in filters.base_filters.items()]
    if filters.orders:
        names = list(filters.orders)
        told.append(
            OpenApiParameter(
                ORDERING,
                str,
                enum=names,
                description=format_lazy("`{name}` {words}", name=names[0], words=gettext_lazy("where none is named.")),
            )
        )
    return [*told, *PAGED]


def _empty_among(request: Request, known: Sequence[str]) -> dict[str, list[str]]:
    """What is wrong with filters that are empty: they would hold back nothing, which nobody means."""
    empty = [name for name, value in request.query_params.items() if name in known and not str(value).strip()]
    return {name: [_("This is empty.")] for name in empty}


def _parameter(name: str, each: Any) -> OpenApiParameter:
    kind: Any = {"type": "string"}
    if isinstance(each, IsoDateTimeFilter):
        kind = {"type": "string", "format": "date-time"}
    elif isinstance(each, ChoiceFilter):
        kind = {"type": "string", "enum": [str(value) for value, _label in _choices(each)]}
    return OpenApiParameter(name, kind, description=each.extra.get("help_text", ""))


def _choices(each: ChoiceFilter) -> Sequence[tuple[Any, Any]]:
    field = forms.ChoiceField(choices=each.extra["choices"])
    return list(field.choices)  # type: ignore[arg-type]

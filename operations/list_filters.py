"""Filters of lists that may be long: none of them reads the table to know what it offers."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin, messages
from django.db import connection
from django.db.models import CharField, DateField, DateTimeField, ForeignKey, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.shared_choices import joined_in_list

# As many as one looks through; what was made last comes first among those that are offered.
MOST_OFFERED = 200
# From so many on they stand in a drop-down.
AS_LINKS = 8
QUICK_DAYS = (7, 30)


def pairs_without(request: HttpRequest, *names: str) -> list[tuple[str, str]]:
    """Return what else the list is asked for, for a form that changes one thing of it."""
    left_out = {*names, "p", "e"}
    return [(name, value) for name, values in request.GET.lists() if name not in left_out for value in values]


class WithinDates(admin.FieldListFilter):
    """From a day to a day, both included, in the site's time zone."""

    template = "admin/parts/filter_dates.html"

    def __init__(self, *given: Any, **named: Any) -> None:
        field_path, self.request = named["field_path"], given[1]
        self.names = {"from": f"{field_path}_from", "to": f"{field_path}_to"}
        super().__init__(*given, **named)
        # FieldListFilter makes lists of them and would have them looked up as they are.
        asked = {end: _last(self.used_parameters.pop(name, "")) for end, name in self.names.items()}
        self.given = {end: text.strip() for end, text in asked.items()}
        self.used_parameters |= {self.names[end]: text for end, text in self.given.items() if text}

    def expected_parameters(self) -> list[str | None]:
        return list(self.names.values())

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        try:
            edges = {end: date.fromisoformat(text) for end, text in self.given.items() if text}
            if "to" in edges:
                edges["to"] += timedelta(days=1)
            bounds = {
                f"{self.field_path}__{'gte' if end == 'from' else 'lt'}": self._moment(edges[end]) for end in edges
            }
        except (ValueError, OverflowError):
            self._refuse(request)
            return queryset.none()
        return queryset.filter(**bounds)

    def _moment(self, day: date) -> date | datetime:
        """Return when the day begins. Raises OverflowError at the ends of the calendar."""
        if not isinstance(self.field, DateTimeField):
            return day
        return timezone.make_aware(datetime.combine(day, time.min)).astimezone(timezone.get_default_timezone())

    def _refuse(self, request: HttpRequest) -> None:
        said = " – ".join(filter(None, self.given.values()))[:60]
        words = {"what": self.title, "said": said}
        text = _("“%(said)s” is no range of days for “%(what)s”: write days such as 2026-11-11.") % words
        # The list is asked twice on one page; it is said once.
        if not getattr(request, "refused_filters", None):
            request.refused_filters = True  # type: ignore[attr-defined]
            messages.error(request, text, fail_silently=True)

    def choices(self, changelist: Any) -> Iterator[Any]:
        today = timezone.localdate()
        spans = [(_("Today"), today), *((_days(days), today - timedelta(days=days - 1)) for days in QUICK_DAYS)]
        quick = [(words, {"from": str(since), "to": str(today)}) for words, since in spans]
        yield {
            "links": [
                {
                    "words": words,
                    "query": changelist.get_query_string({self.names[end]: day for end, day in span.items()}, ["p"]),
                    "selected": self.given == span,
                }
                for words, span in quick
            ],
            "all": changelist.get_query_string(remove=[*self.names.values(), "p"]),
            "given": self.given,
            "names": self.names,
            "others": pairs_without(self.request, *self.names.values()),
        }


def _days(days: int) -> str:
    return ngettext("Last %(count)d day", "Last %(count)d days", days) % {"count": days}


def _last(value: Any) -> str:
    return str(value[-1]) if isinstance(value, list) and value else str(value or "")


class _Offered:
    """Few choices as links, more in a drop-down, and never more than are looked through."""

    request: HttpRequest
    lookup_kwarg: str
    lookup_val: Any

    def as_choices(self, changelist: Any, offered: list[tuple[Any, Any]]) -> Iterator[Any]:
        chosen = _last(self.lookup_val)
        yield {
            "options": [
                {
                    "value": str(value),
                    "words": words,
                    "selected": str(value) == chosen,
                    "query": changelist.get_query_string({self.lookup_kwarg: value}, ["p"]),
                }
                for value, words in offered
            ],
            "all": changelist.get_query_string(remove=[self.lookup_kwarg, "p"]),
            "chosen": chosen,
            "name": self.lookup_kwarg,
            "as_links": len(offered) < AS_LINKS,
            "cut": len(offered) >= MOST_OFFERED,
            "others": pairs_without(self.request, self.lookup_kwarg),
        }


class AmongRelated(_Offered, admin.RelatedFieldListFilter):
    """By the row of another table: the newest by choosing, all by a part of what their own list is searched by."""

    template = "admin/parts/filter_choice.html"

    def __init__(self, *given: Any, **named: Any) -> None:
        self.request, field_path, self.site = given[1], named["field_path"], given[4].admin_site
        self.named, self.field_path = f"{field_path}__named", field_path
        super().__init__(*given, **named)
        self.sought = _last(self.used_parameters.pop(self.named, "")).strip()

    def expected_parameters(self) -> list[str | None]:
        return [*super().expected_parameters(), self.named]

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        related = field.remote_field.model
        rows = related._default_manager.order_by("-pk")
        if joined := joined_in_list(model_admin.admin_site, related):
            rows = rows.select_related(*joined)
        newest = list(rows[:MOST_OFFERED])
        self.cut = len(newest) == MOST_OFFERED
        chosen = _last(self.used_parameters.get(self.lookup_kwarg))
        if self.cut and chosen.isdecimal() and chosen not in {str(row.pk) for row in newest}:
            newest += rows.filter(pk=chosen)[:1]
        return sorted(((str(row.pk), str(row)) for row in newest), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = super().queryset(request, queryset)
        if chosen is None or not self.sought:
            return queryset if chosen is None else chosen
        return chosen.filter(**{f"{self.field_path}__in": self._found(request)})

    def _found(self, request: HttpRequest) -> list[Any]:
        """Return the keys of the rows that have what is sought: few, so that the list's own index finds theirs."""
        related: Any = self.field.remote_field.model  # type: ignore[union-attr]
        rows = related._default_manager.order_by("-pk")
        rows, _repeats = self.site.get_model_admin(related).get_search_results(request, rows, self.sought)
        # One row joined to several of another table stands there several times.
        found = list(dict.fromkeys(rows.values_list("pk", flat=True)[: MOST_OFFERED + 1]))
        if len(found) > MOST_OFFERED:
            words = {"what": self.title, "said": self.sought[:60], "most": MOST_OFFERED}
            text = _("More than %(most)d match “%(said)s” for “%(what)s”; the newest %(most)d are taken.") % words
            messages.warning(request, text, fail_silently=True)
        return found[:MOST_OFFERED]

    def choices(self, changelist: Any) -> Iterator[Any]:
        [choice] = self.as_choices(changelist, [(pk, words) for pk, words in self.lookup_choices])
        choice["cut"] = self.cut
        choice["all"] = changelist.get_query_string(remove=[self.lookup_kwarg, self.named, "p"])
        choice["others"] = pairs_without(self.request, self.lookup_kwarg, self.named)
        yield choice | {"named": self.named, "sought": self.sought}


class AmongValues(_Offered, admin.FieldListFilter):
    """By a text that many rows share. The values are found by the column's index, one step for each."""

    template = "admin/parts/filter_choice.html"

    def __init__(self, *given: Any, **named: Any) -> None:
        self.request, self.lookup_kwarg = given[1], named["field_path"]
        self.lookup_val = given[2].get(self.lookup_kwarg)
        super().__init__(*given, **named)

    def expected_parameters(self) -> list[str | None]:
        return [self.lookup_kwarg]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:
        return self.as_choices(changelist, [(value, value) for value in distinct_values(self.field)])


def distinct_values(field: Any, *, most: int = MOST_OFFERED) -> list[str]:
    """Return the values of an indexed column in their order, without those that are empty."""
    quote = connection.ops.quote_name
    table, column = quote(field.model._meta.db_table), quote(field.column)
    statement = f"""
        WITH RECURSIVE step AS (
            (SELECT {column} AS value FROM {table} WHERE {column} > '' ORDER BY {column} LIMIT 1)
            UNION ALL
            SELECT (SELECT {column} FROM {table} WHERE {column} > value ORDER BY {column} LIMIT 1)
            FROM step WHERE value IS NOT NULL
        )
        SELECT value FROM step WHERE value IS NOT NULL LIMIT %s
    """  # noqa: S608  names of our own tables
    with connection.cursor() as cursor:
        cursor.execute(statement, [most])
        return [value for (value,) in cursor.fetchall()]


def _indexed(field: Any) -> bool:
    return bool(field.db_index)


def thrifty(field: Any, path: Any, given: Any) -> Any:
    """Return the filter that takes the place of `given`, one of an admin's `list_filter`, for a column."""
    if isinstance(field, ForeignKey):
        return (path, AmongRelated)
    if isinstance(field, DateField):
        return (path, WithinDates)
    if isinstance(field, CharField) and not field.choices and _indexed(field):
        return (path, AmongValues)
    return given

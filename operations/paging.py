"""Pages of the API's lists: one form of `limit`, `cursor` and `next` for every list.

A page is found by its rows, not by their number: a cursor holds the values of the sort columns of the last row that was
given, and the next page is what comes behind them. So a page costs the same wherever it lies, and whatever is inserted
or deleted in between, a row that was there all along comes once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from operations.api_errors import ApiError
from operations.sentences import listed

MOST = 500
USUAL = 100
# What says which page of a list is meant, not which list.
OF_THE_PAGE = ("cursor", "limit")
SALT = "operations.paging"
PAGED = [
    OpenApiParameter(
        "limit",
        int,
        description=gettext_lazy("How many to give at most, 1 to 500; what is outside counts as the nearest."),
    ),
    OpenApiParameter(
        "cursor", str, description=gettext_lazy("`next` of the page before, with the same filters and order.")
    ),
]

Values = tuple[Any, ...]
Row = TypeVar("Row")
Stored = TypeVar("Stored", bound=Model)


@dataclass(frozen=True, slots=True)
class Order:
    """By which columns a list is sorted, all in one direction. Together they are unique and never NULL."""

    columns: tuple[str, ...]
    descending: bool = False

    def values_of(self, row: Model) -> Values:
        return tuple(attrgetter(column.replace("__", "."))(row) for column in self.columns)


NEWEST = Order(("id",), descending=True)
OLDEST = Order(("id",))
BY_SLUG = Order(("slug",))


@dataclass(frozen=True, slots=True)
class Asked:
    """The page that a request asks for: at most `limit` rows, behind the row that has the values `after`."""

    limit: int
    after: Values | None
    signer: signing.Signer

    def cut(self, rows: Sequence[Row], values_of: Callable[[Row], Values]) -> tuple[list[Row], str | None]:
        """Return the page out of `limit` + 1 rows that were looked for, and the cursor of the next one, if any."""
        page = list(rows[: self.limit])
        return page, self.cursor(values_of(page[-1])) if len(rows) > self.limit else None

    def cursor(self, values: Values) -> str:
        """Return the cursor of the page behind a row with these values."""
        return self.signer.sign_object([_as_json(each) for each in values])


def asked(request: Request, *, usual: int = USUAL) -> Asked:
    """Read `limit` and `cursor` of a list. `usual` is how many a page has where nobody says.

    Raises ApiError: `invalid` for a limit that is no number, `bad_cursor` for one that this very list, with these
    filters in this order, did not give.
    """
    signer = signing.Signer(salt=_binding(request), sep=".")
    return Asked(_limit(request.query_params.get("limit"), usual), _after(request, signer), signer)


def page_of(rows: QuerySet[Stored], order: Order, page: Asked) -> tuple[list[Stored], str | None]:
    """Return the page that was asked for, and the cursor of the next one. One query, and those of prefetches."""
    sign = "-" if order.descending else ""
    behind = rows if page.after is None else rows.filter(_behind(order, page.after))
    found = behind.order_by(*(f"{sign}{column}" for column in order.columns))[: page.limit + 1]
    return page.cut(list(found), order.values_of)


def bad_cursor(request: Request) -> ApiError:
    shown = request.query_params.get("cursor", "")[:50]
    return ApiError("bad_cursor", _("The cursor is not one that this list gave."), fields={"cursor": shown})


def refuse_unknown(request: Request, known: Sequence[str] = ()) -> None:
    """Raise ApiError naming each parameter that is none of a list's own: misspelt, it would hold back nothing."""
    if faults := unknown_among(request, known):
        raise invalid(faults)


def unknown_among(request: Request, known: Sequence[str]) -> dict[str, list[str]]:
    """Return what is wrong with parameters that are neither `known` nor those of every list."""
    names = [*known, *OF_THE_PAGE]
    words = _("This list does not take it; it takes %(names)s.") % {"names": listed(names)}
    return {name[:50]: [words] for name in request.query_params if name not in names}


def invalid(fields: dict[str, list[str]]) -> ApiError:
    return ApiError("invalid", _("The request has values that cannot be used."), fields=fields)


def _behind(order: Order, values: Values) -> Q:
    """The rows behind these values, as an index reads them: a range of the first column, and within it the others."""
    beyond, within = ("lt", "lte") if order.descending else ("gt", "gte")
    *before, (last, value) = zip(order.columns, values, strict=True)
    behind = Q((f"{last}__{beyond}", value))
    for column, value in reversed(before):
        behind = Q((f"{column}__{within}", value)) & (Q((f"{column}__{beyond}", value)) | behind)
    return behind


def _binding(request: Request) -> str:
    """What a cursor belongs to: the address, and all that narrows or sorts the list."""
    narrowing = sorted(
        (name, value) for name, values in request.query_params.lists() for value in values if name not in OF_THE_PAGE
    )
    return f"{SALT}:{request.path}?{urlencode(narrowing)}"


def _after(request: Request, signer: signing.Signer) -> Values | None:
    cursor = request.query_params.get("cursor", "")
    if not cursor:
        return None
    try:
        return tuple(signer.unsign_object(cursor))
    except signing.BadSignature:
        raise bad_cursor(request) from None


def _limit(text: str | None, usual: int) -> int:
    if text is None:
        return usual
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise invalid({"limit": [_("This must be a whole number.")]})
    if text.startswith("-"):
        return 1
    # So long a number is too large whatever it is, and int() takes none of more than 4,300 digits.
    return MOST if len(digits.lstrip("0")) > len(str(MOST)) else min(max(int(digits[-9:]), 1), MOST)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value

"""The inbox of approvals: what waits for somebody, what they asked for, what was decided. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.urls import reverse

from operations import approval_items
from operations.approval_source import Item, Source, sources
from operations.four_eyes import AREA_WORDS
from operations.models import ApprovalRequest

State = ApprovalRequest.State
TABS = ("waiting", "asked", "decided")
# Lists are merged from several tables: that far one can turn pages.
PER_PAGE, MOST_PAGES = 25, 40


@dataclass(frozen=True, slots=True)
class Found:
    """A few items of a list and how many there are in all."""

    items: Sequence[Item]
    count: int


def waiting_for(user: Any, *, most: int = 5) -> Found:
    """Return what waits for this user's decision, oldest first: at most `most`, and how many in all.

    One statement for requests, and one for each source that the user may decide about.
    """
    return listed("waiting", user, most=most)


def listed(tab: str, user: Any, *, area: str = "", most: int = PER_PAGE, after: int = 0) -> Found:
    """Return the items of a tab, of one area where it is given: waiting ones oldest first, others newest first."""
    oldest_first = tab == "waiting"
    until = after + most
    lists = [_counted(_requests(tab, user, area), _as_item, _time(tab, "asked_at", "decided_at"), oldest_first, until)]
    for source in sources():
        if area in ("", source.area):
            rows = _rows_of(source, tab, user)
            time = _time(tab, source.asked_field, source.decided_field)
            lists.append(_counted(rows, source.as_item, time, oldest_first, until))
    items = sorted((item for found in lists for item in found.items), key=_order(tab), reverse=not oldest_first)
    return Found(items[after:until], sum(found.count for found in lists))


def _order(tab: str) -> Any:
    return (lambda item: item.at) if tab == "decided" else (lambda item: item.asked_at)


def _time(tab: str, asked: str, decided: str) -> str:
    return decided if tab == "decided" else asked


def _requests(tab: str, user: Any, area: str) -> QuerySet:
    kinds = [kind for kind in approval_items.kinds() if area in ("", kind.area)]
    rows = ApprovalRequest.objects.select_related("asked_by", "decided_by")
    if tab == "waiting":
        mine = [kind.name for kind in kinds if kind.may_approve(user)]
        return rows.filter(state=State.WAITING, kind__in=mine).exclude(asked_by=user.pk)
    if area:
        rows = rows.filter(kind__in=[kind.name for kind in kinds])
    if tab == "asked":
        return rows.filter(asked_by=user.pk)
    seen = rows.exclude(state=State.WAITING)
    if user.has_perm("operations.view_approvalrequest"):
        return seen
    return seen.filter(kind__in=[kind.name for kind in kinds if kind.may_ask(user) or kind.may_approve(user)])


def _rows_of(source: Source, tab: str, user: Any) -> QuerySet:
    return {"waiting": source.waiting_for, "asked": source.asked_by, "decided": source.decided}[tab](user)


def _counted(rows: QuerySet, as_item: Any, time: str, oldest_first: bool, until: int) -> Found:
    order = F(time).asc() if oldest_first else F(time).desc(nulls_last=True)
    found = list(rows.annotate(of_all=Window(Count("pk"))).order_by(order, "pk")[:until])
    return Found([as_item(row) for row in found], found[0].of_all if found else 0)


def _as_item(request: ApprovalRequest) -> Item:
    kind = approval_items.kind_of(request)
    return Item(
        kind=request.kind,
        area=kind.area if kind else "",
        kind_title=str(kind.title) if kind else request.kind,
        title=request.target_name,
        link=reverse("admin:operations_approvalrequest_change", args=[request.pk]),
        state=request.state,
        state_words=request.get_state_display(),
        asked_by=str(request.asked_by),
        asked_at=request.asked_at,
        decided_by=str(request.decided_by) if request.decided_by else "",
        decided_at=request.decided_at,
    )


def areas() -> Iterable[tuple[str, str]]:
    """Return (area, words) of what is listed here, in the areas' order."""
    there = {kind.area for kind in approval_items.kinds()} | {source.area for source in sources()}
    return [(area, str(words)) for area, words in AREA_WORDS.items() if area in there]


def takes_part(user: Any) -> bool:
    """Tell whether the inbox is of any use to the user: they may ask for something, or decide about something."""
    rights = [(each.to_ask, each.to_approve) for each in approval_items.kinds()]
    rights += [(each.to_ask, each.to_approve) for each in sources()]
    may = user.has_perm
    return may("operations.view_approvalrequest") or any(
        any(map(may, to_ask)) or all(map(may, to_approve)) for to_ask, to_approve in rights
    )

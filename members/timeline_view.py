"""The timeline as an address asks for it: of which kind, and from where on."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from members import portrait
from members.portrait import Source
from members.timeline import BadCursor, Cursor, Page, page_of


@dataclass(frozen=True, slots=True)
class Turn:
    """Another view of the timeline: the page's own address, and that of the timeline alone."""

    title: str | Promise
    kind: str
    current: bool
    address: str
    fragment: str


@dataclass(frozen=True, slots=True)
class ShownTimeline:
    page: Page
    choices: list[Turn]
    newest: Turn | None
    older: Turn | None


def timeline_of(member_id: int, request: HttpRequest) -> ShownTimeline:
    """Read what `?kind=…&before=…` asks for; what it names and there is not, is as if it were left out."""
    sources = portrait.sources_for(request.user)
    kind, before = _asked(request, sources)
    chosen = [source for source in sources if kind in ("", source.kind)]
    page = page_of(chosen, member_id, before=before)

    def turn(title: str | Promise, kind_then: str, cursor: Cursor | None = None) -> Turn:
        return _turn(title, member_id, kind_then, cursor, current=kind_then == kind)

    return ShownTimeline(
        page=page,
        choices=[turn(_("All"), ""), *(turn(source.title, source.kind) for source in sources)],
        newest=turn(_("Newest"), kind) if before else None,
        older=turn(_("Older"), kind, page.older) if page.older else None,
    )


def _asked(request: HttpRequest, sources: Sequence[Source]) -> tuple[str, Cursor | None]:
    kinds = {source.kind for source in sources}
    kind = request.GET.get("kind", "")
    try:
        before = Cursor.read(request.GET["before"]) if "before" in request.GET else None
    except BadCursor:
        before = None
    if kind not in kinds:
        kind = ""
    if before is not None and before.kind not in ({kind} if kind else kinds):
        before = None
    return kind, before


def _turn(title: str | Promise, member_id: int, kind: str, cursor: Cursor | None, *, current: bool) -> Turn:
    asked = {"kind": kind, "before": str(cursor) if cursor else ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    page, alone = (reverse(f"admin:members_member_{view}", args=[member_id]) for view in ("change", "timeline"))
    return Turn(title, kind, current, f"{page}?{query}" if query else page, f"{alone}?{query}" if query else alone)

"""Rows of members' tags (uid, group, tag, expires_at) as a file or an API call brings them.

A time that is over takes the tag away. Without a time, the tag is valid for its own number of days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from members import cells
from members.faults import RowError
from members.folding import IngestResult
from members.import_columns import Column
from members.imports import Importer, Ingest
from members.models import Member
from members.rows import Raw, refuse_unknown_columns
from segmentation import tagging
from segmentation.models import MemberTag, Tag
from segmentation.tagging import Setter, Wanted
from segmentation.world import site_zone

COLUMNS = ("uid", "group", "tag", "expires_at")
COLUMN_WORDS = {
    "group": Column(_("Key of the tag group"), ("标签组", "标签组标识", "标签组编码"), "taste"),
    "tag": Column(_("Key of the tag"), ("标签", "标签标识", "标签编码"), "milk"),
    "expires_at": Column(
        _("Time it expires; one that is over takes the tag away"),
        ("过期时间", "失效时间", "到期时间", "有效期至"),
        "2030-12-31T23:59:59+08:00",
    ),
}
FURTHEST_EXPIRY = timedelta(days=365 * 50)


class TagFault(StrEnum):
    UNKNOWN_MEMBER = "unknown_member"
    UNKNOWN_TAG = "unknown_tag"
    RULED_TAG = "ruled_tag"


WORDINGS = {
    TagFault.UNKNOWN_MEMBER: _("%(column)s: there is no member %(value)s."),
    TagFault.UNKNOWN_TAG: _("%(column)s: there is no tag %(value)s."),
    TagFault.RULED_TAG: _("%(column)s: %(value)s follows its rule and is not set otherwise."),
}


@dataclass(frozen=True, slots=True)
class TagContext:
    now: datetime
    zone: ZoneInfo
    tags: Mapping[tuple[str, str], Tag]


@dataclass(frozen=True, slots=True)
class TagRow:
    uid: str
    tag: Tag
    expires_at: datetime | None


def load_context(now: datetime) -> TagContext:
    """Return what rows are read against: the tags there are, by (group, tag)."""
    tags = Tag.objects.select_related("group")
    return TagContext(now, site_zone(), {(tag.group.slug, tag.slug): tag for tag in tags})


def parse_tag(raw: Raw, context: TagContext) -> TagRow:
    """Read one row. Raises RowError."""
    refuse_unknown_columns(raw, COLUMNS)
    uid = cells.required_text(raw.get("uid"), "uid", limit=100)
    group = cells.required_text(raw.get("group"), "group", limit=50)
    slug = cells.required_text(raw.get("tag"), "tag", limit=50)
    expires_at = cells.time(raw.get("expires_at"), "expires_at", zone=context.zone, now=context.now + FURTHEST_EXPIRY)
    tag = context.tags.get((group, slug))
    if tag is None:
        raise RowError(TagFault.UNKNOWN_TAG, "tag", value=f"{group}.{slug}")
    if tag.rule is not None:
        raise RowError(TagFault.RULED_TAG, "tag", value=f"{group}.{slug}")
    return TagRow(uid, tag, expires_at)


@transaction.atomic
def _ingest(rows: list[TagRow], by: Setter, now: datetime) -> IngestResult:
    """Set and take away the tags of all rows. Of two rows that are about the same thing the later one holds."""
    ids = dict(Member.objects.filter(uid__in={row.uid for row in rows}).values_list("uid", "pk"))
    rejected = [
        (index, RowError(TagFault.UNKNOWN_MEMBER, "uid", value=row.uid))
        for index, row in enumerate(rows)
        if row.uid not in ids
    ]
    wanted, unwanted = _fold([row for row in rows if row.uid in ids], ids, now)
    tagging.hold({row.tag.pk for row in rows}, set(ids.values()))
    removed = tagging.remove_each(unwanted, by=by, now=now)
    done = tagging.set_each(wanted, by=by, now=now)
    updated = done.updated + removed
    return IngestResult(done.created, updated, len(rows) - len(rejected) - done.created - updated, rejected)


def _fold(rows: list[TagRow], ids: Mapping[str, int], now: datetime) -> tuple[list[Wanted], list[Wanted]]:
    """Return what the rows want set, and what they want taken away."""
    wanted: dict[tuple[int, int], Wanted] = {}
    unwanted: dict[tuple[int, int], Wanted] = {}
    for row in rows:
        each = Wanted(ids[row.uid], row.tag, tagging.until(row.tag, now=now, expires_at=row.expires_at))
        place, own = (each.member_id, tagging.place_of(row.tag)), (each.member_id, row.tag.pk)
        if row.expires_at is None or row.expires_at > now:
            wanted[place] = each
            unwanted.pop(own, None)
            continue
        unwanted[own] = each
        if place in wanted and wanted[place].tag == row.tag:
            del wanted[place]
    return list(wanted.values()), list(unwanted.values())


def ingest_from(source: str, name: str = "") -> Ingest:
    """Return how rows are taken that come from a file, or from a client of the API, of this name."""

    def ingest(rows: list[TagRow], *, now: datetime) -> IngestResult:
        return _ingest(rows, Setter(source, name), now)

    return ingest


IMPORTED = Importer(
    required=COLUMNS[:3],
    optional=COLUMNS[3:],
    load_context=load_context,
    parse=parse_tag,
    ingest=ingest_from(MemberTag.Source.IMPORT),
    ingest_named=partial(ingest_from, MemberTag.Source.IMPORT),
    title=_("Tags of members"),
    permission="segmentation.add_membertag",
)


def received_from(client: str) -> Importer:
    """Return how a call of this client of the API brings tags in."""
    return replace(IMPORTED, ingest=ingest_from(MemberTag.Source.API, client))

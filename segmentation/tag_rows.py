"""Rows of members' tags (uid, group, tag, expires_at) as a file or an API call brings them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
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
from segmentation.models import MemberTag, Tag
from segmentation.tagging import set_tag
from segmentation.world import site_zone

COLUMNS = ("uid", "group", "tag", "expires_at")
COLUMN_WORDS = {
    "group": Column(_("Key of the tag group"), ("标签组", "标签组标识", "标签组编码"), "taste"),
    "tag": Column(_("Key of the tag"), ("标签", "标签标识", "标签编码"), "milk"),
    "expires_at": Column(
        _("Time it expires"), ("过期时间", "失效时间", "到期时间", "有效期至"), "2030-12-31T23:59:59+08:00"
    ),
}
FURTHEST_EXPIRY = timedelta(days=365 * 50)


class TagFault(StrEnum):
    UNKNOWN_MEMBER = "unknown_member"
    UNKNOWN_TAG = "unknown_tag"


WORDINGS = {
    TagFault.UNKNOWN_MEMBER: _("%(column)s: there is no member %(value)s."),
    TagFault.UNKNOWN_TAG: _("%(column)s: there is no tag %(value)s."),
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
    return TagRow(uid, tag, expires_at)


@transaction.atomic
def _ingest(rows: list[TagRow], source: str, now: datetime) -> IngestResult:
    """Set the tags of all rows. Of two rows that exclude each other the later one holds."""
    ids = dict(Member.objects.filter(uid__in={row.uid for row in rows}).values_list("uid", "pk"))
    rejected: list[tuple[int, RowError]] = []
    last: dict[tuple[int, int], tuple[Tag, datetime | None]] = {}
    for index, row in enumerate(rows):
        if row.uid not in ids:
            rejected.append((index, RowError(TagFault.UNKNOWN_MEMBER, "uid", value=row.uid)))
            continue
        # Negative keys are groups: in an exclusive one a member has a single place.
        place = -row.tag.group_id if row.tag.group.exclusive else row.tag.pk
        last[ids[row.uid], place] = (row.tag, row.expires_at)
    wanted: dict[tuple[Tag, datetime | None], list[int]] = {}
    for (member_id, _place), chosen in last.items():
        wanted.setdefault(chosen, []).append(member_id)
    # All members are locked at once and in order, before any tag is written.
    list(Member.objects.select_for_update(no_key=True).filter(pk__in={m for m, _ in last}).order_by("pk").values("pk"))
    created = updated = 0
    for (tag, expires_at), members in wanted.items():
        done = set_tag(members, tag, source=source, now=now, expires_at=expires_at)
        created, updated = created + done.created, updated + done.updated
    return IngestResult(created, updated, len(rows) - len(rejected) - created - updated, rejected)


def import_tags(rows: list[TagRow], *, now: datetime) -> IngestResult:
    return _ingest(rows, MemberTag.Source.IMPORT, now)


def receive_tags(rows: list[TagRow], *, now: datetime) -> IngestResult:
    return _ingest(rows, MemberTag.Source.API, now)


def importer(ingest: Ingest) -> Importer:
    return Importer(
        required=COLUMNS[:3],
        optional=COLUMNS[3:],
        load_context=load_context,
        parse=parse_tag,
        ingest=ingest,
        title=_("Tags of members"),
        permission="segmentation.add_membertag",
    )


IMPORTED = importer(import_tags)
RECEIVED = importer(receive_tags)

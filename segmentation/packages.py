"""Packages of members (用户包): made of a list, of a segment as it is now, of other sets, or by a random split.

A package changes by hand only; each change is a version of its own, with where it came from. Whoever was erased drops
out of every answer, since rules are asked of living members only, and out of every list and file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from pyroaring import BitMap

from members import touches
from operations import audit
from segmentation import evaluation, member_sets, splitting, world
from segmentation.columns import read_ids
from segmentation.counting import read_rule
from segmentation.models import Package, PackageVersion, Segment, UidList
from segmentation.publishing import tell_readers, tell_webhooks
from segmentation.sources import SourceError
from segmentation.uid_lists import name_of

LETTERS = "ABCDEFGHIJ"


class Operation(StrEnum):
    AND = "and"
    OR = "or"
    MINUS = "minus"


@dataclass(frozen=True, slots=True)
class Step:
    """One set of a combination, and how it is joined to what the steps before it gave."""

    operation: Operation
    segment: Segment


@dataclass(frozen=True, slots=True)
class Content:
    """What a package shall hold, and where that comes from (`Segment.origin`)."""

    members: BitMap
    origin: dict[str, Any]


@transaction.atomic
def make(  # noqa: PLR0913 what it is called and holds, and who makes it
    slug: str, name: str, content: Content, *, by: audit.Actor, now: datetime, description: str = ""
) -> Package:
    """Make a package. Its key is not taken yet."""
    package = Package(slug=slug, name=name, description=description, kind=Segment.Kind.PACKAGE, rule=None)
    package.follows = False
    package.save()
    _add_version(package, content, by, now)
    tell_webhooks(package, entered=content.members, left=BitMap(), now=now)
    return package


@transaction.atomic
def renew(package: Segment, content: Content, *, by: audit.Actor, now: datetime) -> PackageVersion:
    """Give the package a new version; segments and tags that read it look again at who came and who went."""
    package = Package.objects.select_for_update().get(pk=package.pk)
    before = member_sets.load(package.members_id) if package.members_id else BitMap()
    version = _add_version(package, content, by, now)
    tell_readers(package, before ^ content.members, now=now)
    tell_webhooks(package, entered=content.members - before, left=before - content.members, now=now)
    return version


def of_list(uids: UidList) -> Content:
    """The members on a list."""
    told = {"list": uids.pk, "name": uids.name, "lines": uids.lines, "repeated": uids.repeated, "unknown": uids.unknown}
    return Content(member_sets.load(uids.members_id), {"how": "upload"} | told)


def of_now(segment: Segment, *, now: datetime) -> Content:
    """The members of a segment as of now. Raises RuleError, and SourceError where its rule cannot be answered."""
    if segment.kind == Segment.Kind.PACKAGE:
        members = published(segment)
    else:
        members = evaluation.members_of(read_rule(segment.rule), world.everyone(now=now))
    return Content(members, {"how": "freeze", "at": now.isoformat()} | _named(segment))


def of_version(version: PackageVersion) -> Content:
    """What the package held before."""
    return Content(member_sets.load(version.members_id), {"how": "restore", "version": version.number})


def combined(steps: Sequence[Step]) -> tuple[Content, list[int]]:
    """Join the sets in order; returns what came out, and how many it was after each step.

    Raises SourceError for a segment that was never computed.
    """
    members, counts = BitMap(), []
    for number, step in enumerate(steps):
        own = published(step.segment)
        match Operation.OR if number == 0 else step.operation:
            case Operation.AND:
                members &= own
            case Operation.OR:
                members |= own
            case Operation.MINUS:
                members -= own
        counts.append(len(members))
    told = [{"operation": step.operation.value} | _named(step.segment) for step in steps]
    return Content(members, {"how": "combine", "steps": told}), counts


def split(segment: Segment, *, salt: str, shares: Sequence[int]) -> list[Content]:
    """Part the members at random, the same way for the same salt (`splitting`). Raises BadShares and SourceError."""
    told = {"how": "split", "salt": salt, "shares": list(shares)} | _named(segment)
    groups = splitting.split(published(segment), salt, shares)
    return [Content(BitMap(ids.astype("uint32")), told | {"group": n}) for n, ids in enumerate(groups)]


@transaction.atomic
def make_groups(slug: str, name: str, groups: Sequence[Content], *, by: audit.Actor, now: datetime) -> list[Package]:
    """Make a package for each group of a split: all of them, or none."""
    return [
        make(f"{slug}-{letter.lower()}", f"{name} {letter}", group, by=by, now=now)
        for letter, group in zip(LETTERS, groups, strict=False)
    ]


def published(segment: Segment) -> BitMap:
    """Return the members of the segment's last good version who were not erased. Raises SourceError if it has none."""
    if segment.members_id is None:
        raise SourceError(_("The segment “%(segment)s” has no members computed yet.") % {"segment": segment})
    return member_sets.load(segment.members_id) - erased()


def erased() -> BitMap:
    return read_ids("SELECT id FROM members_member WHERE erased_at IS NOT NULL", ())


def _add_version(package: Package, content: Content, by: audit.Actor, now: datetime) -> PackageVersion:
    last = package.contents.aggregate(last=Max("number"))["last"] or 0
    state = touches.state()
    stored = member_sets.store(content.members)
    package.members, package.origin, package.as_of, package.refreshed_at = stored, content.origin, state, now
    package.save(update_fields=["members", "origin", "as_of", "refreshed_at"])
    version = PackageVersion.objects.create(
        package=package,
        number=last + 1,
        members=stored,
        size=stored.size,
        origin=content.origin,
        made_by=name_of(by),
        made_at=now,
    )
    what = "package.added" if last == 0 else "package.renewed"
    changes = {"version": [last or None, last + 1], "size": [None, stored.size], "origin": [None, content.origin]}
    audit.record(what, package, by=by, now=now, changes=changes)
    return version


def _named(segment: Segment) -> dict[str, str]:
    return {"segment": segment.slug, "name": segment.name}

"""What a segment says of a member as published, against what its rule says now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from members.models import Member
from segmentation import member_sets
from segmentation.models import Segment


@dataclass(frozen=True, slots=True)
class Standing:
    """`published` is what serves. `told` says when it was computed, and why the rule may say something else now."""

    published: bool
    told: str


def standing(segment: Segment, member: Member, *, holds_now: bool | None, now: datetime) -> Standing:
    """Return where the member stands; `holds_now` is None where the rule cannot be asked, or there is none."""
    published = segment.members_id is not None and member_sets.holds(segment.members_id, member.pk)
    return Standing(published, _told(segment, member, published, published if holds_now is None else holds_now, now))


def _told(segment: Segment, member: Member, published: bool, holds_now: bool, now: datetime) -> str:
    if member.erased_at is not None:
        return _("The member was erased, and so is in nobody's audience.")
    if segment.kind == Segment.Kind.PACKAGE:
        return _("A package holds the members that were put into it, whatever their facts.")
    if segment.members_id is None or segment.refreshed_at is None:
        return _("The segment has not been computed yet.")
    words = {"ago": timesince(segment.refreshed_at, now)}
    newest = segment.versions.first()
    if published == holds_now:
        told = _("Last computed %(ago)s ago.")
    elif newest is not None and newest.saved_at > segment.refreshed_at:
        words["saved"] = timesince(newest.saved_at, now)
        told = _("The rule was saved %(saved)s ago, after the last computation %(ago)s ago. The next one follows.")
    elif holds_now:
        told = _("Joined since the last computation %(ago)s ago. The next one follows.")
    else:
        told = _("Left since the last computation %(ago)s ago. The next one follows.")
    return told % words

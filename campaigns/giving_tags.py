"""Tags for taking part, each given once in a campaign: whoever takes it away from a member again has the last word."""

from collections.abc import Collection
from datetime import datetime

from campaigns.models import TagGiven
from segmentation import participation_tags


def give(enrolment_id: int, member_id: int, tag: str, *, campaign: str, now: datetime) -> bool:
    """Give the tag "group.tag" unless it was given before. Locks the member, so before any of their accounts."""
    _row, is_new = TagGiven.objects.get_or_create(enrolment_id=enrolment_id, tag=tag, defaults={"given_at": now})
    return is_new and participation_tags.give_tag(member_id, tag, campaign=campaign, now=now)


def give_to_all(who: Collection[tuple[int, int]], tag: str, *, campaign: str, now: datetime) -> None:
    """Give the tag to several, each (enrolment, member), who are locked and have not had it."""
    rows = [TagGiven(enrolment_id=enrolment, tag=tag, given_at=now) for enrolment, _member in who]
    TagGiven.objects.bulk_create(rows, ignore_conflicts=True)
    participation_tags.give_to_all([member for _enrolment, member in who], tag, campaign=campaign, now=now)

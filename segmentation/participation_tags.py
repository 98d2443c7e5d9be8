"""Tags that members get by taking part: given by apps above, inside the transaction of what was done."""

from collections.abc import Collection
from datetime import datetime

import structlog

from segmentation import tagging
from segmentation.models import MemberTag, Tag

log = structlog.get_logger(__name__)


def give_tag(member_id: int, tag: str, *, campaign: str, now: datetime) -> bool:
    """Let the member carry `tag`, named "group.tag", by the campaign of this key; returns whether it was given.

    A tag that is gone or follows a rule by now is passed over: it must not cost the member the reward beside it.
    """
    return give_to_all([member_id], tag, campaign=campaign, now=now)


def give_to_all(member_ids: Collection[int], tag: str, *, campaign: str, now: datetime) -> bool:
    """Let all of these members carry `tag`, as `give_tag` does for one."""
    group, _dot, slug = tag.partition(".")
    found = Tag.objects.select_related("group").filter(group__slug=group, slug=slug).first()
    if found is None or found.rule is not None:
        log.warning("tag.not_given", tag=tag, campaign=campaign)
        return False
    tagging.set_tag(member_ids, found, source=MemberTag.Source.PARTICIPATION, set_by=campaign, now=now)
    return True

"""Tasks follow facts that no activity tells of, such as a profile that was filled in: once a minute, who was touched.

`members.touches` keeps who was touched by which family of facts. The row `Look` remembers the state up to which this
was followed; it is taken before the facts are read, so that nothing that is committed meanwhile is missed.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from campaigns import following, kinds, published, states
from campaigns.models import Campaign, Enrolment, Look
from members import touches

NAME = "touched"


@transaction.atomic
def follow_touched(*, now: datetime) -> int:
    """Look again at the tasks of the members who were touched; return how many enrolments that are.

    Where it is not known who was, because nothing was followed for a day, everyone who takes part is looked at.
    """
    Look.objects.get_or_create(name=NAME)
    look = Look.objects.select_for_update(skip_locked=True).filter(name=NAME).first()
    if look is None:
        return 0
    campaigns, families = _asking()
    as_of = touches.state() if families else ""
    members = touches.touched_since(look.as_of, families) if families and look.as_of else None
    enrolments = _enrolments(campaigns, members)
    if enrolments:
        following.follow_in_slices(enrolments, key=f"touched:{now.isoformat()}", now=now)
    look.as_of, look.looked_at = as_of, now
    look.save(update_fields=["as_of", "looked_at"])
    return len(enrolments)


def _asking() -> tuple[list[int], set[str]]:
    """The live campaigns with tasks that follow touched facts, and the families of facts that these follow."""
    live = list(Campaign.objects.filter(state__in=states.OPEN, current__isnull=False).order_by("pk"))
    definitions = published.definitions_of(",".join(f"{each.current_id}:{each.state}" for each in live))
    campaigns, families = [], set()
    for campaign, definition in zip(live, definitions, strict=True):
        asked = {family for task in definition.tasks for family in kinds.find(task.kind).TOUCHED_BY}
        if asked:
            campaigns.append(campaign.pk)
            families |= asked
    return campaigns, families


def _enrolments(campaigns: Collection[int], members: Collection[int] | None) -> list[int]:
    if not campaigns or members == []:
        return []
    those = Enrolment.objects.filter(campaign__in=campaigns)
    if members is not None:
        those = those.filter(member__in=members)
    return list(those.order_by("id").values_list("pk", flat=True))

"""Tags for whoever won: draws are one statement of the database, which leaves a touch of its member behind.

The touches are followed by the database's own order of commits (`members.touches`), so that no win is missed, whatever
the order in which draws end. A state that is too old to be followed has everyone looked at who has drawn.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from campaigns import giving_tags, published, tag_rules
from campaigns.entering import scope_of
from campaigns.models import Campaign, WinnersFollowed
from members import locking, touches
from rewards.drawing import TOUCHED as DRAWS

RUNNING = (Campaign.State.LIVE, Campaign.State.PAUSED, Campaign.State.ENDED)

# Whoever won in the scope takes part in the campaign; those who have had the tag are left alone.
WINNERS = """
    SELECT DISTINCT enrolment.id, enrolment.member_id
    FROM rewards_draw draw
    JOIN rewards_poolversionprize prize ON prize.version_id = draw.version_id AND prize.key = draw.prize
    JOIN campaigns_enrolment enrolment ON enrolment.member_id = draw.member_id AND enrolment.campaign_id = %(campaign)s
    JOIN members_member member ON member.id = draw.member_id AND member.erased_at IS NULL
    WHERE draw.scope = %(scope)s AND NOT prize.consolation
        AND (%(members)s::bigint[] IS NULL OR draw.member_id = ANY(%(members)s))
        AND NOT EXISTS (
            SELECT FROM campaigns_taggiven given WHERE given.enrolment_id = enrolment.id AND given.tag = %(tag)s
        )
    ORDER BY enrolment.member_id LIMIT %(limit)s
"""
# So many get it in one transaction.
AT_ONCE = 2_000


def follow(*, now: datetime) -> int:
    """Give the tag to everyone who has won since the last time; return to how many."""
    campaigns = Campaign.objects.filter(current__definition__features__tags__has_key="won", state__in=RUNNING)
    given = 0
    for campaign in campaigns.order_by("pk"):
        definition = published.definition_of(campaign.slug)
        tags = tag_rules.of(definition.features) if definition else None
        if definition and tags and tags.won:
            given += _follow(campaign, scope_of(definition), tags.won, now=now)
    return given


@touches.together()
def _follow(campaign: Campaign, scope: str, tag: str, *, now: datetime) -> int:
    WinnersFollowed.objects.get_or_create(campaign=campaign, tag=tag, defaults={"state": ""})
    followed = WinnersFollowed.objects.select_for_update().get(campaign=campaign, tag=tag)
    state = touches.state()
    members = touches.touched_since(followed.state, [DRAWS]) if followed.state else None
    winners = [] if members == [] else _winners(campaign, scope, tag, members)
    locking.lock_by_id([member_id for _enrolment, member_id in winners])
    giving_tags.give_to_all(winners, tag, campaign=campaign.slug, now=now)
    if len(winners) < AT_ONCE:
        # The rest is found from the same state the next time.
        followed.state = state
        followed.save(update_fields=["state"])
    return len(winners)


def _winners(campaign: Campaign, scope: str, tag: str, members: Sequence[int] | None) -> list[tuple[int, int]]:
    """(enrolment, member) of who has won and has not had the tag, of these members or, for None, of all."""
    values: dict[str, Any] = {"campaign": campaign.pk, "scope": scope, "tag": tag, "members": members, "limit": AT_ONCE}
    with connection.cursor() as cursor:
        cursor.execute(WINNERS, values)
        return cursor.fetchall()

"""Awards that are used within a time: told of some days before its end, and expired after it.

Both take a slice in the order of `expires_at`, from the index of what is granted and due, and neither waits for an
award that somebody is checking off at this moment: it is either used by then, or due again in the next slice.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from members import activity, inbox
from rewards import inbox_words
from rewards.awards import USABLE
from rewards.models import Award, Gift

EXPIRING = "award.expiring"
NOTICE_DAYS = 3
# What expires unused: coupons, physical gifts for which no address was given, red packets that nobody could be paid.
KINDS = [*USABLE, Gift.Kind.PHYSICAL, Gift.Kind.RED_PACKET]

# Materialized: a subquery could be run again for each row, and skip to other rows each time.
EXPIRE = """
WITH due AS MATERIALIZED (
    SELECT award.id FROM rewards_award award JOIN rewards_gift gift ON gift.id = award.gift_id
    WHERE award.state = 'granted' AND award.expires_at <= %(now)s AND gift.kind = ANY (%(kinds)s)
    ORDER BY award.expires_at LIMIT %(limit)s FOR UPDATE OF award SKIP LOCKED
)
UPDATE rewards_award award SET state = 'expired', changed_at = %(now)s
FROM due WHERE award.id = due.id AND award.state = 'granted'
"""

TELL = """
INSERT INTO rewards_awardnotice (award_id, told_at)
SELECT award.id, %(now)s FROM rewards_award award JOIN rewards_gift gift ON gift.id = award.gift_id
WHERE award.state = 'granted' AND award.expires_at > %(now)s AND award.expires_at <= %(until)s
  AND gift.kind = ANY (%(kinds)s)
  AND NOT EXISTS (SELECT FROM rewards_awardnotice told WHERE told.award_id = award.id)
ORDER BY award.expires_at LIMIT %(limit)s
ON CONFLICT (award_id) DO NOTHING
RETURNING award_id
"""


def expire_due(*, now: datetime, limit: int) -> int:
    """Move at most `limit` granted awards whose time is over to `expired`; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(EXPIRE, {"now": now, "kinds": KINDS, "limit": limit})
        return cursor.rowcount


@transaction.atomic
def tell_of_expiry(*, now: datetime, limit: int) -> int:
    """Tell of each award that expires within `NOTICE_DAYS`, once, at most `limit`; return how many.

    The member reads it in the inbox; an Activity tells whoever follows.
    """
    until = now + timedelta(days=NOTICE_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"now": now, "until": until, "kinds": KINDS, "limit": limit})
        told = [award_id for (award_id,) in cursor.fetchall()]
    awards = list(Award.objects.filter(pk__in=told).select_related("gift").order_by("expires_at", "pk"))
    activity.record([_happened(award, now) for award in awards], now=now)
    inbox.put([_message(award) for award in awards], now=now)
    return len(told)


def _happened(award: Award, now: datetime) -> activity.Happened:
    data = {"award": award.pk, "gift": award.gift.slug, "expires_at": _end(award)}
    return activity.Happened(award.member_id, EXPIRING, f"award:{award.pk}", now, data)


def _message(award: Award) -> inbox.Message:
    more = {"expires_at": _end(award), "needs_address": award.gift.kind == Gift.Kind.PHYSICAL}
    return inbox_words.of_award(inbox_words.AWARD_EXPIRING, award, f"expires:{award.pk}", **more)


def _end(award: Award) -> str:
    return award.expires_at.isoformat() if award.expires_at else ""

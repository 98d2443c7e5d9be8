"""Telling members that what they hold will expire: once for each unit and moment of expiry, some days before."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from members import activity

EXPIRING = "points.expiring"

# Accounts in the order of their ids, so that a slice ends where the next one starts, and each lot is read once a night.
TELL = """
    INSERT INTO rewards_expirynotice (account_id, expires_at, amount, told_at)
    SELECT lot.account_id, lot.expires_at, sum(lot.remaining), %(now)s
    FROM rewards_lot lot
    JOIN rewards_account account ON account.id = lot.account_id
    JOIN rewards_unit unit ON unit.id = account.unit_id
    WHERE lot.remaining > 0 AND lot.account_id >= %(first)s
      AND lot.expires_at > %(now)s AND lot.expires_at <= %(now)s + unit.notice_days * interval '1 day'
      AND NOT EXISTS (
        SELECT FROM rewards_expirynotice told
        WHERE told.account_id = lot.account_id AND told.expires_at = lot.expires_at
      )
    GROUP BY lot.account_id, lot.expires_at
    ORDER BY lot.account_id, lot.expires_at
    LIMIT %(limit)s
    ON CONFLICT (account_id, expires_at) DO NOTHING
    RETURNING account_id, expires_at, amount
"""
WHOSE = """
    SELECT account.id, account.member_id, unit.slug, unit.time_zone
    FROM rewards_account account JOIN rewards_unit unit ON unit.id = account.unit_id WHERE account.id = ANY (%s)
"""


@dataclass(frozen=True, slots=True)
class Told:
    """How many notices a slice gave, and the account at which the next one starts."""

    notices: int
    next_account: int


@transaction.atomic
def tell_of_expiry(*, now: datetime, limit: int, first_account: int = 0) -> Told:
    """Write an Activity for what expires within its unit's notice, at most `limit`, in the order of the accounts."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"now": now, "first": first_account, "limit": limit})
        notices = cursor.fetchall()
        cursor.execute(WHOSE, [[account_id for account_id, _expires_at, _amount in notices]])
        whose = {account_id: rest for account_id, *rest in cursor.fetchall()}
    activity.record([_happened(*whose[notice[0]], *notice[1:], now=now) for notice in notices], now=now)
    return Told(len(notices), max((account_id for account_id, *_rest in notices), default=first_account))


def _happened(  # noqa: PLR0913 a notice is what it tells
    member_id: int, unit: str, time_zone: str, expires_at: datetime, amount: int, *, now: datetime
) -> activity.Happened:
    # It expires at the midnight that ends its last day.
    day = timezone.localtime(expires_at, ZoneInfo(time_zone)).date()
    data = {"unit": unit, "amount": amount, "expires_at": expires_at.isoformat()}
    return activity.Happened(member_id, EXPIRING, f"{unit}:{day.isoformat()}", now, data)

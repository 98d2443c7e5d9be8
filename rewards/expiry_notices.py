"""Telling members that what they hold will expire: once for each unit and moment of expiry, some days before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from members import activity, inbox
from rewards import inbox_words

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
    SELECT account.id, account.member_id, unit.slug, unit.time_zone, unit.name, unit.name_en
    FROM rewards_account account JOIN rewards_unit unit ON unit.id = account.unit_id WHERE account.id = ANY (%s)
"""


@dataclass(frozen=True, slots=True)
class Told:
    """How many notices a slice gave, and the account at which the next one starts."""

    notices: int
    next_account: int


@transaction.atomic
def tell_of_expiry(*, now: datetime, limit: int, first_account: int = 0) -> Told:
    """Tell of what expires within its unit's notice, at most `limit`, in the order of the accounts.

    The member reads it in the inbox; an Activity tells whoever follows.
    """
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"now": now, "first": first_account, "limit": limit})
        notices = cursor.fetchall()
        cursor.execute(WHOSE, [[account_id for account_id, _expires_at, _amount in notices]])
        whose: dict[int, list[Any]] = {account_id: rest for account_id, *rest in cursor.fetchall()}
    due = [_Due(*(*whose[account_id], *told)) for account_id, *told in notices]
    activity.record([_happened(each, now) for each in due], now=now)
    inbox.put([_message(each) for each in due], now=now)
    return Told(len(notices), max((account_id for account_id, *_rest in notices), default=first_account))


class _Due(NamedTuple):
    """What of a member's expires at one moment, in a unit."""

    member_id: int
    unit: str
    time_zone: str
    name: str
    name_en: str
    expires_at: datetime
    amount: int

    @property
    def reference(self) -> str:
        # It expires at the midnight that ends its last day.
        day = timezone.localtime(self.expires_at, ZoneInfo(self.time_zone)).date()
        return f"{self.unit}:{day.isoformat()}"


def _happened(due: _Due, now: datetime) -> activity.Happened:
    data = {"unit": due.unit, "amount": due.amount, "expires_at": due.expires_at.isoformat()}
    return activity.Happened(due.member_id, EXPIRING, due.reference, now, data)


def _message(due: _Due) -> inbox.Message:
    params = {"amount": due.amount, "unit": due.name, "unit_en": due.name_en, "expires_at": due.expires_at.isoformat()}
    link = f"{reverse('h5-points')}?{urlencode({'unit': due.unit})}"
    return inbox.Message(due.member_id, inbox_words.POINTS_EXPIRING, f"expires:{due.reference}", params, link)

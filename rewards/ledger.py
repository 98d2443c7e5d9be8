"""The ledger: the only writer of balances.

A balance moves by signed entries that never change. The writing is `rewards_post` in the database, so that the draw
and Python share one path: it locks the account, looks the key up, moves the balance if that stays at 0 or above, and
adds the entry.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from rewards.keys import KeyReused
from rewards.models import Account, Entry, Unit

POINTS = "points"
GROWTH = "growth"


class InsufficientBalance(Exception):
    """The balance cannot cover the amount. Nothing was posted."""


class UnknownUnit(LookupError):
    """No unit of that key exists."""


def post_entry(  # noqa: PLR0913 an entry is what it records
    member_id: int, unit: str, *, amount: int, key: str, reason: str, now: datetime
) -> Entry:
    """Post one signed entry in the unit's smallest whole. Posting the same key again returns the first entry.

    Raises InsufficientBalance, UnknownUnit, and KeyReused if the key stands for another member or unit.
    """
    if amount == 0:
        raise ValueError("an entry of 0 moves nothing")
    with connection.cursor() as cursor:
        cursor.execute("SELECT rewards_post(%s, %s, %s, %s, %s, %s)", [member_id, unit, amount, key, reason, now])
        (entry_id,) = cursor.fetchone()
    if entry_id is None:
        if not Unit.objects.filter(slug=unit).exists():
            raise UnknownUnit(unit)
        raise InsufficientBalance(f"the balance of {unit} cannot cover {-amount}")
    entry = Entry.objects.select_related("account__unit").get(pk=entry_id)
    if (entry.account.member_id, entry.account.unit.slug) != (member_id, unit):
        raise KeyReused(key)
    return entry


def lock_accounts(member_ids: Iterable[int], units: Iterable[str]) -> None:
    """Lock accounts in the order of their ids until the transaction ends.

    Whoever posts to several accounts in one transaction calls this first, or two of them may wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT rewards_lock_accounts(%s, %s)", [list(member_ids), list(units)])


def balances(member_id: int) -> dict[str, int]:
    """Return the member's balance in every unit; 0 where nothing was ever posted."""
    return {unit: balance for unit, (balance, _earned) in holdings(member_id).items()}


def holdings(member_id: int) -> dict[str, tuple[int, int]]:
    """Return what the member holds and ever earned in every unit, as (balance, earned)."""
    accounts = Account.objects.filter(member_id=member_id).values_list("unit_id", "balance", "earned")
    held = {unit_id: (balance, earned) for unit_id, balance, earned in accounts}
    return {slug: held.get(unit_id, (0, 0)) for unit_id, slug in Unit.objects.values_list("id", "slug")}

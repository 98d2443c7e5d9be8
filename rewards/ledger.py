"""The ledger: the only writer of balances.

Accounts move by signed entries that never change. All writing is in functions of the database (`rewards_post`,
`rewards_reverse`, `rewards_mature`, `rewards_expire`, `rewards_transfer`, `rewards_forfeit`), so that the draw and
Python share one door. Each locks the account and looks the key up before it writes; whatever would take a balance
below zero is refused there.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DataError, connection, transaction

from members import touches
from operations.prepared import prepared_cursor
from rewards import keys
from rewards.keys import KeyReused
from rewards.level_following import Cause, after_growth_of, after_reversal, following
from rewards.models import Account, Entry, Unit

POINTS = keys.POINTS
GROWTH = keys.GROWTH

# The family of facts that entries are (`members.touches`).
TOUCHED = "points"

FIELDS = [field.attname for field in Entry._meta.concrete_fields]
_ENTRIES = f"SELECT {', '.join(FIELDS)} FROM "  # noqa: S608 the names of our own columns
POST = _ENTRIES + "rewards_post(%s::bigint, %s, %s::bigint, %s, %s, %s, %s, %s, %s)"
REVERSE = _ENTRIES + "rewards_reverse(%s::bigint, %s::bigint, %s, %s, %s)"
TRANSFER = _ENTRIES + "rewards_transfer(%s::bigint, %s::bigint, %s, %s::bigint, %s, %s, %s)"
FORFEIT = _ENTRIES + "rewards_forfeit(%s::bigint, %s, %s, %s)"
HOLDINGS = """
    SELECT unit.slug, coalesce(account.balance, 0), coalesce(account.earned, 0), coalesce(account.pending, 0),
           coalesce(account.debt, 0), soonest.amount::bigint, soonest.expires_at
    FROM rewards_unit unit
    LEFT JOIN rewards_account account ON account.unit_id = unit.id AND account.member_id = %s
    LEFT JOIN LATERAL (
        SELECT expires_at, sum(remaining) AS amount FROM rewards_lot
        WHERE account_id = account.id AND remaining > 0
        GROUP BY expires_at ORDER BY expires_at LIMIT 1
    ) soonest ON true
    ORDER BY unit.id
"""


class InsufficientBalance(Exception):
    """The balance cannot cover the amount. Nothing was posted."""


class UnknownUnit(LookupError):
    """No unit of that key exists."""


class NotReversible(ValueError):
    """Only what was earned, spent or adjusted can be reversed. A transfer is sent back by another transfer."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What a member has in one unit. `expiring` is what expires next: how much, and when; None if nothing does."""

    balance: int = 0
    earned: int = 0
    pending: int = 0
    debt: int = 0
    expiring: tuple[int, datetime] | None = None

    @property
    def last_moment(self) -> datetime | None:
        """The last at which what expires next can be used: on its last day, as people say it."""
        return self.expiring[1] - timedelta(microseconds=1) if self.expiring else None


def post_entry(  # noqa: PLR0913 an entry is what it records
    member_id: int,
    unit: str,
    *,
    amount: int,
    key: str,
    reason: str,
    now: datetime,
    reference: str = "",
    matures_at: datetime | None = None,
) -> Entry:
    """Post what a member earns (above 0) or spends (below 0), in the unit's smallest whole.

    What is earned with `matures_at` is pending until then. `reference`, such as "order:A-1", names what it is for.
    Posting the same key again returns the first entry.
    Raises InsufficientBalance, UnknownUnit, and KeyReused if the key stands for another member or unit.
    """
    if matures_at is not None and amount < 0:
        raise ValueError("only what is earned can be pending")
    _check_moves(amount)
    lifting = unit if amount > 0 and matures_at is None else None
    with _touching(member_id), following(member_id, lifting, now=now, reference=reference or key):
        entries = _entries(POST, [member_id, unit, amount, key, reason, now, reference, matures_at, None])
    return _posted(entries, unit, amount)


def adjust(  # noqa: PLR0913 an entry is what it records
    member_id: int, unit: str, *, amount: int, key: str, reason: str, now: datetime, reference: str = ""
) -> Entry:
    """Correct a balance by hand. Above 0 it counts as earned; below 0 the balance must cover it.

    Posting the same key again returns the first entry. Raises as `post_entry` does.
    """
    _check_moves(amount)
    lifting = unit if amount > 0 else None
    cause = Cause.BY_HAND
    with _touching(member_id), following(member_id, lifting, now=now, cause=cause, reference=reference or key):
        what = [key, reason, now, reference, None, Entry.Kind.ADJUST.value]
        entries = _entries(POST, [member_id, unit, amount, *what])
    return _posted(entries, unit, amount)


@transaction.atomic
def reverse_entry(entry_id: int, *, amount: int | None = None, key: str, reason: str, now: datetime) -> Entry | None:
    """Reverse an entry in part, or all that is left of it; never more than that. None when nothing is left.

    What was earned is taken back, first from its own lot; what is missing becomes debt. What of it has expired is not
    taken again. What was spent is given back into the lots it came from, after any debt.
    Reversing with the same key again returns the first reversal.
    Raises NotReversible, and KeyReused if the key stands for anything else.
    """
    if amount is not None and amount < 1:
        raise ValueError(f"an amount of {amount} cannot be reversed")
    try:
        reversals = _entries(REVERSE, [entry_id, amount, key, reason, now])
    except DataError as error:
        raise NotReversible(f"entry {entry_id}") from error
    if not reversals:
        return None
    member_id = Account.objects.values_list("member_id", flat=True).get(pk=reversals[0].account_id)
    touches.touch(TOUCHED, [member_id])
    after_reversal(reversals[0], now=now)
    return reversals[0]


def transfer(  # noqa: PLR0913 an entry is what it records
    from_member_id: int, to_member_id: int, unit: str, *, amount: int, key: str, reason: str, now: datetime
) -> tuple[Entry, list[Entry]]:
    """Move an amount to another member. Return what was sent, and what was received: an entry for each moment of
    expiry, since what is sent keeps its own.

    Transferring with the same key again returns the first entries.
    Raises InsufficientBalance, UnknownUnit, and KeyReused if the key stands for anything else.
    """
    if amount < 1 or from_member_id == to_member_id:
        raise ValueError(f"{amount} cannot be moved from member {from_member_id} to member {to_member_id}")
    with _touching(from_member_id, to_member_id):
        entries = _entries(TRANSFER, [from_member_id, to_member_id, unit, amount, key, reason, now])
    if not entries:
        raise _refusal(unit, amount)
    sent, *received = entries
    return sent, received


def forfeit(member_id: int, *, key: str, reason: str, now: datetime) -> list[Entry]:
    """Forfeit all that a member holds or has pending, in every unit. Once per key; return the new entries.

    What was earned before can be reversed later without a debt.
    """
    with _touching(member_id):
        return _entries(FORFEIT, [member_id, key, reason, now])


@transaction.atomic
def mature_due(*, now: datetime, limit: int) -> int:
    """Let at most `limit` pending entries that are due mature; return how many did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT of_member, in_unit FROM rewards_mature(%s, %s)", [now, limit])
        matured = cursor.fetchall()
    touches.touch(TOUCHED, [member_id for member_id, _unit in matured])
    grown = {member_id for member_id, unit in matured if unit == GROWTH}
    after_growth_of(grown, now=now, cause=Cause.GROWTH)
    return len(matured)


@transaction.atomic
def expire_due(*, now: datetime, limit: int) -> int:
    """Expire what is due of at most `limit` accounts; return of how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rewards_expire(%s, %s)", [now, limit])
        expired = [member_id for (member_id,) in cursor.fetchall()]
    touches.touch(TOUCHED, expired)
    return len(expired)


def lock_accounts(member_ids: Iterable[int], units: Iterable[str]) -> None:
    """Lock accounts in the order of their ids until the transaction ends; for growth the members before them.

    Whoever posts to several accounts in one transaction calls this first, or two of them may wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT rewards_lock_accounts(%s, %s)", [list(member_ids), list(units)])


def balances(member_id: int) -> dict[str, int]:
    """Return the member's balance in every unit; 0 where nothing was ever posted."""
    return {unit: holding.balance for unit, holding in holdings(member_id).items()}


def holdings(member_id: int) -> dict[str, Holding]:
    """Return what the member has in every unit, in the order in which units were made. One query."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDINGS, [member_id])
        return {
            slug: Holding(balance, earned, pending, debt, (expiring, at) if at else None)
            for slug, balance, earned, pending, debt, expiring, at in cursor.fetchall()
        }


def _check_moves(amount: int) -> None:
    if amount == 0:
        raise ValueError("an entry of 0 moves nothing")


@contextmanager
def _touching(*member_ids: int) -> Iterator[None]:
    """Run the block in a transaction, the caller's if there is one, and touch the members: it moves their balances."""
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        yield
        touches.touch(TOUCHED, member_ids)


def _posted(entries: Sequence[Entry], unit: str, amount: int) -> Entry:
    """Return the entry. Raised behind the block that posts, a refusal does not take back what expired in passing."""
    if not entries:
        raise _refusal(unit, -amount)
    return entries[0]


def _entries(sql: str, parameters: Sequence[Any]) -> list[Entry]:
    """Run a function that returns entries, or a row of NULL for none. One without its account is another's."""
    with prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        entries = [Entry.from_db(connection.alias, FIELDS, row) for row in cursor.fetchall()]
    if any(entry.pk and entry.account_id is None for entry in entries):
        raise KeyReused(entries[0].key)
    return [entry for entry in entries if entry.pk]


def _refusal(unit: str, wanted: int) -> Exception:
    if not Unit.objects.filter(slug=unit).exists():
        return UnknownUnit(unit)
    return InsufficientBalance(f"the balance of {unit} cannot cover {wanted}")

"""What was granted under a key is taken back: the opposite of `rewards.granting`, once.

Points and growth value are reversed by the ledger: what was spent of them becomes a debt, and the level follows. Draw
chances go as far as they are unused. A gift goes unless it was used, sent or paid out. A tag stays: taking part was a
fact. Repeating it takes nothing more.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from members import locking, touches
from rewards import ledger
from rewards.models import Award, ChanceGrant, Entry, Gift
from rewards.reversing import NotReversible, reverse_award

# One statement: the grant of less than nothing is new, or no count moves.
_CHANCES = """
    WITH held AS (
        SELECT chances.id, least(given.count, chances.granted - chances.used) AS unused
        FROM rewards_chancegrant given JOIN rewards_chances chances ON chances.id = given.chances_id
        WHERE given.key = %(key)s
        FOR UPDATE OF chances
    ), taken AS (
        INSERT INTO rewards_chancegrant (chances_id, key, count, granted_at)
        SELECT id, %(taken)s, -unused, %(now)s FROM held WHERE unused > 0
        ON CONFLICT (key) DO NOTHING
        RETURNING chances_id, count
    )
    UPDATE rewards_chances SET granted = granted + taken.count FROM taken WHERE id = taken.chances_id
    RETURNING -taken.count
"""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How much was taken back by this call."""

    points: int = 0
    growth: int = 0
    chances: int = 0
    gift: str = ""


@touches.together()
def take_back(member_id: int, *, key: str, reason: str, now: datetime) -> TakenBack:
    """Take back what was granted to the member under `key`, as far as that is possible."""
    locking.lock_by_id([member_id])
    ledger.lock_accounts([member_id], [ledger.POINTS, ledger.GROWTH])
    return TakenBack(
        points=_reversed(f"{key}:{ledger.POINTS}", reason, now),
        growth=_reversed(f"{key}:{ledger.GROWTH}", reason, now),
        chances=_chances(f"{key}:chances", now),
        gift=_gift(f"{key}:gift", reason, now),
    )


def _reversed(key: str, reason: str, now: datetime) -> int:
    taken_key = f"{key}:taken-back"
    entry = Entry.objects.filter(key=key).first()
    if entry is None or Entry.objects.filter(key=taken_key).exists():
        return 0
    reversal = ledger.reverse_entry(entry.pk, key=taken_key, reason=reason, now=now)
    return -reversal.amount if reversal else 0


def _chances(key: str, now: datetime) -> int:
    if not ChanceGrant.objects.filter(key=key).exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_CHANCES, {"key": key, "taken": f"{key}:taken-back", "now": now})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _gift(key: str, reason: str, now: datetime) -> str:
    """The key of the gift that was taken back. What was sent or used stays with the member."""
    award = Award.objects.select_related("gift").filter(key=key).exclude(state=Award.State.REVERSED).first()
    if award is None:
        return ""
    sent = award.state == Award.State.DELIVERED and award.gift.kind in (Gift.Kind.PHYSICAL, Gift.Kind.RED_PACKET)
    if sent:
        return ""
    with suppress(NotReversible):
        reverse_award(award.pk, by=None, reason=reason, now=now)
        return award.gift.slug
    return ""

"""Taking an award back: the one way in which what it took returns, exactly once."""

from datetime import datetime

from django.db import connection, transaction

from members import touches
from operations import audit
from operations.audit import Actor
from rewards import keys, ledger
from rewards.level_following import after_reversal
from rewards.models import Award, Entry


class NotReversible(Exception):
    """The award cannot be taken back from the state it is in: `state` is that one."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


@transaction.atomic
def reverse_award(award_id: int, *, by: Actor, reason: str, now: datetime) -> Award:
    """Take an award back: stock, quotas, budgets and a code that nobody has seen return; points are reversed.

    Raises NotReversible: an award that was used, or was taken back before, stays as it is.
    """
    award = Award.objects.select_related("gift").get(pk=award_id)
    before = award.state
    with connection.cursor() as cursor:
        cursor.execute("SELECT rewards_reverse_award(%s, %s, %s)", [award_id, now, reason])
        (refusal,) = cursor.fetchone()
    if refusal:
        raise NotReversible(refusal)
    if award.gift.kind in (keys.POINTS, keys.GROWTH):
        touches.touch(ledger.TOUCHED, [award.member_id])
        reversal = Entry.objects.filter(key=f"award-reversed:{award_id}").first()
        if reversal is not None:
            after_reversal(reversal, now=now)
    award.refresh_from_db()
    audit.record("award.reversed", award, by=by, now=now, changes={"state": [before, award.state], "reason": reason})
    return award

"""One door for what a task or a chain gives."""

from datetime import datetime

from members import locking, touches
from operations.prepared import prepared_cursor
from rewards import ledger
from rewards.awards import grant_award
from rewards.chances import grant_chances
from rewards.keys import KeyReused
from rewards.models import Gift

GIVE = "SELECT rewards_give(%s::bigint, %s::bigint, %s::integer, %s, %s, %s, %s, %s)"


@touches.together()
def grant(  # noqa: PLR0913 one argument per kind of value
    member_id: int,
    *,
    points: int = 0,
    growth: int = 0,
    chances: int = 0,
    gift: str | None = None,
    bucket: str = "",
    key: str,
    scope: str,
    reason: str,
    now: datetime,
) -> None:
    """Grant all of it or nothing, once per key. `gift` is a gift's slug, `bucket` says which pool the chances are for.

    Raises OutOfGifts when the gift cannot be given, such as a coupon without codes; then nothing at all is.
    """
    if not growth and not gift:
        _give(member_id, points=points, chances=chances, bucket=bucket, key=key, scope=scope, reason=reason, now=now)
        return
    given = Gift.objects.get(slug=gift) if gift else None
    amounts = {ledger.POINTS: points, ledger.GROWTH: growth}
    units = {unit for unit, amount in amounts.items() if amount}
    if given and given.kind in amounts:
        units.add(given.kind)
    if units:
        # Everything that will be credited is locked first: accounts, then chances, then codes. And before them the
        # member, whatever is credited now: of several grants in one transaction a later one may give growth value.
        locking.lock_by_id([member_id])
        ledger.lock_accounts([member_id], units)
    for unit, amount in amounts.items():
        if amount:
            ledger.post_entry(member_id, unit, amount=amount, key=f"{key}:{unit}", reason=reason, now=now)
    if chances:
        grant_chances(member_id, scope, count=chances, key=f"{key}:chances", now=now, bucket=bucket)
    if given:
        grant_award(given, member_id, key=f"{key}:gift", source=reason, now=now, scope=scope)


def _give(  # noqa: PLR0913 as above
    member_id: int, *, points: int, chances: int, bucket: str, key: str, scope: str, reason: str, now: datetime
) -> None:
    """Give points and chances in one statement: most tasks give no more. Without either, only the member is held."""
    if not points and not chances:
        return
    with prepared_cursor() as cursor:
        cursor.execute(GIVE, [member_id, points, chances, scope, bucket, key, reason, now])
        (reused,) = cursor.fetchone()
    if reused:
        raise KeyReused(reused)
    if points:
        touches.touch(ledger.TOUCHED, [member_id])

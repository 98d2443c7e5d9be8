"""Chances: the right to draw. Granted here, used by the draw alone."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Sum

from rewards.keys import KeyReused
from rewards.models import ChanceGrant, Chances

OPEN = """
INSERT INTO rewards_chances (member_id, scope, bucket, granted, used) VALUES (%s, %s, %s, 0, 0)
ON CONFLICT (member_id, scope, bucket) DO NOTHING
"""

# One statement: the count moves only if the grant is new.
GRANT = """
WITH given AS (
    INSERT INTO rewards_chancegrant (chances_id, key, count, granted_at)
    SELECT id, %s, %s, %s FROM rewards_chances WHERE member_id = %s AND scope = %s AND bucket = %s
    ON CONFLICT (key) DO NOTHING
    RETURNING chances_id, count
)
UPDATE rewards_chances SET granted = granted + given.count FROM given WHERE id = given.chances_id
"""


@transaction.atomic
def grant_chances(  # noqa: PLR0913 a grant says what, to whom, for which pool, why and when
    member_id: int, scope: str, *, count: int, key: str, now: datetime, bucket: str = ""
) -> None:
    """Grant `count` draws in a scope, for the pool that `bucket` names. Granting the same key again grants nothing.

    Raises KeyReused if the key stands for another member, scope or pool.
    """
    if count < 1:
        raise ValueError(f"{count} chances cannot be granted")
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [member_id, scope, bucket])
        cursor.execute(GRANT, [key, count, now, member_id, scope, bucket])
        if cursor.rowcount:
            return
    if not ChanceGrant.objects.filter(
        key=key, chances__member=member_id, chances__scope=scope, chances__bucket=bucket
    ).exists():
        raise KeyReused(key)


def chances_left(member_id: int, scope: str) -> int:
    """Return how many draws the member has left in the scope, from whatever pool."""
    held = Chances.objects.filter(member_id=member_id, scope=scope).aggregate(left=Sum(F("granted") - F("used")))
    return held["left"] or 0

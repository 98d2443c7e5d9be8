"""How fast moves come, and which member plays on which device: one statement for each move.

It comes before anything of the move is locked. On the H5 pages it is a transaction of its own: a refusal does not
forget the try, members behind one address do not wait for each other's moves, and whoever is the fourth on a device is
known to be there before any of the four is given something. Inside a transaction, as in a call of the API, the rows
stay locked until it ends, which keeps the order of the accounts on a device all the same. They are the first that a
move locks (member, device, address), so that nobody waits in a circle.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.conf import settings

from campaigns.entering import Origin
from campaigns.models import DeviceUse, Pace
from operations.prepared import prepared_cursor

_MEMBER = """
INSERT INTO campaigns_pace AS pace (who, since, moves) VALUES {rows}
ON CONFLICT (who) DO UPDATE SET
    since = CASE WHEN pace.since <= %(over)s THEN EXCLUDED.since ELSE pace.since END,
    moves = CASE WHEN pace.since <= %(over)s THEN 1 ELSE pace.moves + 1 END
RETURNING who, moves
"""
# The note of a device that is noted already is renewed each ten minutes.
_USE = """
WITH used AS (
    INSERT INTO campaigns_deviceuse AS known (device, address, member_id, campaign_id, first_at, last_at)
    SELECT %(device)s::text, %(kept_address)s::text, member.id, campaign.id, %(now)s::timestamptz, %(now)s::timestamptz
    FROM members_member member, campaigns_campaign campaign
    WHERE member.id = %(member)s AND member.erased_at IS NULL AND campaign.slug = %(slug)s
    ON CONFLICT (device, campaign_id, member_id) DO UPDATE SET last_at = EXCLUDED.last_at, address = EXCLUDED.address
    WHERE known.last_at <= %(renewed)s OR known.address <> EXCLUDED.address
)
"""
RENEWED = timedelta(minutes=10)

P = ParamSpec("P")
T = TypeVar("T")


def count(member_id: int, slug: str, origin: Origin | None, *, now: datetime) -> Mapping[str, int]:
    """Count one move; return the moves of the window: of the "member" and, where known, the "device", the "address".

    One statement, none at all where FRAUD_LIMITS is off.
    """
    if not settings.FRAUD_LIMITS:
        return {}
    who = {"member": f"{member_id}:{slug}"}
    if origin is not None:
        who |= {what: key for what in ("device", "address") if (key := getattr(origin, what))}
    # The order in which rows are locked: the same for everyone.
    values: dict[str, Any] = {f"who_{what}": f"{what}:{key}" for what, key in who.items()}
    rows = ", ".join(f"(%({name})s, %(now)s, 1)" for name in values)
    statement = _MEMBER.format(rows=rows)
    values |= {"now": now, "over": now - timedelta(seconds=settings.FRAUD_WINDOW_SECONDS)}
    if origin is not None and origin.device:
        statement = _USE + statement
        kept = origin.address if settings.FRAUD_INVITE_SAME_ADDRESS else ""
        values |= {"device": origin.device, "kept_address": kept, "member": member_id, "slug": slug}
        values |= {"renewed": now - RENEWED}
    with prepared_cursor() as cursor:
        cursor.execute(statement, values)
        return {key.partition(":")[0]: moves for key, moves in cursor.fetchall()}


def counted(member_id: int, slug: str, origin: Origin | None, *, now: datetime) -> Origin | None:
    """Count one move before anything of it begins, and return its origin with the counts: `paced` counts it no more.

    For a page, whose move is in one transaction with what is kept of its form: the count is not to be in that.
    """
    moves = count(member_id, slug, origin, now=now)
    return replace(origin or Origin(), moves=moves) if moves else origin


def paced(move: Callable[P, T]) -> Callable[P, T]:
    """Count a move (member, slug, …, now, origin) before its transaction begins; it gets the counts with its origin.

    A move whose origin has counts was counted.
    """

    @wraps(move)
    def wrapped(*arguments: P.args, **options: P.kwargs) -> T:
        who_and_where: tuple[Any, ...] = arguments
        named: dict[str, Any] = options
        member, slug = who_and_where[:2]
        origin: Origin | None = named.get("origin")
        if origin is None or not origin.moves:
            named["origin"] = counted(member.pk, slug, origin, now=named["now"])
        return move(*arguments, **options)

    return wrapped


def forget(*, now: datetime) -> int:
    """Delete counts whose window is over and notes of devices older than FRAUD_KEEP_DAYS; return how many."""
    over = now - timedelta(seconds=settings.FRAUD_WINDOW_SECONDS)
    counts, _ = Pace.objects.filter(since__lte=over).delete()
    uses, _ = DeviceUse.objects.filter(last_at__lt=now - timedelta(days=settings.FRAUD_KEEP_DAYS)).delete()
    return counts + uses

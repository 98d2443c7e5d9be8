"""Which members have new facts: told to apps above, so that they look again at these few and at nobody else.

Every write path of facts calls `touch` inside its transaction. A state of the facts is named by PostgreSQL's own name
for a snapshot (`state`, taken before facts are read); `touched_since` then returns every member whose facts of some
families were committed after that state, whatever the order in which transactions ended. It may return more, never
less.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max

from members.models import Touch
from operations import jobs
from operations.prepared import prepared_cursor

# Families of facts that this app writes; apps above have their own names ("tag", "points", "participation").
PROFILE = "profile"
ATTRIBUTE = "attribute"
# Phone and email: no rule asks for them, but tasks ask whether they are filled in.
CONTACT = "contact"
LEVEL = "level"
ORDERS = "orders"
EVENTS = "events"

# Whoever answers for an older state has to read everything anew.
KEEP = timedelta(days=1)

# The job that follows → a query of the families of facts that it wants to be told of now.
_followers: dict[str, str] = {}

# What the block of `together` has touched so far, by family.
_gathered: ContextVar[dict[str, set[int]] | None] = ContextVar("gathered touches", default=None)

# The family of the mark that stands for the rows that were deleted.
_GONE = ""

_TOUCH = "INSERT INTO members_touch (family, member_ids) VALUES {rows} RETURNING id, {followed}"
# A snapshot counts the transaction that takes it as ended; what this one is still to write comes after the state.
_STATE = """
    WITH taken AS MATERIALIZED (
        SELECT pg_current_snapshot() AS snapshot, pg_current_xact_id_if_assigned()::text::numeric AS own
    ), told AS (
        SELECT snapshot, own, pg_snapshot_xmin(snapshot)::text::numeric AS xmin,
            pg_snapshot_xmax(snapshot)::text::numeric AS xmax,
            ARRAY(SELECT xip::text::numeric FROM pg_snapshot_xip(snapshot) AS xip) AS others
        FROM taken
    )
    SELECT CASE WHEN own IS NULL OR own >= xmax THEN snapshot::text ELSE
        least(own, xmin) || ':' || xmax || ':'
        || array_to_string(ARRAY(SELECT DISTINCT each FROM unnest(others || own) AS each ORDER BY each), ',')
    END FROM told
"""
# One statement: rows that are forgotten between two of them would be missed by both.
_TOUCHED = """
    SELECT CASE WHEN pg_snapshot_xmax(%(state)s::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
        AND NOT EXISTS (
            SELECT FROM members_touch
            WHERE family = '' AND xid >= pg_snapshot_xmin(%(state)s::pg_snapshot)::text::bigint
        )
    THEN ARRAY(
        SELECT DISTINCT member_id FROM members_touch touch, unnest(touch.member_ids) AS member_id
        WHERE touch.family = ANY(%(families)s)
            AND touch.xid >= pg_snapshot_xmin(%(state)s::pg_snapshot)::text::bigint
            AND NOT pg_visible_in_snapshot(touch.xid::text::xid8, %(state)s::pg_snapshot)
    ) END
"""


def follow(function: str, wants: str) -> None:
    """Have `function`, a job without arguments, run after each transaction that touched a family that `wants` selects.

    The query is asked in each such transaction, so it should be cheap; a statement that must stay alone takes it in
    (`followed_in`). Apps call this in `AppConfig.ready()`.
    """
    if _followers.get(function, wants) != wants:
        raise ValueError(f"{function!r} follows already")
    _followers[function] = wants


def touch(family: str, member_ids: Iterable[int]) -> None:
    """Note that facts of `family` about these members change in this transaction, and ask for those who follow.

    It only inserts, so it waits for nobody.
    """
    gathered = _gathered.get()
    if gathered is not None:
        gathered[family].update(member_ids)
        return
    _write({family: set(member_ids)})


@contextmanager
def together() -> Iterator[None]:
    """Run the block in a transaction, and write what it touches at its end: one row for each family.

    What a savepoint within the block takes back is told of all the same.
    """
    with transaction.atomic():
        if _gathered.get() is not None:
            yield
            return
        gathered: dict[str, set[int]] = defaultdict(set)
        token = _gathered.set(gathered)
        try:
            yield
        finally:
            _gathered.reset(token)
        _write(gathered)


def followed_in(families: Collection[str]) -> str:
    """Return the SQL that tells whether somebody follows one of these families now."""
    if not _followers:
        return "false"
    wanted = " UNION ALL ".join(_followers.values())
    names = ", ".join(f"'{family}'" for family in sorted(families))
    return f"EXISTS (SELECT FROM ({wanted}) AS wanted (family) WHERE family IN ({names}))"


def ask(families: Collection[str], *, key: str) -> None:
    """Ask for those who follow, where a statement of the caller's has written the rows itself. Once per key."""
    for function, wants in _followers.items():
        if not wanted_by(wants).isdisjoint(families):
            jobs.enqueue(function, key=f"{function}:{key}")


def wanted_by(wants: str) -> frozenset[str]:
    """Return the families that a follower's query selects now."""
    with prepared_cursor() as cursor:
        cursor.execute(wants)
        return frozenset(family for (family,) in cursor.fetchall())


def state() -> str:
    """Return the name of the database's state at this moment. Take it before reading the facts it shall stand for.

    What the caller's own transaction touches, before or after, is told of as touched since.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        return str(cursor.fetchone()[0])


def touched_since(state: str, families: Collection[str]) -> list[int] | None:
    """Return the members whose facts of `families` changed after `state`, or None where that is not known.

    It is not known of a state that is older than the rows that are kept, or that is one of another server: a copy of
    the database counts its transactions anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"families": sorted(families), "state": state})
        found: list[int] | None = cursor.fetchone()[0]
        return found


@transaction.atomic
def forget(*, now: datetime) -> int:
    """Delete the rows older than `KEEP`, but for a mark that says up to where they went; return how many."""
    old = Touch.objects.filter(created_at__lt=now - KEEP)
    last = old.aggregate(xid=Max("xid"))["xid"]
    if last is None:
        return 0
    # The mark says nothing of rows that were committed after it was reckoned; they stay until the next time.
    deleted, _ = old.filter(xid__lte=last).exclude(family=_GONE, xid=last).delete()
    if deleted and not old.filter(family=_GONE).exists():
        Touch.objects.create(family=_GONE, member_ids=[], xid=last, created_at=now - KEEP)
    return deleted


def _write(touched: Mapping[str, Collection[int]]) -> None:
    families = [family for family in sorted(touched) if touched[family]]
    if not families:
        return
    if not connection.in_atomic_block:
        raise jobs.NotInTransaction("touch members inside the transaction that writes their facts")
    # Not by the ORM: every entry of the ledger passes here, and that cost as much as posting it.
    rows = [(family, sorted(touched[family])) for family in families]
    with prepared_cursor() as cursor:
        statement = _TOUCH.format(rows=", ".join(["(%s, %s)"] * len(rows)), followed=followed_in(families))
        cursor.execute(statement, [each for row in rows for each in row])
        first, followed = cursor.fetchone()
    if followed:
        ask(families, key=str(first))

"""Advisory locks, held until the transaction ends, so that two recomputations of one thing take turns."""

from django.db import connection, transaction


def take_turn(kind: str, key: int) -> None:
    """Wait until no other transaction works on this thing. Call it inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [f"segmentation.{kind}", key % 2**31])


def is_free(kind: str, key: int) -> bool:
    """Take the thing unless another transaction works on it; never waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", [f"segmentation.{kind}", key % 2**31])
        return bool(cursor.fetchone()[0])


def is_next(kind: str) -> bool:
    """Take the work `kind` until the transaction ends, or return False because another will do it after this moment.

    One works, one waits, and nobody waits behind the one who waits: that one will begin after this moment and so see
    whatever was committed before it. The place of the one who waits is a lock of the session, given back before the
    work begins.
    """
    if is_free(kind, 0):
        return True
    waiting = (f"segmentation.{kind}.waiting", 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), %s)", waiting)
        if not cursor.fetchone()[0]:
            return False
        try:
            # Should the wait be broken off, the place is given back all the same: a savepoint lets it.
            with transaction.atomic():
                take_turn(kind, 0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", waiting)
    return True

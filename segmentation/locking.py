"""Advisory locks, held until the transaction ends, so that two recomputations of one thing take turns."""

from django.db import connection


def take_turn(kind: str, key: int) -> None:
    """Wait until no other transaction works on this thing. Call it inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [f"segmentation.{kind}", key % 2**31])

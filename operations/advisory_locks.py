"""Work that one process of the whole house does at a time. Each number is used nowhere else in this database."""

from enum import IntEnum

from django.db import connection


class Work(IntEnum):
    SWEEPING = 7_401_001
    BOOKKEEPING = 7_401_002
    EVENT_PARTITIONS = 7_401_003
    WEBHOOK_ENDPOINTS = 7_401_004
    ADMINISTRATORS = 7_401_005
    PREVIEWS = 7_401_006


def is_mine(work: Work) -> bool:
    """Take `work` until the transaction ends; False while another transaction has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [work.value])
        return bool(cursor.fetchone()[0])


def wait_for(work: Work) -> None:
    """Take `work` until the transaction ends, once no other transaction has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [work.value])


def is_mine_alone(work: Work, who: int) -> bool:
    """Take one person's own part of `work` until the transaction ends; False while they have it already elsewhere.

    Locks of two numbers are apart from those of one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [work.value, who])
        return bool(cursor.fetchone()[0])

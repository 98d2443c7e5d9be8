"""What the indexes that lists and the first page read cost whoever writes: rows put in with them, and without.

    DATABASE_URL=… DJANGO_SETTINGS_MODULE=config.settings python -m benchmarks.list_indexes [ROWS]

On a database filled by `python -m benchmarks.many_rows`. Everything is rolled back; nobody else may write meanwhile.
"""

import statistics
import sys
import time

from django.db import connection, transaction

from benchmarks.many_rows import BASE

ROWS = 50_000
ROUNDS = 3
# Far from every row there is.
NEW = 10 * BASE
# Table → its indexes for lists, and what of the rows that are copied is their own.
WRITTEN = {
    "campaigns_enrolment": (("enrolment_when",), {"id": f"id + {NEW}", "member_id": f"member_id + {NEW}"}),
    "campaigns_completion": (("completion_when",), {"id": f"id + {NEW}", "enrolment_id": f"enrolment_id + {NEW}"}),
    "members_member": (
        ("member_name", "member_region", "member_joined"),
        {"id": f"id + {NEW}", "uid": "'new-' || id"},
    ),
    "members_order": (("order_paid",), {"id": f"id + {NEW}", "order_id": "'new-' || id"}),
    "rewards_delivery": (
        ("delivery_wanted_first", "delivery_reference"),
        {"id": f"id + {NEW}", "key": "'new-' || id", "award_id": f"award_id + {NEW}"},
    ),
    "operations_auditrecord": (
        (
            "audit_latest",
            "audit_by_actor",
            "audit_by_action",
            "audit_by_kind",
            "audit_by_member",
            "audit_actor_name",
            "audit_target_name",
        ),
        {"id": f"id + {NEW}"},
    ),
}


def microseconds(table: str, own: dict[str, str], rows: int, without: tuple[str, ...]) -> float:
    """Return what a row takes to be put in, without the indexes named."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Triggers and foreign keys cost the same with and without.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for index in without:
            cursor.execute(f"DROP INDEX {index}")
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
        names = [name for (name,) in cursor.fetchall()]
        told = ", ".join(own.get(name, f'"{name}"') for name in names)
        into = ", ".join(f'"{name}"' for name in names)
        begun = time.perf_counter()
        cursor.execute(f"INSERT INTO {table} ({into}) SELECT {told} FROM {table} ORDER BY id DESC LIMIT {rows}")
        took = (time.perf_counter() - begun) * 1_000_000 / max(cursor.rowcount, 1)
        transaction.set_rollback(True)
    return took


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    print("table\tindexes\tµs a row with\twithout\tratio")
    for table, (indexes, own) in WRITTEN.items():
        # By turns, so that what else the machine does burdens both.
        took = [(microseconds(table, own, rows, ()), microseconds(table, own, rows, indexes)) for _ in range(ROUNDS)]
        held, bare = (statistics.median(each) for each in zip(*took, strict=True))
        print(f"{table}\t{', '.join(indexes)}\t{held:.1f}\t{bare:.1f}\t{held / bare:.2f}", flush=True)


if __name__ == "__main__":
    import django

    django.setup()
    main()

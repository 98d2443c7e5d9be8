"""A million members and what they would leave on every list that grows, made out of the rows of the demo.

Each table is filled by one statement: the rows that `load_demo` left in it, over and over, with keys of their own.
Triggers and foreign keys sleep meanwhile (the rows fit each other by their numbers), so the user has to be a superuser.
"""

import sys
import time
from dataclasses import dataclass, field

from django.db import connection

# Above every id of the demo, so that row n of one table belongs to row n of another.
BASE = 10_000_000
ID = f"{BASE} + g"
SECONDS_OF_TWO_YEARS = 63_072_000
# Newest last, as rows come in.
WHEN = f"now() - make_interval(secs => ({SECONDS_OF_TWO_YEARS}::float8 * (%(rows)s - g)) / %(rows)s)"


@dataclass(frozen=True, slots=True)
class Fill:
    """`share`: rows for each member. `own`: column → SQL of what is not taken over, of g = 1, 2, 3 …"""

    table: str
    own: dict[str, str] = field(default_factory=dict)
    share: float = 1.0


FILLS = [
    Fill(
        "members_member",
        {"id": ID, "uid": "'big-' || g", "phone_hash": "NULL", "email_hash": "NULL", "joined_at": WHEN},
    ),
    Fill("members_order", {"order_id": "'B' || g", "member_id": f"{BASE} + 1 + g / 2", "paid_at": WHEN}, 2.0),
    Fill("members_levelchange", {"member_id": ID, "changed_at": WHEN}),
    Fill("campaigns_enrolment", {"id": ID, "member_id": ID, "joined_at": WHEN}),
    Fill("campaigns_completion", {"enrolment_id": ID, "period": "'p' || g", "completed_at": WHEN}),
    Fill(
        "campaigns_submission",
        {"enrolment_id": ID, "period": "'p' || g", "handed_in_at": WHEN, "state": "'approved'", "decided_at": WHEN},
        0.5,
    ),
    Fill(
        "campaigns_help",
        {"helped_id": ID, "helper_id": f"{BASE} + 1 + (g + 1) % %(rows)s", "helped_at": WHEN},
        0.5,
    ),
    Fill(
        "campaigns_invitation",
        {"inviter_id": f"{BASE} + 1 + g / 3", "invitee_id": f"{BASE} + 1 + g", "invited_at": WHEN},
        0.5,
    ),
    Fill("campaigns_deviceuse", {"device": "md5(g::text)", "member_id": ID, "first_at": WHEN, "last_at": WHEN}, 0.5),
    Fill("campaigns_bargain", {"enrolment_id": ID, "period": "'p' || g", "begun_at": WHEN}, 0.3),
    Fill("campaigns_team", {"founder_id": ID, "founded_at": WHEN}, 0.3),
    Fill(
        "campaigns_reservation",
        {
            "enrolment_id": ID,
            "order_id": "NULL",
            "group_id": "NULL",
            "state": "'lapsed'",
            "line": "NULL",
            "returned": "0",
            "reserved_at": WHEN,
        },
        0.3,
    ),
    Fill("rewards_award", {"id": ID, "key": "'big:' || g", "member_id": ID, "granted_at": WHEN}),
    Fill("rewards_draw", {"award_id": ID, "member_id": ID, "request_key": "'r' || g", "drawn_at": WHEN}),
    Fill("rewards_account", {"id": ID, "member_id": ID}),
    Fill("rewards_entry", {"key": "'big:' || g", "account_id": ID, "posted_at": WHEN, "original_id": "NULL"}, 1.0),
    Fill("rewards_chances", {"member_id": ID}),
    Fill("rewards_couponcode", {"award_id": "NULL", "found_by": "sha256(int8send(g))"}),
    Fill(
        "rewards_shipment",
        {"award_id": ID, "given_at": WHEN, "state": "'shipped'", "sealed": "NULL", "batch_id": "1"},
        0.5,
    ),
    Fill(
        "rewards_delivery",
        {"award_id": ID, "key": "'big' || g", "due_at": WHEN, "state": "'delivered'", "settled_at": WHEN},
        0.5,
    ),
    Fill(
        "rewards_mallorder",
        {"award_id": ID, "entry_id": ID, "member_id": ID, "request_key": "'r' || g", "ordered_at": WHEN},
        0.5,
    ),
    Fill("rewards_checkoff", {"award_id": ID, "request_key": "'k' || g", "at": WHEN}, 0.5),
    Fill("segmentation_membertag", {"member_id": ID, "set_at": WHEN}),
    Fill("segmentation_tagchange", {"member_id": ID, "at": WHEN}),
    Fill("operations_auditrecord", {"occurred_at": WHEN, "target_id": "g::text"}),
    Fill(
        "operations_job",
        {
            "key": "'big:' || g",
            "arguments": "'{}'",
            "state": "'done'",
            "finished_at": WHEN,
            "created_at": WHEN,
            "error": "''",
        },
    ),
]
_TEMPLATES = 500


def fill(members: int) -> None:
    """Fill every table of FILLS. Tables that the demo left empty stay so: there is no row to go by."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for each in FILLS:
            begun = time.monotonic()
            rows = int(members * each.share)
            cursor.execute(_statement(each, rows))
            print(f"{each.table}: {cursor.rowcount:,} rows in {time.monotonic() - begun:.0f} s", flush=True)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")


def _statement(each: Fill, rows: int) -> str:
    with connection.cursor() as about:
        about.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s AND is_generated = 'NEVER'",
            [each.table],
        )
        columns = [name for (name,) in about.fetchall()]
        about.execute(f"SELECT count(*) FROM (SELECT FROM {each.table} LIMIT {_TEMPLATES}) AS found")
        templates = about.fetchone()[0] or 1
    own = {name: sql.replace("%(rows)s", str(rows)) for name, sql in each.own.items()}
    # Rows whose id nothing else names number themselves.
    taken = [name for name in columns if name != "id" or "id" in own]
    quoted = ", ".join(f'"{name}"' for name in taken)
    told = ", ".join(own.get(name, f'one."{name}"') for name in taken)
    return (
        f"INSERT INTO {each.table} ({quoted}) SELECT {told} FROM generate_series(1, {rows}) g"
        f" JOIN (SELECT *, row_number() OVER () AS place FROM {each.table} LIMIT {_TEMPLATES}) one"
        f" ON one.place = 1 + g % {templates}"
    )


if __name__ == "__main__":
    import django

    django.setup()
    fill(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)

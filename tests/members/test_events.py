"""Behaviour events in: what each row does to the table, to members and to the subscribers."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from members import activity, event_partitions
from members.event_rows import EventRow
from members.faults import Fault
from members.ingest_events import ingest_events
from members.models import Activity, Event, Member
from operations.api_keys import create_api_key
from operations.models import Job
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db


def event(event_id, uid="u1", kind="view", *, minutes_ago=1, **given):
    return EventRow(event_id, uid, kind, NOW - timedelta(minutes=minutes_ago), **given)


def counts(result):
    return result.created, result.updated, result.unchanged, len(result.rejected)


def reasons(result):
    return [(index, error.code) for index, error in result.rejected]


@pytest.fixture
def subscribers(monkeypatch):
    monkeypatch.setattr(activity, "_event_subscribers", {})
    activity.subscribe_to_events("rewards.jobs.earn_for_events", lambda: {"view", "share"})
    activity.subscribe_to_events("campaigns.jobs.follow_events", lambda: {"share"})
    activity.subscribe_to_events("segmentation.jobs.touch", frozenset)


def test_an_event_is_kept_with_all_it_says():
    given = {"item": "A\\1", "category": "milk", "keyword": "\\N fresh", "properties": '{"a":"\\\\n","b":[1,"二"]}'}
    assert counts(ingest_events([event("e1", **given)], now=NOW)) == (1, 0, 0, 0)
    kept = Event.objects.get()
    assert (kept.event_id, kept.member.uid, kept.type, kept.occurred_at) == (
        "e1",
        "u1",
        "view",
        event("e1").occurred_at,
    )
    assert (kept.item, kept.category, kept.keyword) == ("A\\1", "milk", "\\N fresh")
    assert kept.properties == {"a": "\\n", "b": [1, "二"]}


def test_an_unknown_uid_becomes_a_member_of_whom_nothing_else_is_known():
    known = Member.objects.create(uid="u1", name="Wang")
    ingest_events([event("e1"), event("e2", "u2"), event("e3", "u2")], now=NOW)
    newcomer = Member.objects.exclude(pk=known.pk).get()
    assert (newcomer.uid, newcomer.name, newcomer.joined_at) == ("u2", "", None)
    assert newcomer.events.count() == 2


def test_repeating_a_batch_changes_nothing_and_tells_nobody(subscribers):
    batch = [event("e1"), event("e2", "u2", properties='{"a":1}'), event("e3", kind="share")]
    ingest_events(batch, now=NOW)
    jobs = Job.objects.count()
    assert counts(ingest_events(batch, now=NOW + timedelta(hours=2))) == (0, 0, 3, 0)
    assert (Event.objects.count(), Job.objects.count()) == (3, jobs)


def test_of_rows_with_one_id_the_first_counts_and_the_others_are_compared_with_it():
    rows = [event("e1"), event("e1"), event("e1", item="A"), event("e1", minutes_ago=2), event("e2")]
    result = ingest_events(rows, now=NOW)
    assert counts(result) == (2, 0, 1, 2)
    assert reasons(result) == [(2, Fault.EVENT_DIFFERS), (3, Fault.EVENT_DIFFERS)]


@pytest.mark.parametrize(
    "other",
    [
        {"minutes_ago": 2},
        {"minutes_ago": 60 * 24 * 89},
        {"uid": "u2"},
        {"kind": "cart"},
        {"item": "A"},
        {"category": "tea"},
        {"keyword": "k"},
        {"properties": '{"a":true}'},
    ],
)
def test_an_id_known_with_another_time_or_content_is_refused_and_the_others_stay(other):
    ingest_events([event("e1", properties='{"a":1}')], now=NOW)
    result = ingest_events([event("e0"), event("e1", **({"properties": '{"a":1}'} | other)), event("e2")], now=NOW)
    assert counts(result) == (2, 0, 0, 1)
    assert reasons(result) == [(1, Fault.EVENT_DIFFERS)]
    assert Event.objects.get(event_id="e1").occurred_at == event("e1").occurred_at


def test_a_refused_row_brings_no_member_with_it():
    ingest_events([event("e1")], now=NOW)
    ingest_events([event("e1", "u2")], now=NOW)
    assert list(Member.objects.values_list("uid", flat=True)) == ["u1"]


def test_an_id_that_was_used_long_ago_may_be_used_again():
    ingest_events([event("e1")], now=NOW)
    later = NOW + timedelta(days=120)
    assert counts(ingest_events([EventRow("e1", "u1", "view", later)], now=later)) == (1, 0, 0, 0)
    assert Event.objects.filter(event_id="e1").count() == 2


def test_subscribers_are_told_of_the_new_events_of_the_types_they_want(subscribers):
    ingest_events([event("e0", kind="share")], now=NOW)
    Job.objects.all().delete()
    rows = [event("e0", kind="share"), event("e1"), event("e2", kind="share"), event("e3", kind="cart")]
    ingest_events(rows, now=NOW)
    at = event("e1").occurred_at.isoformat()
    assert dict(Job.objects.values_list("function", "arguments")) == {
        "rewards.jobs.earn_for_events": {"event_ids": [["e1", at], ["e2", at]]},
        "campaigns.jobs.follow_events": {"event_ids": [["e2", at]]},
    }
    assert not Activity.objects.exists()


def test_a_job_finds_its_events_by_what_it_was_told(subscribers):
    ingest_events([event("e1")], now=NOW)
    ((event_id, at),) = Job.objects.get().arguments["event_ids"]
    assert Event.objects.get(pk=(event_id, datetime.fromisoformat(at))).member.uid == "u1"


def test_one_function_subscribes_once(subscribers):
    with pytest.raises(ValueError, match="already"):
        activity.subscribe_to_events("rewards.jobs.earn_for_events", lambda: {"cart"})


def test_events_and_jobs_live_or_die_together(subscribers, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(activity.jobs, "enqueue", fail)
    with pytest.raises(RuntimeError):
        ingest_events([event("e1")], now=NOW)
    assert not Event.objects.exists()
    assert not Member.objects.exists()


def test_a_batch_takes_the_same_number_of_statements_whatever_its_size(subscribers):
    statements = []
    for size in (2, 400):
        rows = [event(f"{size}-{number}", f"u{size}-{number}") for number in range(size)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            ingest_events(rows, now=NOW)
        statements.append(len(captured))
    assert statements[0] == statements[1] < 20


def test_a_month_border_is_the_utc_one():
    moments = [datetime(2026, 10, 31, 23, 59, 59, 999999, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)]
    ingest_events([EventRow(f"e{n}", "u1", "view", moment) for n, moment in enumerate(moments)], now=NOW)
    assert tables_of("e0") == ["members_event_2026_10"]
    assert tables_of("e1") == ["members_event_2026_11"]


def test_a_leap_day_and_a_years_end_have_their_month():
    for number, moment in enumerate([datetime(2028, 2, 29, 23, 0, tzinfo=UTC), datetime(2028, 12, 31, tzinfo=UTC)]):
        ingest_events([EventRow(f"e{number}", "u1", "view", moment)], now=moment)
    assert tables_of("e0") == ["members_event_2028_02"]
    assert tables_of("e1") == ["members_event_2028_12"]


def tables_of(event_id):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM members_event WHERE event_id = %s", [event_id])
        return [name for (name,) in cursor.fetchall()]


def partitions():
    return [name for _month, name in event_partitions._named(event_partitions._PARTITIONS)]


def test_the_daily_job_makes_the_months_ahead_and_those_of_late_events():
    event_partitions.keep(now=datetime(2031, 1, 31, 23, 59, tzinfo=UTC))
    made = [name for name in partitions() if name >= "members_event_2030"]
    assert made == [
        "members_event_2030_10",
        "members_event_2030_11",
        "members_event_2030_12",
        "members_event_2031_01",
        "members_event_2031_02",
        "members_event_2031_03",
        "members_event_2031_04",
    ]


def test_old_months_are_detached_and_stay_as_archives(settings):
    settings.EVENT_MONTHS_KEPT = 24
    ingest_events([event("e1")], now=NOW)
    connection.check_constraints()
    assert NOW.date() == date(2026, 11, 21)
    event_partitions.keep(now=datetime(2028, 11, 30, 23, 59, tzinfo=UTC))
    assert Event.objects.count() == 1
    event_partitions.keep(now=datetime(2028, 12, 1, tzinfo=UTC))
    assert Event.objects.count() == 0
    assert "members_event_archive_2026_11" in event_partitions.archives()
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_id FROM members_event_archive_2026_11")
        assert cursor.fetchall() == [("e1",)]
    # It holds no member back.
    Member.objects.all()._raw_delete(using="default")


def test_months_that_events_may_still_come_into_are_never_detached(settings):
    settings.EVENT_MONTHS_KEPT = 0
    event_partitions.keep(now=NOW)
    assert partitions()[0] == "members_event_2026_08"


def test_a_month_that_is_missing_is_made_by_the_batch_that_needs_it():
    far = datetime(2040, 5, 5, tzinfo=UTC)
    assert counts(ingest_events([EventRow("e1", "u1", "view", far)], now=far)) == (1, 0, 0, 0)
    assert "members_event_2040_05" in partitions()


def test_partitions_have_the_keys_of_the_table():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relid FROM pg_partition_tree('members_event') WHERE isleaf")
        leaves = [relid for (relid,) in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM pg_index WHERE indrelid::regclass::text = ANY(%s)", [leaves])
        assert cursor.fetchone()[0] == 2 * len(leaves)
        keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)"
        cursor.execute(keys, [leaves])
        assert cursor.fetchone()[0] == len(leaves) == len(partitions())


@pytest.fixture
def client():
    _, plain, _ = create_api_key("shop", ["facts"])
    return APIClient(headers={"Authorization": f"Api-Key {plain}", "Accept-Language": "en"})


def raw_event(event_id, **change):
    return {"event_id": event_id, "uid": "u1", "type": "view", "occurred_at": datetime.now(UTC).isoformat()} | change


def post(client, rows):
    return client.post("/api/v1/events/bulk/", json.dumps(rows), content_type="application/json")


def test_the_api_keeps_good_rows_and_says_what_is_wrong_with_the_others(client):
    rows = [raw_event("e1"), raw_event("e2", type="a b"), raw_event("e3", properties={"page": "home"})]
    answer = post(client, [*rows, rows[0] | {"item": "other"}])
    assert answer.status_code == 200
    assert (answer.json()["created"], answer.json()["unchanged"]) == (2, 0)
    assert [(row["index"], row["code"], row["column"]) for row in answer.json()["rejected"]] == [
        (1, "not_a_key", "type"),
        (3, "event_differs", "event_id"),
    ]
    assert answer.json()["rejected"][1]["message"] == "event_id: event “e1” is known with another time or content."
    assert post(client, [rows[0], rows[2]]).json()["unchanged"] == 2


def test_five_thousand_events_are_taken_at_once(client):
    assert post(client, [raw_event(f"e{n}", uid=f"u{n % 100}") for n in range(5_000)]).json()["created"] == 5_000


def test_a_file_of_events_comes_in_and_its_repetition_changes_nothing(tmp_path, capsys):
    now = datetime.now(UTC)
    path = tmp_path / "events.csv"
    lines = [
        "event_id,uid,type,occurred_at,item,category,keyword,properties",
        f'e1,u1,view,{now.isoformat()},A-1,milk,,"{{""page"": ""home""}}"',
        f"e2,u1,search,{now.isoformat()},,,fresh milk,",
        f"e3,u1,view,{(now - timedelta(days=91)).isoformat()},,,,",
    ]
    path.write_text("\n".join(lines) + "\n")
    call_command("import_data", "events", path)
    assert capsys.readouterr().out == "read 3, created 2, updated 0, unchanged 0, rejected 1\n"
    assert Event.objects.get(event_id="e1").properties == {"page": "home"}
    call_command("import_data", "events", path)
    assert capsys.readouterr().out == "read 3, created 0, updated 0, unchanged 2, rejected 1\n"

"""The audit trail is searched by who, what, about whom and when; exported whole, safely, and on record."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.utils import translation

from members.models import Member
from operations import audit, audit_search, estimated_counts
from operations.audit_words import HAPPENED, action_words
from operations.models import AuditRecord

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 4, tzinfo=UTC)
PAGE = "/admin/operations/auditrecord/"


@pytest.fixture
def trail():
    wang, olga = (User.objects.create_user(name) for name in ("wang", "olga"))
    ann = Member.objects.create(uid="ann")
    audit.record("member.contact_revealed", ann, by=wang, now=NOON, changes={"revealed": [None, ["phone"]]})
    audit.record("group.changed", Group(pk=7, name="=HYPERLINK(1)"), by=olga, now=NOON - timedelta(days=3), reason="+1")
    audit.record("campaign.published", Group(pk=8, name="Fair"), by=None, now=NOON - timedelta(days=9))


def found(**asked):
    records = audit_search.found(AuditRecord.objects.order_by("-id"), audit_search.read(asked))
    return [each.action for each in records]


@pytest.mark.parametrize(
    ("asked", "actions"),
    [
        ({"who": "wa"}, ["member.contact_revealed"]),
        ({"who": "nobody"}, []),
        ({"member": "ann"}, ["member.contact_revealed"]),
        ({"member": "bob"}, []),
        ({"subject": "looked-at"}, ["member.contact_revealed"]),
        ({"subject": "rights"}, ["group.changed"]),
        ({"subject": "no such"}, ["campaign.published", "group.changed", "member.contact_revealed"]),
        ({"action": "campaign.published"}, ["campaign.published"]),
        ({"kind": "auth.group"}, ["campaign.published", "group.changed"]),
        ({"since": "2026-11-18"}, ["group.changed", "member.contact_revealed"]),
        ({"since": "2026-11-19", "until": "2026-11-21"}, ["member.contact_revealed"]),
        ({"until": "2026-11-12"}, ["campaign.published"]),
        ({"until": "tomorrow"}, []),
        ({"since": "0001-01-01"}, []),
        ({"until": "9999-12-31"}, []),
        ({"member": "a\x00nn"}, ["member.contact_revealed"]),
    ],
)
def test_it_is_searched(trail, asked, actions):
    assert found(**asked) == actions


def test_a_record_knows_the_member_it_is_about(trail):
    assert AuditRecord.objects.get(action="member.contact_revealed").member_id == Member.objects.get().pk


def test_a_day_that_is_none_is_told(admin_client, trail):
    with translation.override("en"):
        page = admin_client.get(PAGE, {"since": "yesterday"}, headers={"Accept-Language": "en"}).content.decode()
    assert "yesterday" in page


@pytest.mark.parametrize("text", ["\x00", "\ud800", "%", "'", "9" * 500])
def test_odd_searches_are_answered(admin_client, trail, text):
    asked = text.encode("utf-8", "surrogatepass")
    for name in ("q", *audit_search.FIELDS):
        assert admin_client.get(PAGE, {name: asked}).status_code in {200, 400}


def test_it_is_exported_whole_and_no_spreadsheet_finds_a_formula(admin_client, trail, admin_user):
    answer = admin_client.post(f"{PAGE}export/?kind=auth.group")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert [row[3] for row in rows[1:]] == ["group.changed", "campaign.published"]
    assert rows[1][6:8] == ["'=HYPERLINK(1)", "'+1"]
    record = AuditRecord.objects.get(action="audit_trail.exported")
    assert (record.actor, record.changes) == (admin_user, {"kind": [None, "auth.group"]})


def test_an_export_in_pieces_misses_none_and_repeats_none(monkeypatch):
    monkeypatch.setattr(audit_search, "PIECE", 2)
    for number in range(7):
        audit.record("group.changed", Group(pk=number, name="G"), by=None, now=NOON + timedelta(hours=number // 3))
    pieces = list(audit_search.pieces(AuditRecord.objects.all()))
    assert [each.target_id for piece in pieces for each in piece] == list("6543210")


def test_an_export_does_not_tell_the_uid_that_was_asked_for(admin_client, trail):
    b"".join(admin_client.post(f"{PAGE}export/?member=ann").streaming_content)
    told = AuditRecord.objects.get(action="audit_trail.exported").changes
    assert told == {"member": [None, f"#{Member.objects.get().pk}"]}


def test_who_may_look_may_not_export(client, trail):
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_auditrecord"))
    client.force_login(reader)
    assert client.get(PAGE).status_code == 200
    assert client.post(f"{PAGE}export/").status_code == 403
    reader.user_permissions.add(Permission.objects.get(codename="export_auditrecord"))
    assert client.get(f"{PAGE}export/").status_code == 405


def test_no_question_counts_beyond_what_is_listed(admin_client, trail, django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr(estimated_counts, "COUNTED_ROWS", 2)
    with django_assert_max_num_queries(8):
        page = admin_client.get(PAGE)
    assert page.context["cl"].paginator.reached == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"action": "member.contact_revealed"},
        {"kind": "auth.group"},
        {"member": "ann"},
        {"since": "2026-11-18", "until": "2026-11-19"},
        {"who": "wa"},
    ],
)
def test_each_question_has_an_index(trail, asked):
    records = audit_search.found(AuditRecord.objects.all(), audit_search.read(asked)).order_by("-occurred_at", "-id")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        query, params = records[:50].query.sql_with_params()
        cursor.execute(f"EXPLAIN {query}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan


def test_every_action_that_is_recorded_has_words():
    from pathlib import Path
    from re import findall

    base = Path(__file__).resolve().parents[2]
    sources = [
        each
        for app in ("config", "operations", "members", "segmentation", "rewards", "campaigns")
        for each in (base / app).rglob("*.py")
    ]
    text = "\n".join(each.read_text() for each in sources)
    recorded = set(findall(r'audit\.record\(\s*"[a-z_]+\.([a-z_]+)"', text)) | set(
        findall(r'self\._record\(request, [a-z_.]+, "([a-z_]+)"', text)
    )
    assert len(recorded) > 40
    assert recorded - HAPPENED.keys() == set()
    assert action_words("thing.turned_round") == "turned round"

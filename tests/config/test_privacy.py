"""The privacy of one member, through all rooms: a copy of everything, an erasure that leaves no trace, a refusal."""

import io
import json
import zipfile
from collections import Counter

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.urls import reverse
from django.utils.html import escape

from members import erasing, exporting, imports, privacy
from members.faults import Fault
from members.models import ErasedUid, Event, Identity, Member, MemberMetrics, Order
from operations.books import count_violations
from operations.models import AuditRecord, WebhookAttempt, WebhookDelivery, WebhookEvent
from rewards.ledger import holdings
from rewards.models import Unit
from segmentation import recomputing
from segmentation.models import MemberTag, Segment, Tag, TagGroup
from segmentation.world import everyone
from tests.config.lives import MARKERS, NOW, UID, archive_events, bring_in, live

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return live()


def models_about_members():
    """Every model with a way to a member: {model: the lookup to it}."""
    ways = {Member: ""}
    found = True
    while found:
        found = {
            model: f"{field.name}__{ways[field.related_model]}"
            for model in apps.get_models()
            if model not in ways and model._meta.managed and not model._meta.proxy
            for field in model._meta.concrete_fields
            if field.is_relation and field.related_model in ways
        }
        ways |= found
    return {model: way.removesuffix("__") for model, way in ways.items() if model is not Member}


def archive_of(member):
    with exporting.export(member, by=None, now=NOW) as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def columns_of_text():
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT table_name, column_name FROM information_schema.columns
            JOIN information_schema.tables USING (table_schema, table_name)
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
                AND data_type IN ('text', 'character varying', 'jsonb', 'json', 'date', 'ARRAY')
        """)
        return cursor.fetchall()


def places_of(texts):
    """Return every (table, column) in which one of the texts is found."""
    found = set()
    with connection.cursor() as cursor:
        for table, column in columns_of_text():
            for text in texts:
                cursor.execute(f'SELECT 1 FROM "{table}" WHERE "{column}"::text ILIKE %s LIMIT 1', [f"%{text}%"])
                if cursor.fetchone():
                    found.add((table, column, text))
    return found


def test_every_model_about_members_is_in_a_section():
    covered = {label for each in privacy.registered() for label in each.section.covers}
    missing = {model._meta.label_lower for model in models_about_members()} - covered
    assert missing == set(), "register a section for them (members.privacy)"


def test_the_member_of_these_tests_has_something_in_every_table(member):
    empty = {
        model._meta.label
        for model, way in models_about_members().items()
        if not model._default_manager.filter(**{way: member}).exists()
    }
    assert empty == set(), "tests.config.lives.live() makes nothing of them"


def test_the_copy_has_a_file_for_each_section_and_a_row_for_each_thing_held(member):
    archive = archive_of(member)
    index = archive["index.json"]
    assert index["uid"] == UID
    assert {each["file"] for each in index["files"]} == {f"{each.section.name}.json" for each in privacy.registered()}
    assert all(each["what"] and each["rows"] == len(archive[each["file"]]) for each in index["files"])
    told = {row["record"] for rows in archive.values() if isinstance(rows, list) for row in rows if "record" in row}
    assert told >= {model._meta.label_lower for model in models_about_members()} - {"members.attributevalue"}
    text = json.dumps(archive, ensure_ascii=False)
    assert [marker for marker in MARKERS if marker not in text] == []
    assert [row["segment"] for row in archive["segments.json"] if "segment" in row] == ["buyers"]
    assert archive["attributes.json"] == [{"attribute": "city", "label": "城市", "value": "markercity"}]


def test_a_copy_holds_nobody_elses_data(member):
    bring_in("members", {"uid": "other", "name": "Other Zhang"})
    bring_in("events", {"event_id": "e-2", "uid": "other", "type": "view", "occurred_at": NOW.isoformat()})
    assert "Other Zhang" not in json.dumps(archive_of(member), ensure_ascii=False)
    assert len(archive_of(member)["events.json"]) == 1


def test_an_export_is_on_record_without_the_uid(member):
    exporting.export(member, by=None, now=NOW).close()
    record = AuditRecord.objects.get(action="member.data_exported")
    assert (record.target_id, record.target_name) == (str(member.pk), f"member #{member.pk}")


def test_before_the_erasure_each_text_is_found_by_the_search(member):
    found = {text for _table, _column, text in places_of(MARKERS)}
    # Phone, email and addresses are sealed: the search cannot see them even before.
    assert set(MARKERS) - found == {"13899990000", "marker@example.com", "marker-street 7"}


@pytest.mark.parametrize("archived", [False, True])
def test_after_the_erasure_no_text_of_the_person_is_left_anywhere(member, archived):
    connection.check_constraints()
    if archived:
        archive_events()
    erasing.erase(member.pk, by=None, reason="asked for", now=NOW)
    assert places_of(MARKERS) == set()
    member.refresh_from_db()
    assert member.uid.startswith("erased-")
    assert (member.sealed_phone, member.phone_hash, member.sealed_email, member.email_hash) == (None,) * 4
    assert not Identity.objects.exists()
    assert not MemberTag.objects.exists()
    assert not Event.objects.exists()


def test_what_webhooks_told_of_the_member_is_in_the_copy_and_goes_with_them(member):
    rows = archive_of(member)["webhooks.json"]
    records = Counter(row["record"].removeprefix("operations.webhook") for row in rows)
    assert (records["event"], records["delivery"], records["attempt"]) == (
        WebhookEvent.objects.filter(member_id=member.pk).count(),
        WebhookDelivery.objects.filter(member_id=member.pk).count(),
        1,
    )
    others = WebhookEvent.objects.exclude(member_id=member.pk).count()
    assert others > 0
    erasing.erase(member.pk, by=None, reason="asked for", now=NOW)
    connection.check_constraints()
    # What the erasure itself moves, such as the points that are forfeited, is told neither.
    assert WebhookEvent.objects.count() == WebhookDelivery.objects.count() == others
    assert not WebhookAttempt.objects.exists()


def test_the_books_balance_after_an_erasure_and_orders_keep_their_amounts(member):
    before = MemberMetrics.objects.values("orders", "amount").get()
    erasing.erase(member.pk, by=None, reason="asked for", now=NOW)
    assert [book for book in count_violations() if book.violations != 0] == []
    assert MemberMetrics.objects.values("orders", "amount").get() == before
    assert Order.objects.get().member_id == member.pk
    assert {(held.balance, held.pending) for held in holdings(member.pk).values()} == {(0, 0)}


def test_an_erasure_needs_a_reason_happens_once_and_is_on_record(member):
    with pytest.raises(ValueError, match="reason"):
        erasing.erase(member.pk, by=None, reason=" ", now=NOW)
    erasing.erase(member.pk, by=None, reason="asked for", now=NOW)
    with pytest.raises(erasing.AlreadyErased):
        erasing.erase(member.pk, by=None, reason="again", now=NOW)
    record = AuditRecord.objects.get(action="member.erased")
    assert (record.target_name, record.reason) == (f"member #{member.pk}", "asked for")


def test_the_erased_leave_their_segments_at_the_next_computation(member):
    segment = Segment.objects.get(slug="buyers")
    assert member.pk in everyone(now=NOW).members
    erasing.erase(member.pk, by=None, reason="asked for", now=NOW)
    recomputing.recompute(segment, now=NOW)
    assert Segment.objects.get(slug="buyers").members.size == 0
    assert member.pk not in everyone(now=NOW).members


def rejections(kind, *rows):
    importer = imports.importer_of(kind)
    result = imports.take(importer, enumerate(rows), context=importer.load_context(NOW), now=NOW)
    return result.created, [(number, error.code, error.column) for number, error in result.rejected]


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("members", {}),
        ("orders", {"order_id": "o-{}", "paid_at": "2026-11-20T12:00:00Z", "amount": "1"}),
        ("events", {"event_id": "e-{}", "type": "view", "occurred_at": "2026-11-20T12:00:00Z"}),
    ],
)
def test_later_facts_of_the_uid_are_rejected_and_their_neighbours_kept(member, kind, row):
    erasing.erase(member.pk, by=None, reason="asked for", now=NOW)
    uids = ["a", UID, "b", UID]
    rows = [
        {"uid": uid} | {name: value.format(f"new-{number}") for name, value in row.items()}
        for number, uid in enumerate(uids)
    ]
    assert rejections(kind, *rows) == (2, [(1, Fault.MEMBER_ERASED, "uid"), (3, Fault.MEMBER_ERASED, "uid")])
    assert not Member.objects.filter(uid=UID).exists()


def test_facts_under_the_name_given_by_the_erasure_are_rejected_too(member):
    erased = erasing.erase(member.pk, by=None, reason="asked for", now=NOW)
    assert rejections("members", {"uid": erased.uid, "name": "back"})[1] == [(0, Fault.MEMBER_ERASED, "uid")]
    event = {"event_id": "e-9", "uid": erased.uid, "type": "view", "occurred_at": NOW.isoformat()}
    assert rejections("events", event)[1] == [(0, Fault.MEMBER_ERASED, "uid")]


def test_the_hash_of_an_erased_uid_is_keyed(member, settings):
    erasing.erase(member.pk, by=None, reason="asked for", now=NOW)
    assert erasing.erased_among([UID, "other"]) == {UID}
    settings.PERSONAL_DATA_KEYS = ["another key"]
    assert erasing.erased_among([UID]) == set()
    settings.PERSONAL_DATA_KEYS = ["another key", settings.SECRET_KEY]
    assert erasing.erased_among([UID]) == {UID}
    assert UID.encode() not in bytes(ErasedUid.objects.get().uid_hash)


def signed_in(*permissions):
    user = User.objects.create_user("support", is_staff=True)
    codenames = ["view_member", *permissions]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames, content_type__app_label="members"))
    return user


def address(name, member):
    return reverse(f"admin:members_member_{name}", args=[member.pk])


def test_support_takes_a_copy_in_the_admin(client, member):
    client.force_login(signed_in("export_member_data"))
    page = client.get(address("personal_data", member))
    assert address("export_data", member) in page.content.decode()
    assert address("erase", member) not in page.content.decode()
    answer = client.post(address("export_data", member))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert json.loads(archive.read("profile.json"))[0]["phone"] == "13899990000"
    assert AuditRecord.objects.get(action="member.data_exported").actor.username == "support"
    assert client.get(address("export_data", member)).status_code == 302


def test_an_operator_erases_after_a_look_at_what_goes_and_a_reason(client, member):
    client.force_login(signed_in("erase_member"))
    asked = client.get(address("erase", member))
    assert all(escape(str(each.section.title)) in asked.content.decode() for each in privacy.registered())
    client.post(address("erase", member), {"reason": ""})
    member.refresh_from_db()
    assert member.erased_at is None
    client.post(address("erase", member), {"reason": "asked for by letter"})
    member.refresh_from_db()
    assert member.erased_at is not None
    assert address("erase", member) not in client.get(address("personal_data", member)).content.decode()


@pytest.mark.parametrize("name", ["export_data", "erase"])
def test_who_may_only_look_neither_copies_nor_erases(client, member, name):
    client.force_login(signed_in())
    assert client.post(address(name, member), {"reason": "x"}).status_code == 403
    assert client.get(address("personal_data", member)).status_code in {302, 403}
    member.refresh_from_db()
    assert member.erased_at is None


def test_the_trail_of_what_was_done_by_hand_does_not_know_the_uid(admin_client):
    bring_in("members", {"uid": UID})
    member = Member.objects.get()
    tag = Tag.objects.create(group=TagGroup.objects.create(slug="taste", name="Taste"), slug="milk", name="Milk")
    given = {"member": member.pk, "tag": tag.pk, "expires_at_0": "", "expires_at_1": ""}
    assert admin_client.post(reverse("admin:segmentation_membertag_add"), given).status_code == 302
    adjustment = {"uid": UID, "unit": Unit.objects.get(slug="points").pk, "amount": "5", "reason": "goodwill"}
    assert admin_client.post(reverse("admin:rewards_adjustment_add"), adjustment).status_code == 302
    changes = {record.action: record.changes for record in AuditRecord.objects.filter(target_type__contains=".")}
    assert changes["member_tag.added"]["member"] == [None, f"member #{member.pk}"]
    assert changes["adjustment.posted"]["member"] == [None, f"member #{member.pk}"]
    erasing.erase(member.pk, by=None, reason="asked for", now=NOW)
    assert places_of([UID]) == set()

"""Phone and email: sealed at rest, found by a keyed hash, masked for everybody, revealed on record."""

import json
import logging

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from rest_framework.test import APIClient

from members import contact
from members.contact import Kind
from members.ingest import ingest_members
from members.models import Member
from members.rows import MemberRow
from operations.api_keys import create_api_key
from operations.models import AuditRecord, Job
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db

PHONE = "13812345678"
EMAIL = "fang@example.com"
OPENID = "oABCdefGHI123"
ENGLISH = {"Accept-Language": "en"}


def take(uid="u1", **given):
    result = ingest_members([MemberRow(uid, **given)], now=NOW)
    return result.created, result.updated, result.unchanged


@pytest.fixture
def fang():
    take(phone=PHONE, email=EMAIL, name="王芳", identities={"wechat-openid": OPENID})
    return Member.objects.get(uid="u1")


def stored():
    return Member.objects.values_list("sealed_phone", "phone_hash", "sealed_email", "email_hash").get(uid="u1")


@pytest.mark.parametrize("text", [PHONE, "+86 138-1234-5678", "电话", "a" * 254])
@pytest.mark.parametrize("kind", Kind)
def test_what_is_sealed_opens_again(kind, text):
    assert contact.unseal(kind, contact.seal(kind, text).sealed) == text


def test_sealing_twice_gives_other_bytes_and_the_same_hash():
    first, second = contact.seal(Kind.PHONE, PHONE), contact.seal(Kind.PHONE, PHONE)
    assert first.sealed != second.sealed
    assert first.found_by == second.found_by
    assert PHONE.encode() not in first.sealed + first.found_by


def test_a_phone_does_not_open_as_an_email_nor_is_found_as_one():
    sealed = contact.seal(Kind.PHONE, PHONE)
    assert contact.unseal(Kind.EMAIL, sealed.sealed) is None
    assert contact.seal(Kind.EMAIL, PHONE).found_by != sealed.found_by


@pytest.mark.parametrize("position", [0, 5, 20, -1])
def test_what_was_tampered_with_does_not_open(position):
    sealed = bytearray(contact.seal(Kind.PHONE, PHONE).sealed)
    sealed[position] ^= 1
    assert contact.unseal(Kind.PHONE, bytes(sealed)) is None


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("138 1234 5678", PHONE),
        ("+86 138-1234-5678", PHONE),
        ("+86(138)12345678", PHONE),
        ("0086 13812345678", PHONE),
        ("021-6123-4567", "02161234567"),
        ("+1 (415) 555-0100", "14155550100"),
        ("8613812", "8613812"),
        ("+86", ""),
    ],
)
def test_the_ways_to_write_a_number_have_one_normal_form(written, normal):
    assert contact.normal_phone(written) == normal


def test_members_are_found_by_phone_however_written_and_by_email_in_any_case(fang):
    take("u2", phone="0086-138 1234 5678")
    take("u3", phone="13900000000")
    for written in (PHONE, "+86 138 1234 5678"):
        assert {member.uid for member in Member.objects.filter(contact.has_phone(written))} == {"u1", "u2"}
    assert [member.uid for member in Member.objects.filter(contact.has_email(" Fang@Example.COM "))] == ["u1"]
    for nothing in ("", " ", "138", "+86"):
        assert not Member.objects.filter(contact.has_phone(nothing)).exists()
        assert not Member.objects.filter(contact.has_email(nothing)).exists()


def test_members_without_a_phone_are_not_found_by_none():
    take("u1")
    assert not Member.objects.filter(contact.has_phone("")).exists()
    assert contact.phone_of(Member.objects.get()) == ""


def test_the_same_contact_again_changes_nothing_and_is_not_sealed_anew(fang):
    before = stored()
    assert take(phone=PHONE, email=EMAIL) == (0, 0, 1)
    assert take(name="Fang", phone=PHONE, email=EMAIL) == (0, 1, 0)
    assert stored() == before


def test_a_new_phone_leaves_the_email_and_a_row_without_either_leaves_both(fang):
    before = stored()
    assert take(phone="13900000000") == (0, 1, 0)
    assert stored()[2:] == before[2:]
    assert take(name="Fang") == (0, 1, 0)
    member = Member.objects.get()
    assert (contact.phone_of(member), contact.email_of(member)) == ("13900000000", EMAIL)


def test_the_same_number_written_otherwise_is_an_update_found_as_before(fang):
    assert take(phone="+86 138 1234 5678") == (0, 1, 0)
    assert contact.phone_of(Member.objects.get()) == "+86 138 1234 5678"
    assert Member.objects.filter(contact.has_phone(PHONE)).exists()


def test_a_second_key_opens_and_finds_what_it_sealed(fang, settings):
    settings.PERSONAL_DATA_KEYS = ["new", settings.SECRET_KEY]
    take("u2", phone=PHONE)
    assert {contact.phone_of(member) for member in Member.objects.filter(contact.has_phone(PHONE))} == {PHONE}
    assert Member.objects.filter(contact.has_phone(PHONE)).count() == 2


def test_without_keys_of_their_own_the_secret_key_and_its_fallbacks_serve(fang, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert contact.email_of(Member.objects.get()) == EMAIL
    assert Member.objects.filter(contact.has_email(EMAIL)).exists()


def test_without_its_key_a_contact_is_unknown_and_a_new_one_takes_its_place(fang, settings, caplog):
    settings.PERSONAL_DATA_KEYS = ["another"]
    member = Member.objects.get()
    assert (contact.phone_of(member), contact.shown_phone(member), contact.shown_email(member)) == (None, "", "")
    assert "a key gone from PERSONAL_DATA_KEYS" in caplog.text
    assert take(name="Fang") == (0, 1, 0)
    assert bytes(Member.objects.get().sealed_phone) == bytes(fang.sealed_phone)
    assert take(phone=PHONE) == (0, 1, 0)
    assert contact.phone_of(Member.objects.get()) == PHONE


def reseal(capsys):
    call_command("reseal_personal_data")
    return capsys.readouterr().out.strip()


def test_resealing_moves_all_to_the_first_key_and_can_be_repeated(fang, settings, capsys, monkeypatch):
    monkeypatch.setattr("members.resealing.SLICE", 2)
    for number in range(2, 6):
        take(f"u{number}", phone=f"1390000000{number}")
    take("u6")
    old = settings.SECRET_KEY
    settings.PERSONAL_DATA_KEYS = ["new", old]
    assert (
        reseal(capsys) == "members 6, rejected rows 0, coupon codes 0, addresses 0, "
        "secrets of receipts 0, codes of tasks 0, callback secrets 0, resealed 5, unreadable 0"
    )
    assert (
        reseal(capsys) == "members 6, rejected rows 0, coupon codes 0, addresses 0, "
        "secrets of receipts 0, codes of tasks 0, callback secrets 0, resealed 0, unreadable 0"
    )
    settings.PERSONAL_DATA_KEYS = ["new"]
    assert Member.objects.filter(contact.has_phone("+86 13900000005")).get().uid == "u5"
    assert contact.email_of(Member.objects.filter(contact.has_phone(PHONE)).get()) == EMAIL


def test_resealing_leaves_what_it_cannot_open_and_says_so(fang, settings, capsys):
    before = stored()
    settings.PERSONAL_DATA_KEYS = ["new"]
    with pytest.raises(CommandError):
        call_command("reseal_personal_data")
    assert "unreadable 2" in capsys.readouterr().out
    assert stored() == before


def everything_stored():
    """Return every row of every table, as a dump would have it."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            yield from (f"{table}: {row}" for (row,) in cursor.fetchall())


def test_a_dump_a_log_line_and_a_job_hold_nothing_in_the_clear(caplog):
    caplog.set_level(logging.DEBUG)
    client = APIClient()
    _, plain, _ = create_api_key("shop", ["facts", "eligibility"])
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {plain}")
    good = {"uid": "u1", "phone": PHONE, "email": EMAIL}
    rows = [good, good | {"name": "Fang"}, good | {"uid": "u2", "level": "none"}, {"uid": "u3", "phone": f"{PHONE}x"}]
    client.post("/api/v1/members/bulk/", rows, format="json")
    client.post("/api/v1/members/bulk/", b'[{"uid": "u4", "phone": "13812345678"', content_type="application/json")
    order = {"order_id": "o1", "uid": "u1", "paid_at": "2026-01-01T12:00:00Z", "amount": "9"}
    client.post("/api/v1/orders/bulk/", [order], format="json")
    assert Member.objects.get(uid="u1").name == "Fang"
    assert Job.objects.exists()
    told = [*everything_stored(), caplog.text, *map(json.dumps, Job.objects.values_list("arguments", flat=True))]
    hexadecimal = [PHONE.encode().hex(), EMAIL.encode().hex()]
    assert [line for line in told for secret in (PHONE, EMAIL, *hexadecimal) if secret in line] == []


def reader(client, *permissions):
    user = User.objects.create_user("support", password="support", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return user


def page_of(member):
    return reverse("admin:members_member_change", args=[member.pk])


def reveal(client, member, **headers):
    url = reverse("admin:members_member_reveal_contact", args=[member.pk])
    return client.post(url, headers=ENGLISH | headers)


def test_the_list_and_the_page_mask_for_everyone(admin_client, fang):
    for address in (reverse("admin:members_member_changelist"), page_of(fang)):
        text = admin_client.get(address, headers=ENGLISH).content.decode()
        assert "138******78" in text
        assert "f***@example.com" in text
        assert [secret for secret in (PHONE, EMAIL, OPENID) if secret in text] == []


def test_only_who_may_is_offered_to_reveal(client, fang):
    user = reader(client, "view_member")
    assert "reveal-contact" not in client.get(page_of(fang)).content.decode()
    user.user_permissions.add(Permission.objects.get(codename="view_contact"))
    assert "reveal-contact" in client.get(page_of(fang)).content.decode()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_revealing_shows_the_contact_once_and_puts_it_on_record(client, fang, headers):
    user = reader(client, "view_member", "view_contact")
    answer = reveal(client, fang, **headers)
    assert [secret for secret in (PHONE, EMAIL, OPENID) if secret not in answer.content.decode()] == []
    assert "no-store" in answer["Cache-Control"]
    record = AuditRecord.objects.get()
    assert (record.action, record.actor, record.target_id) == ("member.contact_revealed", user, str(fang.pk))
    assert record.changes == {"revealed": [None, ["phone", "email", "identity.wechat-openid"]]}
    assert PHONE not in client.get(page_of(fang)).content.decode()


@pytest.mark.parametrize("permissions", [["view_member"], ["view_contact"], []])
def test_nobody_else_reveals(client, fang, permissions):
    reader(client, *permissions)
    assert reveal(client, fang).status_code == 403
    assert not AuditRecord.objects.exists()


def test_a_look_at_the_address_reveals_nothing(admin_client, fang):
    url = reverse("admin:members_member_reveal_contact", args=[fang.pk])
    assert admin_client.get(url).url == page_of(fang)
    assert not AuditRecord.objects.exists()
    for nobody in ("999999", "x"):
        assert admin_client.post(url.replace(str(fang.pk), nobody)).status_code == 404


@pytest.mark.parametrize("key_is_there", [True, False])
def test_what_no_key_opens_is_said_to_be_so(admin_client, fang, settings, key_is_there):
    settings.PERSONAL_DATA_KEYS = [settings.SECRET_KEY if key_is_there else "another"]
    assert ("a key is missing" in reveal(admin_client, fang).content.decode()) is not key_is_there


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (PHONE, ["u1"]),
        ("+86 138-1234-5678", ["u1"]),
        ("FANG@example.com", ["u1"]),
        ("1381234567", []),
        ("fang@", []),
        ("u2", ["u2"]),
    ],
)
def test_the_list_finds_members_by_a_whole_phone_or_email(admin_client, fang, query, found):
    take("u2", phone="13900000000")
    answer = admin_client.get(reverse("admin:members_member_changelist"), {"q": query})
    assert [member.uid for member in answer.context["cl"].result_list] == found

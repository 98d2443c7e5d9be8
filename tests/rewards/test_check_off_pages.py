"""The staff's phone: choose the outlet, type or scan, look, confirm; and those who try what they may not."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from members.ingest import ingest_members
from members.models import Member
from members.rows import MemberRow
from operations.models import AuditRecord
from rewards import guessing
from rewards.models import Award, CheckOff, WrongNumbers
from rewards.vouchers import voucher_of
from tests.rewards import at_counter
from tests.rewards.build import coupon

pytestmark = pytest.mark.django_db
NUMBER = "/staff/check-off/"


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def west():
    return at_counter.outlet("west")


@pytest.fixture
def lin(west):
    return at_counter.clerk("lin", west)


@pytest.fixture
def desk(lin):
    return at_counter.phone(lin)


@pytest.fixture
def award():
    made = coupon("milk", 1, face_value=20, threshold=100, valid_days=3, description="For milk only.")
    return at_counter.award(made, now=timezone.now())


def page(award):
    return f"{NUMBER}{voucher_of(award.pk)}/"


def key_in(answer):
    return re.search(r'name="request_key" value="([0-9a-f]{32})"', answer.text)[1]


def confirm(desk, award):
    return desk.post(page(award), {"request_key": key_in(desk.get(page(award)))}, follow=True)


def state_of(award):
    return Award.objects.get(pk=award.pk).state


def test_a_voucher_is_looked_at_confirmed_and_told_of_once(desk, award):
    Member.objects.update(name="王小明", sealed_phone=None)
    looked = desk.get(page(award)).text
    for words in ("Milk", "¥20 off when you spend ¥100", "For milk only.", "王**", "until", "Check off now"):
        assert words in looked
    assert "小明" not in looked
    assert "milk-0" not in looked
    assert state_of(award) == "granted"
    done = confirm(desk, award)
    assert "Checked off" in done.text
    assert state_of(award) == "redeemed"
    again = desk.get(page(award)).text
    assert "Do not give it out" in again
    assert "It was used already" in again
    assert "Check off now" not in again


def test_the_member_s_phone_is_masked(desk, award):
    ingest_members([MemberRow("m0", phone="13812345678")], now=timezone.now())
    text = desk.get(page(award)).text
    assert "138******78" in text
    assert "13812345678" not in text


@pytest.mark.parametrize("typed", ["milk-0", " milk-0 ", "{voucher}", "{lower}"])
def test_a_number_or_code_that_is_typed_leads_to_its_award(desk, award, typed):
    voucher = voucher_of(award.pk)
    answer = desk.post(NUMBER, {"number": typed.format(voucher=voucher, lower=voucher.lower().replace("-", " "))})
    assert (answer.status_code, answer["Location"]) == (302, page(award))


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ("", 400, "required"),
        ("x" * 101, 400, "at most 100"),
        ("a\x00b", 400, "Null"),
        ("nothing", 404, "No award has this voucher number or code"),
        ("2222-2222-2222-2222", 404, ""),
    ],
)
def test_a_number_of_nothing_is_one_clear_refusal(desk, typed, status, words):
    answer = desk.post(NUMBER, {"number": typed})
    assert (answer.status_code, words in answer.text) == (status, True)


@pytest.mark.parametrize("voucher", ["%00", "K7QM", "<b>", "x" * 300, "2222-2222-2222-2223"])
def test_an_address_of_nothing_is_not_found(desk, voucher):
    assert desk.get(f"{NUMBER}{voucher}/").status_code == 404


def test_a_post_that_is_replayed_changes_nothing_and_says_so(desk, award):
    key = key_in(desk.get(page(award)))
    answers = [desk.post(page(award), {"request_key": key}, follow=True).text for _ in range(3)]
    assert ["Nothing is counted twice" in text for text in answers] == [False, True, True]
    assert CheckOff.objects.count() == AuditRecord.objects.filter(action="award.redeemed").count() == 1


def test_a_post_replayed_after_hours_by_another_is_a_second_use(desk, award, west, time_machine):
    key = key_in(desk.get(page(award)))
    desk.post(page(award), {"request_key": key})
    clerk = at_counter.clerk("wei", west)
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    wei = at_counter.phone(clerk)
    answer = wei.post(page(award), {"request_key": key})
    assert answer.status_code == 409
    assert "West Lake (lin)" in answer.text


@pytest.mark.parametrize("key", ["", "x", "' OR 1=1", "g" * 32, "0" * 33])
def test_a_key_that_is_none_of_ours_still_checks_off_once(desk, award, key):
    answers = [desk.post(page(award), {"request_key": key}).status_code for _ in range(2)]
    assert answers == [302, 302]
    assert CheckOff.objects.count() == 1


def test_it_needs_the_token_of_its_page(lin, award):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(lin)
    assert strict.post(page(award), {"request_key": "0" * 32}).status_code == 403
    assert strict.post(NUMBER, {"number": "milk-0"}).status_code == 403
    assert state_of(award) == "granted"


def test_a_stranger_is_asked_to_sign_in_and_comes_back(client, award):
    answer = client.get(page(award))
    assert answer["Location"] == f"/admin/login/?next={page(award)}"
    assert client.post(page(award)).status_code == 302
    assert state_of(award) == "granted"


def test_staff_without_the_permission_or_without_an_outlet_check_off_nothing(award, west):
    plain = User.objects.create_user("plain", is_staff=True)
    west.staff.add(plain)
    homeless = at_counter.clerk("homeless")
    for user in (plain, homeless):
        for address in (NUMBER, page(award)):
            assert at_counter.phone(user).get(address).status_code == 403
            assert at_counter.phone(user).post(address).status_code == 403
    assert state_of(award) == "granted"


def test_who_stands_at_several_outlets_chooses_once(lin, west, award):
    east = at_counter.outlet("east")
    east.staff.add(lin)
    desk = at_counter.phone(lin)
    asked = desk.get(page(award))
    assert asked["Location"] == f"{NUMBER}outlet/?next={page(award).replace('/', '%2F')}"
    chosen = desk.post(asked["Location"], {"outlet": east.pk})
    assert chosen["Location"] == page(award)
    assert "East Lake" in desk.get(page(award)).text
    confirm(desk, award)
    assert CheckOff.objects.get().outlet == east


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example", "/admin/", "/staff/check-off/../../admin/"]
)
def test_the_choice_leads_nowhere_else(lin, west, onward):
    at_counter.outlet("east").staff.add(lin)
    desk = at_counter.phone(lin)
    assert desk.post(f"{NUMBER}outlet/", {"outlet": west.pk}, query_params={"next": onward})["Location"] == NUMBER


def test_an_outlet_of_others_cannot_be_chosen_and_one_left_is_left(lin, west, award):
    east, north = at_counter.outlet("east"), at_counter.outlet("north")
    north.staff.add(lin)
    desk = at_counter.phone(lin)
    assert desk.post(f"{NUMBER}outlet/", {"outlet": east.pk}).status_code == 403
    desk.post(f"{NUMBER}outlet/", {"outlet": north.pk})
    north.staff.remove(lin)
    confirm(desk, award)
    assert CheckOff.objects.get().outlet == west


def test_an_outlet_that_was_closed_is_no_choice(lin, west):
    closed = at_counter.outlet("closed", active=False)
    closed.staff.add(lin)
    west.active = False
    west.save()
    assert at_counter.phone(lin).get(NUMBER).status_code == 403


def test_an_administrator_of_a_house_without_outlets_needs_none(award):
    chief = at_counter.phone(User.objects.create_superuser("chief"))
    confirm(chief, award)
    assert CheckOff.objects.get().outlet is None


def test_a_gift_of_another_outlet_is_refused_with_the_name_of_its_own(desk, award):
    award.gift.outlets.add(at_counter.outlet("east"))
    looked = desk.get(page(award)).text
    assert "It is not used here, but at: East Lake." in looked
    answer = desk.post(page(award), {"request_key": "0" * 32})
    assert (answer.status_code, state_of(award)) == (409, "granted")


def test_guessing_has_an_end_that_goes_on_record_and_passes(desk, lin, award, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    guesses = [desk.post(NUMBER, {"number": f"guess-{number}"}).status_code for number in range(guessing.MOST + 3)]
    assert guesses == [404] * guessing.MOST + [429] * 3
    blocked = desk.get(page(award))
    assert (blocked.status_code, "Try again in 15 minutes." in blocked.text) == (429, True)
    assert AuditRecord.objects.get(action="check_off.last_try").actor == lin
    time_machine.shift(guessing.WITHIN)
    assert desk.get(page(award)).status_code == 200
    assert WrongNumbers.objects.get().tried == 0


def test_right_numbers_are_not_counted(desk, award):
    for _number in range(guessing.MOST + 1):
        assert desk.get(page(award)).status_code == 200


def test_the_camera_is_allowed_where_one_scans_and_nowhere_else(desk, award):
    policies = {address: desk.get(address)["Permissions-Policy"] for address in (NUMBER, page(award), "/h5/me/")}
    assert ["camera=(self)" in policy for policy in policies.values()] == [True, False, False]
    assert all("microphone=()" in policy for policy in policies.values())
    policy = desk.get(NUMBER)["Content-Security-Policy"]
    assert "unsafe" not in policy


def test_the_page_speaks_chinese_to_who_does(lin):
    desk = at_counter.phone(lin)
    desk.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    assert 'lang="zh-hans"' in desk.get(NUMBER).text

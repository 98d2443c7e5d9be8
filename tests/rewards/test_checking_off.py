"""An award is used once, in its time, at its outlet; and whoever comes second is told who was first."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from operations.api_keys import create_api_key
from operations.models import AuditRecord
from rewards.checking_off import SAME_TAP, NotRedeemable, Refusal, redeem
from rewards.models import Award, CheckOff
from rewards.reversing import NotReversible, reverse_award
from tests.rewards import at_counter
from tests.rewards.build import NOW, books_are_right, gift

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def west():
    return at_counter.outlet("west")


@pytest.fixture
def lin(west):
    return at_counter.clerk("lin", west)


@pytest.fixture
def mug():
    return gift("mug", "shared_coupon", valid_days=1)


def refusal(award, **how):
    with pytest.raises(NotRedeemable) as refused:
        redeem(award.pk, **{"by": None, "now": NOW} | how)
    return refused.value


def state_of(award):
    return Award.objects.get(pk=award.pk).state


def test_an_award_is_used_once_and_the_second_is_told_by_whom_where_and_when(mug, west, lin):
    award = at_counter.award(mug)
    use = redeem(award.pk, outlet=west, by=lin, now=NOW)
    assert (use.repeated, use.check_off.outlet, use.check_off.by, use.check_off.at) == (False, west, lin, NOW)
    assert state_of(award) == "redeemed"
    assert Award.objects.get().changed_at == NOW
    told = refusal(award, outlet=west, by=at_counter.clerk("wei", west), now=NOW + SECOND)
    assert (told.reason, told.at, told.where) == (Refusal.REDEEMED, NOW, "West Lake (lin)")
    with translation.override("en"):
        assert str(told) == "It was used already: Nov. 21, 2026, 20:00, West Lake (lin)."
    assert AuditRecord.objects.get(action="award.redeemed").changes["outlet"] == [None, "west"]
    assert books_are_right()


@pytest.mark.parametrize(("moment", "usable"), [(-SECOND, True), (timedelta(0), False), (SECOND, False)])
def test_at_the_very_second_of_its_expiry_an_award_has_expired(mug, moment, usable):
    award = at_counter.award(mug)
    at = award.expires_at + moment
    if usable:
        assert not redeem(award.pk, by=None, now=at).repeated
    else:
        assert (refusal(award, now=at).reason, state_of(award)) == (Refusal.EXPIRED, "granted")


@pytest.mark.parametrize(("moment", "usable"), [(-SECOND, False), (timedelta(0), True)])
def test_an_award_is_not_used_before_its_time(moment, usable):
    award = at_counter.award(gift("mug", "shared_coupon", valid_from=NOW + timedelta(days=1)))
    at = award.usable_from + moment
    if usable:
        assert not redeem(award.pk, by=None, now=at).repeated
    else:
        assert (refusal(award, now=at).reason, state_of(award)) == (Refusal.NOT_YET_USABLE, "granted")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("thanks", {}),
        ("points", {"amount": 5}),
        ("physical", {}),
        ("link", {"link": "https://example.com"}),
        ("red_packet", {"provider": "bank", "face_value": 5}),
    ],
)
def test_what_is_no_coupon_is_nothing_to_use(kind, fields):
    award = at_counter.award(gift("given", kind, **fields))
    assert refusal(award).reason is Refusal.NOTHING_TO_USE


def test_an_award_that_was_taken_back_is_not_used(mug):
    award = at_counter.award(mug)
    reverse_award(award.pk, by=None, reason="a mistake", now=NOW)
    assert refusal(award).reason is Refusal.REVERSED
    assert not CheckOff.objects.exists()


def test_a_gift_of_certain_outlets_is_used_there_only(mug, west, lin):
    east = at_counter.outlet("east")
    mug.outlets.add(east)
    award = at_counter.award(mug)
    told = refusal(award, outlet=west, by=lin)
    assert (told.reason, told.where) == (Refusal.OTHER_OUTLET, "East Lake")
    assert refusal(award).reason is Refusal.OUTLET_NEEDED
    east.staff.add(lin)
    assert redeem(award.pk, outlet=east, by=lin, now=NOW).check_off.outlet == east


def test_nothing_is_used_at_an_outlet_that_is_not_active(mug, west, lin):
    west.active = False
    west.save()
    assert refusal(at_counter.award(mug), outlet=west, by=lin).reason is Refusal.INACTIVE_OUTLET


def test_an_outlet_closed_after_it_was_looked_at_is_noticed_by_the_statement(mug, west, lin):
    award = at_counter.award(mug)
    type(west).objects.update(active=False)
    assert refusal(award, outlet=west, by=lin).reason is Refusal.CHANGED
    assert state_of(award) == "granted"


def test_the_staff_of_another_outlet_check_off_nothing(mug, west):
    wei = at_counter.clerk("wei", at_counter.outlet("east"))
    award = at_counter.award(mug)
    assert refusal(award, outlet=west, by=wei).reason is Refusal.NOT_STAFF
    wei.is_superuser = True
    assert not redeem(award.pk, outlet=west, by=wei, now=NOW).repeated


def test_the_same_request_gets_the_first_result_at_any_time(mug, west, lin):
    award = at_counter.award(mug)
    first = redeem(award.pk, outlet=west, by=lin, request_key="page:1", now=NOW)
    again = redeem(award.pk, outlet=west, by=lin, request_key="page:1", now=NOW + timedelta(hours=5))
    assert (again.check_off, again.repeated) == (first.check_off, True)
    assert CheckOff.objects.count() == AuditRecord.objects.filter(action="award.redeemed").count() == 1


@pytest.mark.parametrize(("after", "same"), [(SAME_TAP - SECOND, True), (SAME_TAP, False)])
def test_a_second_tap_of_the_same_person_at_the_same_place_is_no_second_use(mug, west, lin, after, same):
    award = at_counter.award(mug)
    redeem(award.pk, outlet=west, by=lin, request_key="page:1", now=NOW)
    if same:
        assert redeem(award.pk, outlet=west, by=lin, request_key="page:2", now=NOW + after).repeated
    else:
        assert refusal(award, outlet=west, by=lin, request_key="page:2", now=NOW + after).reason is Refusal.REDEEMED


def test_a_tap_at_another_place_is_a_second_use(mug, west, lin):
    east = at_counter.outlet("east")
    east.staff.add(lin)
    award = at_counter.award(mug)
    redeem(award.pk, outlet=west, by=lin, now=NOW)
    assert refusal(award, outlet=east, by=lin).reason is Refusal.REDEEMED


def test_a_till_is_told_of_its_own_first_use_as_of_any_other(mug):
    till, _plain, _secret = create_api_key("till", ["rewards"])
    award = at_counter.award(mug)
    assert redeem(award.pk, by=till, now=NOW).check_off.client.startswith("till (")
    with translation.override("en"):
        assert refusal(award, by=till).where.startswith("at no outlet (till (")


def test_a_check_off_is_written_once_and_never_changed(mug):
    used = redeem(at_counter.award(mug).pk, by=None, now=NOW).check_off
    for change in (lambda: CheckOff.objects.update(at=NOW + SECOND), used.delete):
        with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
            change()


def test_an_unknown_award_is_not_there():
    with pytest.raises(Award.DoesNotExist):
        redeem(999, by=None, now=NOW)


def test_a_used_award_is_not_taken_back(mug):
    award = at_counter.award(mug)
    redeem(award.pk, by=None, now=NOW)
    with pytest.raises(NotReversible):
        reverse_award(award.pk, by=None, reason="a mistake", now=NOW)
    assert books_are_right()

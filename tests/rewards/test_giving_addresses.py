"""A member says where a physical award is to go."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from members import erasing
from rewards import addresses, giving_addresses, shipping
from rewards.address_form import AddressForm
from rewards.giving_addresses import AddressRefusal, AddressRefused, give_address
from rewards.models import Award, Shipment
from rewards.reversing import reverse_award
from tests.rewards import build
from tests.rewards.build import NOW
from tests.rewards.parcels import HOME, addressed, mug, won

pytestmark = pytest.mark.django_db
WELL_FILLED = {
    "recipient": " 王  芳 ",
    "phone": "+86 138-1234-5678",
    "province": "330000",
    "city": "330100",
    "district": "330106",
    "street": "文三路 1 号 2 单元 301",
    "postcode": "",
}


@pytest.fixture
def ann():
    return build.members(1)[0]


def test_giving_the_address_claims_the_award(ann):
    shipment = addressed(ann)
    shipment.award.refresh_from_db()
    assert (shipment.award.state, shipment.award.changed_at) == (Award.State.CLAIMED, NOW)
    assert (shipment.state, shipment.region) == (Shipment.State.WAITING, HOME.region)
    assert build.books_are_right()


def test_the_address_is_sealed_and_reads_back(ann):
    shipment = addressed(ann)
    shipment.refresh_from_db()
    assert "王芳".encode() not in bytes(shipment.sealed)
    assert addresses.unseal(shipment.sealed) == HOME
    assert addresses.masked(shipment) == addresses.Masked("王*", "138******78", "浙江省杭州市西湖区")


def test_the_address_may_be_changed_until_it_was_exported(ann):
    shipment = addressed(ann)
    moved = addresses.Address("李雷", "010-65321234", "110105", "朝阳路 9 号 1-1")
    give_address(ann.pk, shipment.award_id, moved, now=NOW)
    shipment.refresh_from_db()
    assert addresses.unseal(shipment.sealed) == moved
    shipping.export_waiting([mug()], by=User.objects.create_user("op"), now=NOW)
    with pytest.raises(AddressRefused) as refused:
        give_address(ann.pk, shipment.award_id, HOME, now=NOW)
    assert refused.value.code == AddressRefusal.ON_ITS_WAY


def test_what_ran_out_is_refused_and_what_was_claimed_in_time_is_not(ann):
    late = NOW + timedelta(days=3)
    award = won(ann, valid_days=2)
    with pytest.raises(AddressRefused) as refused:
        give_address(ann.pk, award.pk, HOME, now=late)
    assert refused.value.code == AddressRefusal.EXPIRED
    give_address(ann.pk, award.pk, HOME, now=NOW)
    give_address(ann.pk, award.pk, HOME, now=late)


@pytest.mark.parametrize("claimed_before", [False, True])
def test_what_was_taken_back_is_refused(ann, claimed_before):
    award = won(ann)
    if claimed_before:
        give_address(ann.pk, award.pk, HOME, now=NOW)
    reverse_award(award.pk, by=None, reason="a mistake", now=NOW)
    with pytest.raises(AddressRefused) as refused:
        give_address(ann.pk, award.pk, HOME, now=NOW)
    assert refused.value.code == AddressRefusal.REVERSED


def test_nobody_gives_an_address_for_anothers_award_or_for_what_is_not_sent(ann):
    eve = type(ann).objects.create(uid="eve")
    thanks = giving_addresses.award_of(ann.pk, won(ann).pk)
    with pytest.raises(AddressRefused) as refused:
        give_address(eve.pk, thanks.pk, HOME, now=NOW)
    assert refused.value.code == AddressRefusal.NO_AWARD
    coupon = build.coupon("milk", 1)
    award = giving_addresses.Award.objects.create(
        member=ann, gift=coupon, key="k", source="test", granted_at=NOW
    )  # fmt: skip
    with pytest.raises(AddressRefused) as refused:
        give_address(ann.pk, award.pk, HOME, now=NOW)
    assert refused.value.code == AddressRefusal.NOT_SENT


def test_the_last_address_is_the_default_for_the_next_prize(ann):
    addressed(ann)
    newer = addresses.Address("李雷", "13900001111", "110105", "朝阳路 9 号 1-1")
    give_address(ann.pk, won(ann, key="second").pk, newer, now=NOW + timedelta(hours=1))
    assert addresses.last_of(ann.pk) == newer
    assert addresses.last_of(ann.pk + 1) is None


def test_an_erasure_leaves_no_address_and_lets_none_in(ann):
    shipment = addressed(ann)
    shipping.export_waiting([mug()], by=User.objects.create_user("op"), now=NOW)
    erasing.erase(ann.pk, by=None, reason="asked for", now=NOW)
    shipment.refresh_from_db()
    assert (shipment.sealed, shipment.region, shipment.tracking_number) == (None, "", "")
    assert build.books_are_right()
    with pytest.raises(AddressRefused):
        give_address(ann.pk, shipment.award_id, HOME, now=NOW)


def test_a_form_well_filled_is_an_address_in_its_normal_form():
    form = AddressForm(WELL_FILLED)
    assert form.is_valid(), form.errors
    assert form.address() == addresses.Address("王 芳", "13812345678", "330106", "文三路 1 号 2 单元 301")


def test_a_city_without_districts_needs_none():
    form = AddressForm(WELL_FILLED | {"province": "440000", "city": "441900", "district": ""})
    assert form.is_valid(), form.errors
    assert form.address().region == "441900"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"recipient": " "}, "recipient"),
        ({"recipient": "x" * 31}, "recipient"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "22812345678"}, "phone"),
        ({"province": ""}, "province"),
        ({"province": "810000"}, "province"),
        ({"city": ""}, "city"),
        ({"city": "110100"}, "city"),
        ({"district": ""}, "district"),
        ({"district": "330203"}, "district"),
        ({"street": "1"}, "street"),
        ({"street": "x\x00y and more"}, "street"),
        ({"postcode": "31001"}, "postcode"),
    ],
)
def test_each_fault_is_told_at_its_field(change, field):
    form = AddressForm(WELL_FILLED | change)
    assert not form.is_valid()
    assert field in form.errors


@pytest.mark.parametrize("phone", ["138 1234 5678", "008613812345678", "010-65321234", "057187654321"])
def test_mobile_numbers_and_those_with_an_area_are_taken(phone):
    assert AddressForm(WELL_FILLED | {"phone": phone}).is_valid()

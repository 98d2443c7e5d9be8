"""Addresses given, exported and taken back by many at once."""

import pytest
from django.contrib.auth.models import User

from rewards import giving_addresses, shipping, tracking
from rewards.giving_addresses import AddressRefused
from rewards.models import Award, Gift, Shipment, ShippingBatch
from rewards.reversing import reverse_award
from tests.races.together import at_once
from tests.rewards.build import NOW, books_are_right, members
from tests.rewards.parcels import HOME, addressed, mug, won

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def test_eight_operators_at_once_never_both_export_one_parcel():
    operator = User.objects.create_user("op")
    for member in members(60):
        addressed(member)
    gifts = list(Gift.objects.all())

    def export(_number):
        try:
            return shipping.export_waiting(gifts, by=operator, now=NOW).parcels
        except shipping.NothingWaits:
            return 0

    assert sum(at_once(8, export)) == 60
    assert [batch.parcels for batch in ShippingBatch.objects.all()] == [
        batch.shipments.count() for batch in ShippingBatch.objects.all()
    ]
    assert books_are_right()


def test_an_address_is_changed_before_the_export_or_refused_after_it():
    operator = User.objects.create_user("op")
    people = members(30)
    awards = [addressed(member).award_id for member in people]

    def act(number):
        if number == 0:
            return shipping.export_waiting([mug()], by=operator, now=NOW).parcels
        taken = 0
        for member, award in zip(people, awards, strict=True):
            try:
                giving_addresses.give_address(member.pk, award, HOME, now=NOW)
                taken += 1
            except AddressRefused:
                pass
        return taken

    told = at_once(5, act)
    assert [each for each in told if isinstance(each, Exception)] == []
    parcels = Shipment.objects.filter(state="exported").count()
    assert parcels == told[0]
    assert books_are_right()


def test_one_address_claims_one_award_however_often_it_is_sent():
    (member,) = members(1)
    award = won(member)
    told = at_once(12, lambda _number: giving_addresses.give_address(member.pk, award.pk, HOME, now=NOW).pk)
    assert len(set(told)) == 1
    assert Award.objects.get().state == Award.State.CLAIMED


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_addresses_exports_numbers_and_reversals_at_once_leave_the_books_right(_round):
    operator = User.objects.create_user("op")
    people = members(20)
    awards = [won(member) for member in people]

    def act(number):
        for member, award in zip(people, awards, strict=True):
            try:
                if number < 2:
                    giving_addresses.give_address(member.pk, award.pk, HOME, now=NOW)
                elif number < 4:
                    shipping.export_waiting([award.gift], by=operator, now=NOW)
                elif number < 6:
                    tracking.ingest_tracking([tracking.TrackingRow(award.pk, "SF", f"SF{number}0000")], now=NOW)
                elif award.pk % 3 == 0:
                    reverse_award(award.pk, by=None, reason="a mistake", now=NOW)
            except (AddressRefused, shipping.NothingWaits):
                pass

    assert [each for each in at_once(7, act) if isinstance(each, Exception)] == []
    assert books_are_right()

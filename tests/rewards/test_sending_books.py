"""The books of parcels and payments notice what no guard should let happen."""

import pytest
from django.contrib.auth.models import User
from django.db import connection

from operations.books import count_violations
from rewards import delivering, shipping, tracking
from rewards.awards import grant_award
from rewards.delivery_providers import Outcome, Verdict
from rewards.models import Delivery, Gift
from rewards.sending_books import INVARIANTS
from tests.rewards import build
from tests.rewards.build import NOW
from tests.rewards.parcels import addressed, mug

pytestmark = pytest.mark.django_db

BREACHES = {
    "rewards: a red packet and its payment come together": "DELETE FROM rewards_delivery",
    "rewards: a red packet is delivered when it was paid, and only then": (
        "UPDATE rewards_delivery SET state = 'unknown'"
    ),
    "rewards: nothing more is paid of an award that was taken back": (
        "UPDATE rewards_award SET state = 'reversed'; UPDATE rewards_delivery SET state = 'waiting'"
    ),
    "rewards: a physical award is claimed with an address, and delivered with a tracking number": (
        "UPDATE rewards_award SET state = 'claimed' WHERE id = (SELECT award_id FROM rewards_shipment)"
    ),
    "rewards: a parcel was sent with a number, and no other has one": (
        "UPDATE rewards_shipment SET tracking_number = ''"
    ),
    "rewards: a shipping file counts its parcels": "UPDATE rewards_shippingbatch SET parcels = 0",
}


@pytest.fixture
def _sent():
    ann, bob = build.members(2)
    parcel = addressed(ann)
    shipping.export_waiting([mug()], by=User.objects.create_user("op"), now=NOW)
    tracking.ingest_tracking([tracking.TrackingRow(parcel.award_id, "SF", "SF10001")], now=NOW)
    packet = build.gift("packet", Gift.Kind.RED_PACKET, provider="bank", face_value=5)
    grant_award(packet, bob.pk, key="p", source="test", now=NOW)
    delivering.settle(Delivery.objects.get(), Outcome(Verdict.DELIVERED), now=NOW)


def violations():
    return {count.name: count.violations for count in count_violations() if count.name in INVARIANTS}


@pytest.mark.usefixtures("_sent")
def test_all_hold():
    assert violations() == dict.fromkeys(INVARIANTS, 0)
    assert set(BREACHES) == set(INVARIANTS)


@pytest.mark.usefixtures("_sent")
@pytest.mark.parametrize("name", BREACHES)
def test_each_invariant_notices_its_breach(name):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(BREACHES[name])
    assert violations()[name] == 1

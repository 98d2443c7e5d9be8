"""What documents say of webhooks is what is written: each kind's example against events of real facts."""

from collections import defaultdict
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from pyroaring import BitMap

from operations import webhook_kinds
from operations.models import WebhookEvent
from rewards import award_expiry, checking_off, giving_addresses, shipping, tracking
from rewards.awards import grant_award
from rewards.models import Outlet
from rewards.reversing import reverse_award
from segmentation import packages
from tests.config.lives import MARKERS, NOW, UID, live
from tests.rewards import build, parcels

KINDS = {kind.name: kind for kind in webhook_kinds.all_kinds()}
# What a kind's members may see decides who may be told of it.
SCOPES = {"member": "eligibility", "segment": "eligibility", "points": "eligibility"}
SCOPES |= {"campaign": "play", "task": "play", "draw": "play", "award": "rewards"}
SECRETS = ["13899990000", "marker@example.com", "marker-street 7", "Marker Wang", "oMarkerOpenid", "MARKERNUMBER1"]
SECRETS += ["王芳", "13812345678", "文三路", "SF12345678", "CODE-1", "off-0", "off-1"]


def lead_a_full_life():
    """A life, and what it leaves out: gifts of every kind that come, go and come back, and a package that is left."""
    member = live()
    later = NOW + timedelta(days=9)
    coupon = build.coupon("off", 2, valid_days=1)
    ten, used, late = (
        give(member, gift, key) for key, gift in [("ten", points(10)), ("used", coupon), ("late", coupon)]
    )
    checking_off.redeem(used.pk, outlet=Outlet.objects.get(), by=None, now=NOW)
    award_expiry.expire_due(now=later, limit=10)
    for award in (ten, late):
        reverse_award(award.pk, by=None, reason="mistake", now=later)
    send_and_get_back(member)
    made = packages.make("list", "List", packages.Content(BitMap([member.pk]), {}), by=None, now=NOW)
    packages.renew(made, packages.Content(BitMap(), {}), by=None, now=NOW)


def points(amount):
    return build.gift("ten", "points", amount=amount)


def give(member, gift, key):
    return grant_award(gift, member.pk, key=key, source="Welcome", scope="campaign:autumn", now=NOW)


def send_and_get_back(member):
    lamp = build.gift("lamp", "physical")
    parcel = giving_addresses.give_address(member.pk, give(member, lamp, "lamp").pk, parcels.HOME, now=NOW)
    shipping.export_waiting([lamp], by=User.objects.create_user("packer"), now=NOW)
    tracking.ingest_tracking([tracking.TrackingRow(parcel.award_id, "SF", "SF12345678")], now=NOW)
    tracking.note_return(parcel.pk, by=None, now=NOW)


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """Return kind → the data of each event of it."""
    from django.db import transaction

    found = defaultdict(list)
    with django_db_blocker.unblock(), transaction.atomic():
        lead_a_full_life()
        for kind, data in WebhookEvent.objects.order_by("id").values_list("kind", "data"):
            found[kind].append(data)
        transaction.set_rollback(True)
    return found


def test_a_full_life_tells_every_kind_that_documents_name_and_no_other(told):
    assert set(told) == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_an_example_has_the_keys_of_what_is_written(told, name):
    assert {tuple(sorted(data)) for data in told[name]} == {tuple(sorted(KINDS[name].example))}


@pytest.mark.parametrize("name", KINDS)
def test_an_example_has_the_types_of_what_is_written(told, name):
    for key, example in KINDS[name].example.items():
        seen = {type(data[key]) for data in told[name]}
        # Null beside one type: what may be missing.
        assert len((seen | {type(example)}) - {type(None)}) <= 1, key
        assert example is None or type(example) in seen, key


def test_every_event_names_its_member_by_uid(told):
    assert {data["uid"] for each in told.values() for data in each} == {UID, "friend"}


def test_no_event_tells_a_name_a_contact_an_address_or_a_code(told):
    text = str(dict(told))
    assert UID in MARKERS
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_client_needs_the_scope_that_reading_the_same_would_need():
    assert {name: kind.scope.value for name, kind in KINDS.items()} == {
        name: SCOPES[name.split(".")[0]] for name in KINDS
    }


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_says_when_it_is_told(name):
    with translation.override("en"):
        assert len(str(KINDS[name].words)) > 20

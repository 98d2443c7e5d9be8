"""Offers of a draft: the file and the definition say the same whichever way, and faults are named."""

import json

import pytest

from campaigns import campaign_files, faults, publishing
from campaigns.definition import DefinitionError, as_json, parse
from campaigns.offers import reserving
from campaigns.uses import gifts_in_rewards, in_audiences
from tests.campaigns.offer_stories import SLUG, member, offer
from tests.campaigns.scenes import NOW, campaign_file, draft, make_coupon, make_gifts, make_level, publish

pytestmark = pytest.mark.django_db

EVERY = offer(
    "group",
    guide="读一读",
    link="https://shop.example/milk",
    opens_at="2026-11-02T00:00:00+00:00",
    closes_at="2026-11-12T00:00:00+00:00",
    stock=9,
    per_member=2,
    minutes=30,
    grace=60,
    gift="hundred-points",
    leader_gift="coupon",
    exact_price=True,
    restock=False,
    audience={"levels": ["paid"]},
)
OFFERS = [EVERY, offer("flash", key="sale"), offer("first_order", key="new", price="0.00", offer_price="0.00")]


@pytest.fixture(autouse=True)
def gifts():
    make_gifts()
    make_coupon("CODE-1")
    make_level("paid")


def codes(**changes):
    campaign = draft(offers=[offer(**changes)])
    return [fault.code for fault in faults.faults(campaign, now=NOW)]


def test_a_file_comes_back_byte_for_byte():
    file = campaign_file(offers=OFFERS)
    campaign = campaign_files.load(file, by=None, now=NOW)

    dumped = campaign_files.dump(campaign)

    assert json.loads(dumped) == file
    assert campaign_files.dump(campaign_files.load(json.loads(dumped), by=None, now=NOW)) == dumped


def test_a_definition_says_the_same_however_often_it_is_read():
    campaign = publish(offers=OFFERS)

    text = campaign.current.definition

    assert as_json(parse(text)) == text
    assert [each["key"] for each in text["offers"]] == ["milk", "sale", "new"]


def test_a_revision_from_before_offers_is_read():
    text = publish().current.definition

    assert "offers" not in text
    assert parse(text).offers == ()


def test_loading_takes_away_what_the_file_has_not():
    draft(offers=OFFERS)

    campaign = draft(offers=[offer("flash", key="sale")])

    assert list(campaign.offers.values_list("key", flat=True)) == ["sale"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"price": "59"}, "offers[0].price"),
        ({"price": 59}, "offers[0].price"),
        ({"kind": "lottery"}, "offers[0].kind"),
        ({"key": "mi lk"}, "offers[0].key"),
        ({"stock": -1}, "offers[0].stock"),
        ({"opens_at": "2026-11-02"}, "offers[0].opens_at"),
        ({"gift": "nonesuch"}, "offers[0].gift"),
        ({"audience": {"levels": "paid"}}, "offers[0].audience.levels"),
        ({"colour": "red"}, "offers[0].colour"),
    ],
)
def test_a_file_with_a_fault_is_refused_with_its_path(changes, path):
    with pytest.raises(DefinitionError) as refused:
        campaign_files.load(campaign_file(offers=[offer() | changes]), by=None, now=NOW)
    assert refused.value.path == path


def test_two_offers_of_one_key_are_refused():
    with pytest.raises(DefinitionError):
        campaign_files.load(campaign_file(offers=[offer(), offer("group")]), by=None, now=NOW)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"skus": []}, "offer_skus"),
        ({"offer_price": "59.00"}, "offer_price"),
        ({"offer_price": "0.00"}, "offer_price"),
        ({"minutes": 0}, "offer_minutes"),
        ({"stock": 0}, "offer_stock"),
        ({"per_member": 0}, "offer_per_member"),
        ({"per_member": 3}, "offer_per_member"),
        ({"gift": "coupon"}, "offer_gift_unused"),
        ({"leader_gift": "coupon"}, "offer_leader_gift"),
        ({"opens_at": "2026-11-12T00:00:00+00:00", "closes_at": "2026-11-12T00:00:00+00:00"}, "offer_window_reversed"),
        ({"closes_at": "2026-12-01T00:00:01+00:00"}, "offer_window_outside"),
        ({"kind": "group", "size": 1}, "offer_size"),
        ({"kind": "group", "hours": 0}, "offer_hours"),
        ({"kind": "first_order", "gift": "hundred-points"}, "offer_gift"),
        ({"audience": {"levels": ["nonesuch"]}}, "level_unknown"),
    ],
)
def test_faults_keep_a_draft_from_being_published(changes, code):
    assert codes(**changes) == ([code] if code else [])


def test_what_was_published_keeps_its_kind_and_what_is_taken():
    publish(offers=[offer("flash", stock=5, per_member=3)])
    reserving.reserve(member("ann"), SLUG, "milk", quantity=3, now=NOW)

    assert codes(kind="flash", stock=2, per_member=1) == ["offer_stock_below_taken"]
    assert codes(kind="group") == ["offer_kind_changed"]


def test_a_smaller_stock_in_a_new_revision_holds_for_the_next(admin_user):
    publish(offers=[offer("flash", stock=5)])
    for uid in ("ann", "bob"):
        reserving.reserve(member(uid), SLUG, "milk", now=NOW)
    campaign = campaign_files.load(campaign_file(offers=[offer("flash", stock=2)]), by=None, now=NOW)
    publishing.publish(campaign, by=admin_user, now=NOW, reason="half of it was lost")

    with pytest.raises(reserving.Refused) as refused:
        reserving.reserve(member("cid"), SLUG, "milk", now=NOW)

    assert refused.value.refusal.value == "sold_out"


def test_gifts_and_levels_of_offers_are_in_use():
    publish(offers=OFFERS)

    assert len(list(gifts_in_rewards(("gift", "coupon")))) == 2
    assert len(list(in_audiences(("level", "paid")))) == 2

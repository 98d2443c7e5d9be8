"""Webhooks tell of every entry, every draw, and what becomes of every award, whoever moves it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from operations.models import WebhookEvent
from rewards import award_expiry, checking_off, delivering, ledger, mall_orders, shipping, tracking
from rewards.awards import OutOfGifts, grant_award
from rewards.delivery_providers import Outcome, Verdict
from rewards.drawing import DrawRefused, draw
from rewards.models import Delivery, Gift, MallItem, Shipment
from rewards.reversing import reverse_award
from tests.listening import kinds_told, listen, told
from tests.rewards import at_counter, build, earned, parcels
from tests.rewards.build import NOW, SCOPE, members

pytestmark = pytest.mark.django_db
AWARDS = ("granted", "delivered", "returned", "redeemed", "expired", "reversed")


@pytest.fixture
def member():
    return members(1)[0]


def grant(member, gift, **given):
    return grant_award(gift, member.pk, key=gift.slug, source="Welcome", now=NOW, **given)


def listen_to_awards():
    return listen(*(f"award.{each}" for each in AWARDS))


def of_awards():
    return [(kind, data["state"]) for kind, data in told()]


def test_an_entry_is_told_with_what_it_moved_and_what_is_left(member):
    listen("points.changed")
    post = {"reason": "Breakfast", "now": NOW}
    first = ledger.post_entry(member.pk, "points", amount=30, key="a", reference="order:A-1", **post)
    second = ledger.post_entry(member.pk, "points", amount=-10, key="b", **post)
    common = {"uid": "m0", "unit": "points", "reason": "Breakfast"}
    more = {"entry": first.pk, "kind": "earn", "amount": 30, "balance": 30, "reference": "order:A-1"}
    less = {"entry": second.pk, "kind": "spend", "amount": -10, "balance": 20, "reference": ""}
    assert told() == [("points.changed", common | more), ("points.changed", common | less)]
    assert set(WebhookEvent.objects.values_list("member_id", "occurred_at")) == {(member.pk, NOW)}


def test_each_way_in_which_an_account_moves_is_told(member):
    listen("points.changed")
    post = {"reason": "test", "now": NOW}
    ledger.post_entry(member.pk, "points", amount=30, key="a", matures_at=NOW + timedelta(days=1), **post)
    ledger.mature_due(now=NOW + timedelta(days=2), limit=10)
    entry = ledger.adjust(member.pk, "points", amount=5, key="b", **post)
    ledger.reverse_entry(entry.pk, key="c", **post)
    ledger.forfeit(member.pk, key="d", **post)
    moved = [(data["kind"], data["amount"], data["balance"]) for _kind, data in told()]
    expected = [("pend", 30, 0), ("mature", 30, 30), ("adjust", 5, 35), ("reverse", -5, 30), ("forfeit", -30, 0)]
    assert moved == expected


def test_a_transfer_is_told_to_both(member):
    other = build.Member.objects.create(uid="other")
    ledger.post_entry(member.pk, "points", amount=30, key="a", reason="test", now=NOW)
    listen("points.changed")
    ledger.transfer(member.pk, other.pk, "points", amount=10, key="t", reason="gift", now=NOW)
    moved = [(data["uid"], data["kind"], data["balance"]) for _kind, data in told()]
    assert moved == [("m0", "send", 20), ("other", "receive", 10)]


def test_points_for_a_batch_of_orders_are_told_entry_by_entry(member):
    earned.rule()
    listen("points.changed")
    earned.settle(*(earned.put_order(member, f"o{number}", 10) for number in range(20)))
    moved = [data for _kind, data in told()]
    assert len(moved) == 20
    assert [data["balance"] for data in moved] == sorted(data["balance"] for data in moved)
    assert ledger.balances(member.pk)["points"] == moved[-1]["balance"]


def test_a_draw_is_told_after_the_award_and_the_points_that_it_gave():
    version = build.published(
        (build.gift("ten", "points", amount=10), 999_999, None), consolation=(build.gift("no"), 1)
    )
    (member,) = build.with_chances(1, each=2)
    listen("points.changed", "draw.made", "award.granted")
    drawn = draw(member.pk, scope=SCOPE, version_id=version.pk, request_key="a", roll=0, now=NOW)
    assert kinds_told() == ["award.granted", "points.changed", "draw.made"]
    assert told("draw.made")[0][1] == {
        "uid": "m0",
        "draw": drawn.draw_id,
        "campaign": "double-eleven",
        "pool": "wheel",
        "pool_version": 1,
        "prize": "ten",
        "gift": "ten",
        "kind": "points",
        "award": drawn.award_id,
        "price": 0,
        "chances_left": 1,
    }


def test_a_repeated_draw_and_a_refused_one_are_not_told_again():
    version = build.published(consolation=(build.gift("no"), 1_000_000))
    (member,) = build.with_chances(1)
    listen()
    for key in ("a", "a"):
        draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=key, roll=0, now=NOW)
    with pytest.raises(DrawRefused, match="no_chance"):
        draw(member.pk, scope=SCOPE, version_id=version.pk, request_key="b", roll=0, now=NOW)
    assert kinds_told() == ["award.granted", "draw.made"]


def test_a_gift_that_turns_out_not_to_be_there_is_not_told(member):
    listen()
    with pytest.raises(OutOfGifts):
        grant(member, build.gift("coupon", Gift.Kind.COUPON))
    assert kinds_told() == []


def test_a_coupon_is_told_without_its_code(member):
    listen_to_awards()
    coupon = build.coupon("off", 1, valid_days=2)
    award = grant(member, coupon, scope=SCOPE)
    common = {"uid": "m0", "award": award.pk, "gift": "off", "gift_name": "Off", "kind": "coupon", "amount": None}
    more = {"campaign": "double-eleven", "source": "Welcome", "expires_at": "2026-11-23T12:00:00.000000Z"}
    assert told() == [("award.granted", common | more | {"state": "granted"})]


def test_what_is_theirs_at_once_is_granted_as_delivered(member):
    listen_to_awards()
    grant(member, build.gift("ten", "points", amount=10))
    assert of_awards() == [("award.granted", "delivered")]
    assert (told()[0][1]["amount"], told()[0][1]["campaign"], told()[0][1]["expires_at"]) == (10, None, None)


def test_checking_off_is_told_with_the_outlet_once():
    place = at_counter.outlet()
    clerk = at_counter.clerk("lin", place)
    award = at_counter.award(build.coupon("off", 1))
    listen_to_awards()
    at = NOW + timedelta(hours=1)
    checking_off.redeem(award.pk, outlet=place, by=clerk, now=at)
    checking_off.redeem(award.pk, outlet=place, by=clerk, now=at)
    assert of_awards() == [("award.redeemed", "redeemed")]
    assert told()[0][1]["outlet"] == "west"
    assert WebhookEvent.objects.get().occurred_at == at


def test_use_without_an_outlet_says_null():
    award = at_counter.award(build.coupon("off", 1))
    listen_to_awards()
    checking_off.redeem(award.pk, outlet=None, by=None, now=NOW)
    assert told()[0][1]["outlet"] is None


def test_awards_that_expire_together_are_told_one_by_one():
    coupon = build.coupon("off", 3, valid_days=1)
    for each in members(3):
        grant_award(coupon, each.pk, key=f"off:{each.pk}", source="test", now=NOW)
    listen_to_awards()
    award_expiry.expire_due(now=NOW + timedelta(days=2), limit=10)
    assert of_awards() == [("award.expired", "expired")] * 3
    assert {data["uid"] for _kind, data in told()} == {"m0", "m1", "m2"}


def test_an_award_taken_back_is_told_with_the_points_that_go_with_it(member):
    award = grant(member, build.gift("ten", "points", amount=10))
    listen("award.reversed", "points.changed")
    reverse_award(award.pk, by=None, reason="mistake", now=NOW)
    assert kinds_told() == ["award.reversed", "points.changed"]


def test_a_parcel_is_told_when_it_leaves_and_when_it_comes_back(member):
    operator = User.objects.create_user("op")
    listen_to_awards()
    parcel = parcels.addressed(member)
    shipping.export_waiting([parcels.mug()], by=operator, now=NOW)
    tracking.ingest_tracking([tracking.TrackingRow(parcel.award_id, "SF", "SF12345678")], now=NOW)
    tracking.note_return(Shipment.objects.get().pk, by=operator, now=NOW)
    # That the member gave an address is no news for the shop's systems: the shipping file is.
    assert of_awards() == [
        ("award.granted", "granted"),
        ("award.delivered", "delivered"),
        ("award.returned", "claimed"),
    ]
    assert "文三路" not in str(told())


def test_a_red_packet_is_told_as_delivered_when_it_is_paid(member):
    gift = build.gift("packet", Gift.Kind.RED_PACKET, provider="manual", face_value="8.88")
    grant(member, gift)
    listen_to_awards()
    delivering.settle(Delivery.objects.get(), Outcome(Verdict.DELIVERED), now=NOW)
    assert of_awards() == [("award.delivered", "delivered")]


def test_what_is_bought_in_the_mall_belongs_to_no_campaign(member):
    ledger.post_entry(member.pk, "points", amount=50, key="m", reason="test", now=NOW)
    MallItem.objects.create(
        slug="mug", gift=build.gift("mug", "link", link="https://shop.example/"), price=10, state="on_sale"
    )
    listen("points.changed", "award.granted")
    mall_orders.place(member.pk, "mug", request_key="a", now=NOW)
    assert sorted(kinds_told()) == ["award.granted", "points.changed"]
    assert told("award.granted")[0][1]["campaign"] is None

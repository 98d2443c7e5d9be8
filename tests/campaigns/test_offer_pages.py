"""The pages of offers as a participant's browser gets them, and the API as the shop's backend does."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.http import HttpResponse
from django.test import RequestFactory

from campaigns.models import OfferCoupon, OfferGroup, Reservation
from campaigns.offers import following, reserving
from members.participants import sign_in
from operations.api_keys import create_api_key
from operations.models import ApiKey
from tests.campaigns.offer_stories import SLUG, buy, member, offer, publish_offer
from tests.campaigns.scenes import NOW, make_coupon, make_level, publish

pytestmark = pytest.mark.django_db

HOME = "/h5/c/autumn/"
MILK = f"{HOME}o/milk/"
API = "/api/v1/campaigns/autumn/members/ann/offers/"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def visitor(client):
    """Ann's browser, in English."""
    answer = HttpResponse()
    sign_in(answer, member("ann"), RequestFactory().get("/"))
    client.cookies.update(answer.cookies)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def shop(client):
    """Calls the API as the shop's backend."""
    member("ann")
    _key, secret, _signing = create_api_key("shop", ApiKey.Scope.values)

    def call(path, body=None, key=None):
        headers = {"Authorization": f"Api-Key {secret}", "Accept-Language": "en"}
        if body is None:
            return client.get(path, headers=headers)
        headers["Idempotency-Key"] = key or str(uuid4())
        return client.post(path, body, content_type="application/json", headers=headers)

    return call


def shown(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_the_campaign_shows_its_offers(visitor):
    publish_offer("flash")

    page = shown(visitor.get(HOME))

    assert "¥39" in page
    assert "<s>" in page
    assert "2 left" in page
    assert "Grab it" in page


def test_a_grab_reserves_and_the_page_counts_down(visitor):
    publish_offer("flash", link="https://shop.example/milk")

    answer = visitor.post(MILK, follow=True)

    assert answer.redirect_chain == [(MILK, 302)]
    assert "Pay ¥39 before" in shown(answer)
    assert "https://shop.example/milk" in shown(answer)
    assert "data-countdown" in shown(answer)
    assert Reservation.objects.get().enrolment.member.uid == "ann"


def test_each_state_has_its_words(visitor):
    publish_offer("flash", stock=1, opens_at=(NOW + timedelta(hours=1)).isoformat())
    assert "Opens" in shown(visitor.get(MILK))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        reserving.reserve(member("bob"), SLUG, "milk", now=NOW + timedelta(hours=1))
        assert "Sold out" in shown(visitor.get(MILK))
        assert "All of it is taken." in shown(visitor.post(MILK, follow=True))
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        following.end_due(now=NOW + timedelta(hours=2))
        visitor.post(MILK)
    with time_machine.travel(NOW + timedelta(hours=2, minutes=15), tick=False):
        assert "Your time to pay is over." in shown(visitor.get(MILK))
    buy("ann", "A", at=NOW + timedelta(hours=2, minutes=16), paid_at=NOW + timedelta(hours=2, minutes=1))
    assert "Bought. It is yours." in shown(visitor.get(MILK))


def test_a_group_is_opened_shared_and_joined_by_its_link(visitor):
    publish_offer("group", gift="hundred-points")
    visitor.post(MILK)
    group = OfferGroup.objects.get()
    assert f"http://testserver{MILK}?g={group.code}" in shown(visitor.get(MILK))

    answer = HttpResponse()
    sign_in(answer, member("bob"), RequestFactory().get("/"))
    visitor.cookies.update(answer.cookies)
    assert "You were asked in" in shown(visitor.get(f"{MILK}?g={group.code}"))
    visitor.post(MILK, {"group": group.code})

    assert group.seats.count() == 2
    assert "There is no such group" in shown(visitor.get(f"{MILK}?g=nonesuch"))


def test_a_first_order_coupon_is_got_and_seen(visitor):
    publish_offer("first_order")

    answer = visitor.post(MILK, follow=True)

    assert "The coupon is yours." in shown(answer)
    assert f"/awards/{OfferCoupon.objects.get().award_id}/" in shown(answer)


def test_what_is_for_others_is_not_shown(visitor):
    make_level("paid")
    publish(offers=[offer(audience={"levels": ["paid"]})])

    assert "Milk" not in shown(visitor.get(HOME))
    assert "No offers for you right now" in shown(visitor.get(f"{HOME}offers/"))
    assert visitor.get(MILK).status_code == 404


@pytest.mark.parametrize("quantity", ["0", "x", "-1", "99999999999", "²", ""])
def test_a_quantity_that_is_none_is_one(visitor, quantity):
    publish_offer("flash", per_member=2)

    visitor.post(MILK, {"quantity": quantity})

    assert Reservation.objects.get().quantity == 1


def test_the_api_says_how_offers_stand(shop):
    publish_offer("flash")

    (milk,) = shop(API).json()["offers"]

    assert (milk["state"], milk["left"], milk["offer_price"], milk["reason"]) == ("open", 2, "39.00", None)


def test_one_reservation_for_one_key(shop):
    publish_offer("flash", per_member=2)

    first, again = (shop(f"{API}milk/reserve/", {"quantity": 2}, key="one") for _ in range(2))

    assert (first.status_code, first.json()) == (201, again.json())
    assert first.json()["quantity"] == 2
    assert Reservation.objects.count() == 1
    assert shop(f"{API}milk/reserve/", {"quantity": 1}, key="one").status_code == 422


@pytest.mark.parametrize(
    ("move", "body", "status", "code"),
    [
        ("reserve", {"quantity": 0}, 400, "invalid"),
        ("reserve", {"quantity": True}, 400, "invalid"),
        ("reserve", {"price": "1.00"}, 400, "invalid"),
        ("reserve", {"quantity": 2}, 409, "member_limit"),
        ("join", {}, 400, "invalid"),
        ("join", {"group": "UPPER"}, 400, "invalid"),
        ("join", {"group": "abc"}, 409, "offer_not_reserved"),
    ],
)
def test_what_the_api_refuses(shop, move, body, status, code):
    publish_offer("flash")

    answer = shop(f"{API}milk/{move}/", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_unknown_names_are_404(shop):
    publish_offer("flash")

    assert shop(f"{API}tea/reserve/", {}).json()["code"] == "no_offer"
    assert shop("/api/v1/campaigns/winter/members/ann/offers/").status_code == 404
    assert shop("/api/v1/campaigns/autumn/members/nobody/offers/").json()["code"] == "unknown_member"


def test_reserve_opens_a_group_and_gets_a_coupon(shop):
    make_coupon("CODE-1")
    publish(offers=[offer("group"), offer("first_order", key="new")])

    opened = shop(f"{API}milk/reserve/", {}).json()
    coupon = shop(f"{API}new/reserve/", {}).json()

    assert opened["group"]["taken"] == 1
    assert coupon["award"] == OfferCoupon.objects.get().award_id
    assert shop(f"{API}milk/reserve/", {"quantity": 2}).status_code == 400


def test_what_the_shop_is_to_refund(shop):
    publish_offer("group")
    reserving.open_group(member("ann"), SLUG, "milk", now=NOW)
    buy("ann", "A", at=NOW)
    refunds = "/api/v1/campaigns/autumn/offers/refunds/"
    assert shop(refunds).json()["refunds"] == []

    following.end_due(now=NOW + timedelta(hours=25))

    (due,) = shop(refunds).json()["refunds"]
    assert (due["uid"], due["order_id"], due["line"], due["quantity"]) == ("ann", "A", 1, 1)
    assert shop(f"{refunds}?cursor={due['reservation']}").json()["code"] == "bad_cursor"


def test_a_code_that_no_group_can_have_leads_to_no_group(visitor):
    publish_offer("group")
    for code in ("\x00", "x" * 5_000):
        answer = visitor.post(MILK, {"group": code})
        assert (answer.status_code, answer.url) == (302, MILK)

"""The mall as members meet it: the shelves, an item, one tap, and the orders."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone
from pyroaring import BitMap

from members.models import Level, Member
from members.participants import sign_in
from rewards import ledger, mall_orders
from rewards.mall_pages import PAGE
from rewards.models import MallItem, MallOrder
from segmentation import member_sets
from segmentation.models import Segment
from tests.rewards import build
from tests.rewards.mall_shop import item, points_of

pytestmark = pytest.mark.django_db

MALL = "/h5/mall/"
ORDERS = "/h5/mall/orders/"


@pytest.fixture
def ann():
    member = Member.objects.create(uid="ann", name="Ann")
    ledger.post_entry(member.pk, "points", amount=1_280, key="start", reason="test", now=timezone.now())
    return member


@pytest.fixture
def visitor(client, ann, settings):
    settings.SECURE_SSL_REDIRECT = False
    answer = HttpResponse()
    sign_in(answer, ann, RequestFactory().get("/"))
    client.cookies.update(answer.cookies)
    client.cookies["django_language"] = "en"
    return client


def form_of(page) -> dict[str, str]:
    names = ("request_key", "price")
    return {name: re.search(rf'name="{name}" value="([^"]+)"', page.text)[1] for name in names}


def test_a_stranger_is_told_how_to_get_in(client, settings):
    settings.SECURE_SSL_REDIRECT = False
    for address in (MALL, MALL + "mug/", ORDERS, ORDERS + "1/"):
        assert client.get(address).status_code == 403
    assert client.post(MALL + "mug/", {}).status_code == 403


def test_the_shelves_show_price_balance_and_what_is_left_where_it_is_scarce(visitor):
    item("mug", name="杯子", name_en="Mug", price=300, stock=3, shelf="厨房", shelf_en="Kitchen")
    item("tea", name="Tea", stock=11, shelf="厨房")
    item("far", name="Far", price=2_000, shelf="远方", shelf_en="Far away")
    text = visitor.get(MALL).text
    assert "1280" in text
    for words in ("Kitchen", "Far away", "Mug", "only 3 left", "720 points short"):
        assert words in text
    assert "11 left" not in text
    assert text.count("Kitchen") == 2  # where to choose it, and its heading


def test_a_shelf_can_be_chosen_and_one_that_is_not_there_is_all(visitor):
    item("mug", name="Mug", shelf="Kitchen")
    item("sock", name="Sock", shelf="Clothes")
    assert "Sock" not in visitor.get(MALL, {"shelf": "Kitchen"}).text
    assert "Sock" in visitor.get(MALL, {"shelf": "Nowhere"}).text


def test_what_is_not_on_sale_is_not_there_and_what_will_be_says_when(visitor):
    now = timezone.now()
    item("draft", name="Drafted", state="draft")
    item("off", name="Taken-off", state="off")
    item("past", name="Bygone", closes_at=now - timedelta(seconds=1))
    item("soon", name="Soon", opens_at=now + timedelta(days=3))
    text = visitor.get(MALL).text
    assert "Soon" in text
    assert f"from {timezone.localtime(now + timedelta(days=3)):%Y-%m-%d}" in text
    assert not {"Drafted", "Taken-off", "Bygone"} & set(re.findall(r"[\w-]+", text))


def test_what_is_sold_out_or_for_others_says_so_and_cannot_be_tapped(visitor, ann):
    Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=9)
    item("gone", name="Gone", stock=0)
    item("gold", name="For-gold", audience={"levels": ["gold"]})
    item("had", name="Had", per_member=1)
    mall_orders.place(ann.pk, "had", request_key="k", now=timezone.now())
    text = visitor.get(MALL).text
    for words in ("Sold out", "For level Gold", "You have had it"):
        assert words in text
    for slug in ("gone", "gold", "had"):
        assert '<form method="post" class="good-form"' not in visitor.get(f"{MALL}{slug}/").text


def test_what_is_hidden_from_others_is_nowhere(visitor):
    Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=9)
    item("secret", name="Secret", audience={"levels": ["gold"]}, hidden_from_others=True)
    assert "Secret" not in visitor.get(MALL).text
    assert visitor.get(MALL + "secret/").status_code == 404


def test_one_tap_is_an_order_and_leads_to_it(visitor, ann):
    item("mug", name="Mug", price=300, description="Of <clay>")
    page = visitor.get(MALL + "mug/")
    assert "980 remain" in page.text
    assert "Of &lt;clay&gt;" in page.text
    answer = visitor.post(MALL + "mug/", form_of(page), follow=True)
    order = MallOrder.objects.get()
    assert answer.redirect_chain == [(f"{ORDERS}{order.pk}/", 302)]
    assert "It is yours" in answer.text
    assert points_of(ann) == 980


def test_a_form_sent_twice_is_one_order_and_leads_to_it_again(visitor, ann):
    item("mug", price=300)
    form = form_of(visitor.get(MALL + "mug/"))
    visitor.post(MALL + "mug/", form)
    again = visitor.post(MALL + "mug/", form, follow=True)
    assert "it is one order" in again.text
    assert (MallOrder.objects.count(), points_of(ann)) == (1, 980)
    # The page that is gone back to is a fresh one, with a request key of its own.
    assert form_of(visitor.get(MALL + "mug/")) != form


def test_a_price_that_rose_since_the_page_was_shown_is_not_paid(visitor, ann):
    item("mug", price=300)
    form = form_of(visitor.get(MALL + "mug/"))
    MallItem.objects.update(price=400)
    assert "The price has just changed" in visitor.post(MALL + "mug/", form, follow=True).text
    assert points_of(ann) == 1_280


@pytest.mark.parametrize(
    "form", [{}, {"request_key": "x", "price": "300"}, {"request_key": str(uuid4()), "price": "-1"},
             {"request_key": str(uuid4()), "price": "9" * 40}, {"request_key": str(uuid4()), "price": "²"}]
)  # fmt: skip
def test_a_form_that_is_not_ours_orders_nothing(visitor, form):
    item("mug", price=300)
    assert "out of date" in visitor.post(MALL + "mug/", form, follow=True).text
    assert not MallOrder.objects.exists()


def test_what_went_meanwhile_is_refused_in_words(visitor):
    item("mug", stock=1)
    form = form_of(visitor.get(MALL + "mug/"))
    MallItem.objects.update(stock=0)
    assert "sold out" in visitor.post(MALL + "mug/", form, follow=True).text


def test_an_item_that_is_not_there_is_a_page_that_leads_back(visitor):
    page = visitor.get(MALL + "nothing/")
    assert (page.status_code, 'href="/h5/mall/"' in page.text) == (404, True)
    assert visitor.post(MALL + "nothing/", {"request_key": str(uuid4()), "price": "1"}).status_code == 302


def test_orders_are_one_s_own_newest_first_with_their_states(visitor, ann):
    eve = Member.objects.create(uid="eve")
    ledger.post_entry(eve.pk, "points", amount=100, key="eve", reason="test", now=timezone.now())
    item("mug", name="Mug", price=10)
    item("tea", name="Tea", price=10, gift=build.gift("tea-gift", "shared_coupon"))
    foreign = mall_orders.place(eve.pk, "mug", request_key="k", now=timezone.now())
    first = mall_orders.place(ann.pk, "mug", request_key="1", now=timezone.now())
    mall_orders.place(ann.pk, "tea", request_key="2", now=timezone.now())
    mall_orders.cancel(first.order_id, by=None, reason="r", now=timezone.now())
    text = visitor.get(ORDERS).text
    assert text.index("Tea") < text.index("Mug")
    assert "Cancelled" in text
    assert "came back to you" in visitor.get(f"{ORDERS}{first.order_id}/").text
    assert visitor.get(f"{ORDERS}{foreign.order_id}/").status_code == 404
    assert f"{ORDERS}{foreign.order_id}/" not in text


def test_orders_page_without_javascript(visitor, ann):
    item("mug", price=10)
    for number in range(21):
        mall_orders.place(ann.pk, "mug", request_key=str(number), now=timezone.now())
    first = visitor.get(ORDERS).text
    before = re.search(r"\?before=(\d+)", first)[1]
    second = visitor.get(ORDERS, {"before": before}).text
    assert (first.count("<article"), second.count("<article")) == (20, 1)
    assert visitor.get(ORDERS, {"before": "9" * 40}).status_code == 200


def test_an_empty_mall_and_no_orders_say_so(visitor):
    assert "Nothing on the shelves yet" in visitor.get(MALL).text
    assert "No orders yet" in visitor.get(ORDERS).text


def test_the_campaign_that_the_visitor_came_from_is_kept_on_every_link(visitor):
    item("mug")
    text = visitor.get(MALL + "?c=autumn&t=0958d9").text
    assert "/h5/mall/mug/?c=autumn&amp;t=0958d9" in text
    assert 'href="/h5/c/autumn/"' in text
    answer = visitor.post(MALL + "mug/?c=autumn&t=0958d9", form_of(visitor.get(MALL + "mug/")))
    assert answer["Location"].endswith("?c=autumn&t=0958d9")
    assert "evil" not in visitor.get(MALL + '?c=https://evil.example/"').text.split("<footer")[0]


def test_the_mall_is_found_from_what_is_mine(visitor):
    assert 'href="/h5/mall/"' in visitor.get("/h5/me/").text


def audiences(count: int) -> None:
    """Levels, and a segment for every item, none of which this worker has met."""
    Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=9)
    ann = Member.objects.get(uid="ann")
    for number in range(count):
        held = member_sets.store(BitMap([ann.pk]))
        Segment.objects.create(slug=f"s{number}", name=f"S{number}", rule={}, members=held)


@pytest.mark.parametrize("count", [1, 60])
def test_the_mall_takes_six_queries_however_much_there_is(visitor, count, django_assert_num_queries):
    audiences(count)
    item("gold", audience={"levels": ["gold"]})
    gift = build.coupon("coupon", codes=2, stock=9, per_member=2)
    for number in range(count):
        audience = {"segments_in": [f"s{number}"]}
        item(
            f"i{number}",
            name=f"Item {number}",
            gift=gift,
            stock=5,
            per_member=1,
            shelf=f"{number % 7}",
            audience=audience,
        )
    with django_assert_num_queries(6):  # member, items, balance, member's facts, chunks of segments, names of levels
        page = visitor.get(MALL)
    assert page.text.count("<article") == min(count + 1, PAGE)


@pytest.mark.parametrize("count", [1, 60])
def test_a_plain_mall_takes_three_queries(visitor, count, django_assert_num_queries):
    for number in range(count):
        item(f"i{number}")
    with django_assert_num_queries(3):
        visitor.get(MALL)


def test_many_items_come_by_pages(visitor):
    for number in range(PAGE + 3):
        item(f"i{number}", name=f"Item-{number}.", position=number)
    first, second = visitor.get(MALL).text, visitor.get(MALL, {"page": "2"}).text
    assert (first.count("<article"), second.count("<article")) == (PAGE, 3)
    assert f"Item-{PAGE}." in second
    assert "Next page" not in second
    for strange in ("0", "99", "x", "-1", "²", "9" * 40):
        assert visitor.get(MALL, {"page": strange}).status_code == 200


def test_an_item_takes_five_queries(visitor, django_assert_num_queries):
    audiences(1)
    item("mug", audience={"segments_in": ["s0"]}, stock=3)
    with django_assert_num_queries(5):
        visitor.get(MALL + "mug/")


def test_pages_in_chinese_say_it_in_chinese(visitor):
    visitor.cookies["django_language"] = "zh-hans"
    item("mug", name="杯子", name_en="Mug", shelf="厨房", shelf_en="Kitchen")
    text = visitor.get(MALL).text
    assert "杯子" in text
    assert "Mug" not in text

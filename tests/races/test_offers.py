"""Offers asked for, paid, refunded and given up by many at once, on PostgreSQL, each in a connection of its own."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns import playing
from campaigns.models import Enrolment, OfferCoupon, OfferGroup, OfferStock, Reservation
from campaigns.offers import following, refusals, reserving
from campaigns.offers.settling import settle
from campaigns.refusals import Refused
from members.ingest import ingest_order_items, ingest_orders
from members.models import Activity
from members.rows import OrderItemRow, OrderRow
from rewards.models import Award
from tests.campaigns.offer_stories import SLUG, books_are_right, member, offer, publish_offer, refund
from tests.campaigns.scenes import NOW, make_member, publish
from tests.races.together import Crowd, at_once

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
LATER = NOW + 60 * MINUTE


def outcomes(results) -> Counter:
    return Counter(each.refusal if isinstance(each, Refused) else type(each).__name__ for each in results)


def enrolled(uid: str = "ann"):
    """A member who is in already: the making of the enrolment would line the others up by itself."""
    playing.enrol(member(uid), SLUG, now=NOW)
    return member(uid)


def people(count: int):
    return [make_member(f"m{number}") for number in range(count)]


def ordered(uid: str, order_id: str) -> None:
    """An order is in the books, and nobody has looked at it yet."""
    ingest_orders([OrderRow(order_id, uid, NOW + MINUTE, Decimal("39.00"))], now=NOW + MINUTE)
    ingest_order_items([OrderItemRow(order_id, 1, "MILK-1", None, 1, Decimal("39.00"))], now=NOW + MINUTE)


def taken() -> int:
    return OfferStock.objects.get(enrolment=None).taken


def enrolments() -> list[int]:
    return list(Enrolment.objects.order_by("pk").values_list("pk", flat=True))


def test_forty_members_on_a_stock_of_ten_reserve_ten():
    publish_offer("flash", stock=10)
    everybody = people(40)
    with Crowd(40) as crowd:
        for turn in range(3):
            results = crowd.each(lambda who: reserving.reserve(who, SLUG, "milk", now=NOW), everybody)
            assert outcomes(results) == {"Reservation": 10, refusals.SOLD_OUT: 30}
            assert taken() == Reservation.objects.filter(state="reserved").count() == 10
            assert books_are_right()
            if turn < 2:
                # Given up, so that the next round has ten again.
                following.end_due(now=LATER)
                assert taken() == 0


def test_twenty_taps_of_one_member_are_one_reservation():
    publish_offer("flash", stock=10, per_member=5)
    ann = enrolled()

    results = at_once(20, lambda _: reserving.reserve(ann, SLUG, "milk", now=NOW))

    assert {each.pk for each in results} == {Reservation.objects.get().pk}
    assert taken() == 1
    assert books_are_right()


def test_a_member_who_may_have_two_has_two_whoever_else_pays_meanwhile():
    publish_offer("flash", stock=10, per_member=2)
    ann = member("ann")
    for number in range(2):
        reserving.reserve(ann, SLUG, "milk", now=NOW)
        ordered("ann", f"A{number}")
        following.follow_orders(list(Activity.objects.values_list("pk", flat=True)), now=NOW + MINUTE)

    results = at_once(10, lambda _: reserving.reserve(ann, SLUG, "milk", now=NOW + 2 * MINUTE))

    assert outcomes(results) == {refusals.MEMBER_LIMIT: 10}
    assert Reservation.objects.filter(state="bought").count() == 2
    assert books_are_right()


def test_the_last_seats_of_a_group():
    publish_offer("group", size=3)
    reserving.open_group(member("ann"), SLUG, "milk", now=NOW)
    code = OfferGroup.objects.get().code

    results = at_once(20, lambda number: reserving.join(make_member(f"m{number}"), SLUG, "milk", code, now=NOW))

    assert outcomes(results) == {"Reservation": 2, refusals.GROUP_FULL: 18}
    assert OfferGroup.objects.get().taken == Reservation.objects.count() == 3
    assert books_are_right()


def test_two_groups_joined_at_once_are_one_place():
    publish_offer("group", size=5, per_member=2)
    for uid in ("bob", "cid"):
        reserving.open_group(member(uid), SLUG, "milk", now=NOW)
    codes = list(OfferGroup.objects.order_by("pk").values_list("code", flat=True))
    ann = enrolled()

    results = at_once(12, lambda number: reserving.join(ann, SLUG, "milk", codes[number % 2], now=NOW))

    assert outcomes(results) == {"Reservation": 6, refusals.IN_ANOTHER_GROUP: 6}
    assert Reservation.objects.filter(enrolment__member=ann).count() == 1
    assert books_are_right()


@pytest.mark.parametrize("turn", range(3))
def test_paid_given_up_refunded_and_reserved_at_once_neither_loses_a_unit_nor_makes_one(turn):
    """Ten hold all ten; five of them have paid, all are past their time, and ten others want one."""
    publish_offer("flash", stock=10)
    everybody = people(20)
    for who in everybody[:10]:
        reserving.reserve(who, SLUG, "milk", now=NOW)
    for who in everybody[:5]:
        ordered(who.uid, f"order-{who.uid}")
    told = list(Activity.objects.values_list("pk", flat=True))

    def call(number):
        if number < 4:
            return following.end_due(now=LATER)
        if number < 8:
            return following.follow_orders(told, now=LATER)
        if number < 10:
            return refund(f"order-m{number - 8}", at=LATER)
        return reserving.reserve(everybody[number], SLUG, "milk", now=LATER)

    results = at_once(20, call)
    following.end_due(now=LATER)
    following.follow_orders(list(Activity.objects.values_list("pk", flat=True)), now=LATER)

    assert set(outcomes(results)) <= {"int", "NoneType", "Reservation", refusals.SOLD_OUT}
    states = Counter(Reservation.objects.filter(enrolment__member__in=everybody[:10]).values_list("state", flat=True))
    # Who was refunded before anybody looked has bought nothing.
    assert (states["bought"], states["refunded"] + states["lapsed"]) == (3, 7)
    assert taken() == 3 + Reservation.objects.filter(state="reserved").count() <= 10
    assert books_are_right()


def test_two_orders_for_one_reservation_settled_by_ten():
    publish_offer("flash")
    reserving.reserve(member("ann"), SLUG, "milk", now=NOW)
    for number in range(2):
        ordered("ann", f"A{number}")

    results = at_once(10, lambda _: settle(enrolments(), now=LATER))

    assert outcomes(results) == {"NoneType": 10}
    assert Reservation.objects.get().order.order_id == "A0"
    assert Activity.objects.filter(kind="offer.bought").count() == 1
    assert books_are_right()


def test_what_lapses_is_given_back_once_by_ten():
    publish_offer("flash")
    for who in people(2):
        reserving.reserve(who, SLUG, "milk", now=NOW)

    results = at_once(10, lambda _: following.end_due(now=LATER))

    assert set(outcomes(results)) == {"int"}
    assert taken() == 0
    assert Activity.objects.filter(kind="offer.lapsed").count() == 2
    assert books_are_right()


@pytest.mark.parametrize("turn", range(3))
def test_one_order_confirms_in_one_of_two_campaigns(turn):
    publish(slug="autumn", offers=[offer()])
    publish(slug="winter", offers=[offer()])
    ann = member("ann")
    for slug in ("autumn", "winter"):
        reserving.reserve(ann, slug, "milk", now=NOW)
    ordered("ann", "A")
    both = enrolments()

    results = at_once(8, lambda number: settle([both[number % 2]], now=NOW + 2 * MINUTE))

    assert outcomes(results) == {"NoneType": 8}
    assert Counter(Reservation.objects.values_list("state", flat=True)) == {"bought": 1, "reserved": 1}
    assert books_are_right()


@pytest.mark.parametrize("turn", range(3))
def test_the_last_who_pay_fill_a_group_once(turn):
    publish_offer("group", size=6)
    everybody = people(6)
    reserving.open_group(everybody[0], SLUG, "milk", now=NOW)
    group = OfferGroup.objects.get()
    for who in everybody[1:]:
        reserving.join(who, SLUG, "milk", group.code, now=NOW)
    for who in everybody:
        ordered(who.uid, f"order-{who.uid}")
    each = enrolments()

    results = at_once(12, lambda number: settle([each[number % 6]], now=NOW + 2 * MINUTE))

    assert outcomes(results) == {"NoneType": 12}
    group.refresh_from_db()
    assert (group.state, group.paid) == ("full", 6)
    assert Activity.objects.filter(kind="offer.group_full").count() == 6
    assert books_are_right()


@pytest.mark.parametrize("turn", range(3))
def test_a_group_at_its_deadline_is_filled_or_fails(turn):
    """The last order comes in while the clock gives the group up: whoever is second finds it ended."""
    publish_offer("group", grace=0)
    ann, bob = people(2)
    reserving.open_group(ann, SLUG, "milk", now=NOW)
    reserving.join(bob, SLUG, "milk", OfferGroup.objects.get().code, now=NOW)
    for who in (ann, bob):
        ordered(who.uid, f"order-{who.uid}")
    deadline = NOW + timedelta(hours=24)

    each = enrolments()
    results = at_once(6, lambda n: following.end_due(now=deadline) if n < 3 else settle(each, now=deadline))

    assert set(outcomes(results)) <= {"int", "NoneType"}
    assert OfferGroup.objects.get().state == "full"
    assert books_are_right()


def test_twenty_claims_of_a_coupon_are_one_award():
    publish_offer("first_order", stock=5)
    ann = enrolled()

    results = at_once(20, lambda _: reserving.get_coupon(ann, SLUG, "milk", now=NOW))

    assert {each.pk for each in results} == {OfferCoupon.objects.get().pk}
    assert Award.objects.count() == taken() == 1
    assert books_are_right()


@pytest.mark.parametrize("turn", range(4))
def test_a_first_order_and_its_coupon_follow_each_other(turn):
    """Either the order is in the books and the coupon is refused, or the coupon was first."""
    publish_offer("first_order")
    ann = enrolled()
    seen = []

    def call(number):
        if number:
            return reserving.get_coupon(ann, SLUG, "milk", now=NOW)
        ingest_orders([OrderRow("A", "ann", NOW - MINUTE, Decimal("39.00"))], now=NOW)
        seen.append(OfferCoupon.objects.exists())
        return None

    results = at_once(4, call)

    # Whoever was given a coupon had it when the order was in: none is given after it.
    assert seen == [isinstance(results[1], OfferCoupon)]
    assert books_are_right()

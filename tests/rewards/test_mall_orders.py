"""Having an item for points, and taking it back: all of it or nothing, and every refusal by its name."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import translation

from members import erasing
from members.models import Level
from operations.models import AuditRecord
from rewards import mall_orders, reversing
from rewards.keys import KeyReused
from rewards.mall_orders import CancelRefusal
from rewards.mall_refusals import WORDINGS, MallRefusal
from rewards.models import Award, Budget, BudgetUse, Chances, CouponCode, Entry, MallItem, MallOrder, Quota
from tests.rewards import build
from tests.rewards.build import books_are_right
from tests.rewards.mall_shop import NOW, item, place, points_of, refusal, rich

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_an_order_takes_the_points_and_gives_the_gift():
    (member,) = rich(1)
    mug = item(price=300, stock=5)
    placed = place(member)
    order = MallOrder.objects.get()
    assert (placed.order_id, placed.price, placed.points_left, placed.repeated) == (order.pk, 300, 700, False)
    assert (order.item, order.price, order.state, order.asked) == (mug, 300, "placed", "mug:")
    assert (order.award.gift, order.award.scope, order.award.state) == (mug.gift, "mall", "delivered")
    assert (order.entry.amount, order.entry.kind, order.entry.reference) == (-300, "spend", f"mall:{order.pk}")
    assert points_of(member) == 700
    assert Quota.objects.get(key="item:mug", member=None).used == 1
    assert books_are_right()


def test_the_same_request_is_the_first_order_whatever_has_happened_since():
    (member,) = rich(1, points=100)
    mug = item(stock=1)
    first = place(member)
    MallItem.objects.update(state="off", price=7)
    again = place(member)
    assert (again.order_id, again.price, again.points_left, again.repeated) == (first.order_id, 100, 0, True)
    assert MallOrder.objects.count() == 1
    item("other", gift=mug.gift)
    with pytest.raises(KeyReused):
        place(member, "other")
    assert books_are_right()


def test_two_members_may_use_the_same_request_key():
    ann, bob = rich(2)
    item()
    assert place(ann).order_id != place(bob).order_id


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"state": "draft"}, "unknown_item"),
        ({"state": "off"}, "off_sale"),
        ({"opens_at": NOW + timedelta(seconds=1)}, "not_open"),
        ({"closes_at": NOW}, "closed"),
        ({"price": 1_001}, "points_short"),
        ({"stock": 0}, "sold_out"),
    ],
)
def test_what_cannot_be_had_is_refused_by_name(fields, code):
    (member,) = rich(1)
    item(**fields)
    assert refusal(member) == code
    assert books_are_right()


def test_a_window_includes_its_start():
    (member,) = rich(1)
    item(opens_at=NOW, closes_at=NOW + timedelta(seconds=1), price=1_000)
    assert place(member).points_left == 0


def test_an_unknown_item_is_refused():
    (member,) = rich(1)
    assert refusal(member, "nothing") == "unknown_item"


def test_a_price_that_is_not_the_one_shown_is_not_paid():
    (member,) = rich(1)
    item(price=120)
    assert refusal(member, price=100) == "price_changed"
    assert place(member, price=120).price == 120


def test_the_stock_is_the_last_one_s():
    ann, bob = rich(2)
    item(stock=1)
    place(ann)
    assert refusal(bob) == "sold_out"


def test_a_coupon_without_codes_and_a_gift_without_stock_are_refused():
    ann, bob = rich(2)
    item("voucher", gift=build.coupon("coupon", codes=1))
    item("box", gift=build.gift("box-gift", "physical", stock=1))
    place(ann, "voucher")
    place(ann, "box", "other")
    assert refusal(bob, "voucher") == "no_code"
    assert refusal(bob, "box") == "gift_out_of_stock"
    assert CouponCode.objects.get().award == Award.objects.get(gift__slug="coupon")
    assert books_are_right()


def test_a_gift_s_own_limit_of_a_member_holds_in_the_mall_too():
    (member,) = rich(1)
    item(gift=build.gift("box-gift", "physical", per_member=1))
    place(member)
    assert refusal(member, key="again") == "member_limit"


@pytest.mark.parametrize(
    ("period", "later", "code"),
    [
        ("all", timedelta(days=400), "member_limit"),
        ("month", DAY, "member_limit"),
        ("month", timedelta(days=11), ""),
        ("day", timedelta(hours=3), "member_limit"),
        # The site's day ends at 16:00 UTC.
        ("day", timedelta(hours=4), ""),
    ],
)
def test_the_limit_of_a_member_counts_in_its_period(period, later, code):
    (member,) = rich(1)
    item(per_member=2, per_member_period=period)
    place(member, key="1")
    place(member, key="2")
    if code:
        assert refusal(member, key="3", now=NOW + later) == code
    else:
        place(member, key="3", now=NOW + later)
    assert books_are_right()


def test_a_limit_set_later_counts_what_was_had_before():
    (member,) = rich(1)
    item()
    place(member, key="1")
    MallItem.objects.update(stock=1, per_member=1)
    assert refusal(member, key="2") == "member_limit"
    MallItem.objects.update(per_member=None)
    assert refusal(member, key="2") == "sold_out"


def test_whom_the_audience_does_not_admit_is_refused_with_the_level_it_is_for():
    gold = Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=9)
    ann, bob = rich(2)
    type(ann).objects.filter(pk=bob.pk).update(level=gold)
    item(audience={"levels": ["gold"]})
    with translation.override("en"), pytest.raises(mall_orders.OrderRefused) as refused:
        place(ann)
    assert (refused.value.code, refused.value.words) == ("level", "For level Gold")
    assert place(bob).price == 100


def test_who_has_it_already_is_told_so_though_the_audience_admits_them_no_more():
    gold = Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=9)
    (member,) = rich(1)
    type(member).objects.update(level=gold)
    item(audience={"levels": ["gold"]})
    first = place(member)
    type(member).objects.update(level=None)
    assert place(member).order_id == first.order_id
    assert refusal(member, key="other") == "level"


def test_growth_value_lifts_and_chances_are_for_the_draws_that_the_gift_names():
    Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=50)
    (member,) = rich(1)
    item("grow", gift=build.gift("growth", "growth", amount=60))
    item("spin", gift=build.gift("spins", "chances", amount=3, draws_in=build.SCOPE))
    place(member, "grow", "1")
    place(member, "spin", "2")
    member.refresh_from_db()
    assert member.level.slug == "gold"
    assert Chances.objects.get().scope == build.SCOPE
    assert books_are_right()


def test_the_mall_s_budget_is_charged_as_promised_and_stops_nothing():
    (member,) = rich(1)
    Budget.objects.create(scope="mall", per="total", cents=100)
    item(gift=build.gift("box-gift", "physical", cost="2.50"))
    order = place(member)
    use = BudgetUse.objects.get()
    assert (use.promised, use.drawn) == (250, 0)
    mall_orders.cancel(order.order_id, by=None, reason="r", now=NOW)
    use.refresh_from_db()
    assert use.promised == 0
    assert books_are_right()


def test_points_that_have_expired_buy_nothing():
    from rewards.models import Unit

    Unit.objects.filter(slug="points").update(expiry="days", expires_after=1)
    (member,) = rich(1)
    item()
    with pytest.raises(mall_orders.OrderRefused) as refused:
        place(member, now=NOW + 9 * DAY)
    assert refused.value.code == "points_short"


def boss() -> User:
    return User.objects.create(username="boss", is_staff=True)


def test_a_cancellation_gives_the_points_and_the_place_back_once_and_is_audited():
    ann, bob = rich(2)
    item(stock=1, per_member=1)
    order_id = place(ann).order_id
    by = boss()
    order = mall_orders.cancel(order_id, by=by, reason=" damaged ", now=NOW)
    assert (order.state, order.award.state, order.cancel_reason) == ("cancelled", "reversed", "damaged")
    assert (order.cancelled_by, order.cancelled_at) == (by, NOW)
    assert points_of(ann) == 1_000
    record = AuditRecord.objects.get(action="mall_order.cancelled")
    assert (record.actor, record.reason, record.changes["points"]) == (by, "damaged", [None, 100])
    with pytest.raises(mall_orders.NotCancelled) as refused:
        mall_orders.cancel(order_id, by=by, reason="again", now=NOW)
    assert refused.value.reason is CancelRefusal.CANCELLED
    assert Entry.objects.filter(kind="reverse").count() == 1
    place(bob)
    assert books_are_right()


def test_a_code_that_nobody_has_seen_goes_back_with_the_order():
    ann, bob = rich(2)
    item(gift=build.coupon("coupon", codes=1))
    mall_orders.cancel(place(ann).order_id, by=None, reason="r", now=NOW)
    assert place(bob).award_id == CouponCode.objects.get().award_id
    assert books_are_right()


def test_points_that_came_back_expire_when_they_would_have():
    from rewards.models import Lot, Unit

    Unit.objects.filter(slug="points").update(expiry="days", expires_after=9)
    (member,) = rich(1)
    item()
    lots = list(Lot.objects.values_list("remaining", "expires_at"))
    mall_orders.cancel(place(member).order_id, by=None, reason="r", now=NOW + DAY)
    assert list(Lot.objects.values_list("remaining", "expires_at")) == lots


def test_what_was_used_is_not_taken_back_and_the_points_stay_spent():
    (member,) = rich(1)
    item(gift=build.coupon("coupon", codes=1))
    order = place(member)
    Award.objects.update(state="redeemed")
    with pytest.raises(mall_orders.NotCancelled) as refused:
        mall_orders.cancel(order.order_id, by=None, reason="r", now=NOW)
    assert refused.value.reason is CancelRefusal.USED
    assert (MallOrder.objects.get().state, points_of(member)) == ("placed", 900)


def test_growth_value_had_for_points_is_taken_back_with_the_order():
    Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=50)
    (member,) = rich(1)
    item(gift=build.gift("growth", "growth", amount=60))
    mall_orders.cancel(place(member).order_id, by=None, reason="r", now=NOW)
    assert books_are_right()


def test_the_award_of_an_order_that_stands_is_taken_back_by_the_order_alone():
    (member,) = rich(1)
    item()
    placed = place(member)
    with pytest.raises(reversing.OrderStands):
        reversing.reverse_award(placed.award_id, by=None, reason="r", now=NOW)
    assert books_are_right()


def test_an_erased_member_s_order_is_not_cancelled():
    (member,) = rich(1)
    item()
    placed = place(member)
    erasing.erase(member.pk, by=None, reason="asked", now=NOW)
    with pytest.raises(mall_orders.NotCancelled) as refused:
        mall_orders.cancel(placed.order_id, by=None, reason="r", now=NOW)
    assert refused.value.reason is CancelRefusal.MEMBER_ERASED


def test_a_cancellation_needs_a_reason():
    (member,) = rich(1)
    item()
    placed = place(member)
    with pytest.raises(ValueError, match="reason"):
        mall_orders.cancel(placed.order_id, by=None, reason=" ", now=NOW)


@pytest.mark.parametrize(
    "change", [{"price": 1}, {"request_key": "x"}, {"ordered_at": datetime(2020, 1, 1, tzinfo=UTC)}]
)
def test_what_was_ordered_cannot_be_changed(change):
    (member,) = rich(1)
    item()
    place(member)
    with pytest.raises(IntegrityError), transaction.atomic():
        MallOrder.objects.update(**change)


def test_a_cancelled_order_stays_cancelled_and_none_is_deleted():
    (member,) = rich(1)
    item()
    mall_orders.cancel(place(member).order_id, by=None, reason="r", now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        MallOrder.objects.update(state="placed", cancelled_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        MallOrder.objects.all()._raw_delete("default")


def test_every_refusal_has_its_words():
    assert set(WORDINGS) == set(MallRefusal)
    assert set(mall_orders.WORDINGS) == set(CancelRefusal)

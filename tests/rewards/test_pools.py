"""What a pool needs to be published, and that a published one never changes."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from operations.models import AuditRecord
from rewards import pools
from rewards.models import PoolVersionPrize, PrizeStock
from tests.rewards.build import NOW, coupon, gift, pool, published

pytestmark = pytest.mark.django_db


def codes(draft):
    return {fault.code for fault in pools.faults(draft, now=NOW)}


def messages(draft):
    return [fault.message for fault in pools.faults(draft, now=NOW)]


def publish(draft):
    return pools.publish_pool(draft, by=None, now=NOW)


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def test_a_whole_pool_has_no_faults():
    assert pools.faults(pool((gift("gold"), 10_000, 5), consolation=(gift("thanks"), 990_000)), now=NOW) == []


def test_an_empty_pool_says_only_that():
    assert codes(pool()) == {"no_prizes"}


def test_missing_odds_are_named_in_percent_exactly():
    draft = pool((gift("gold"), 1, None), consolation=(gift("thanks"), 999_998))
    assert messages(draft) == ["The odds do not total 100 %: 0.0001 % is missing."]


def test_odds_over_are_named_in_percent_exactly():
    draft = pool((gift("gold"), 125_000, None), consolation=(gift("thanks"), 1_000_000))
    assert messages(draft) == ["The odds do not total 100 %: they are 12.5 % over."]


def test_all_faults_are_told_at_once():
    draft = pool((coupon("voucher", codes=2), 10_000, 3), (gift("never"), 0, None))
    assert codes(draft) == {"odds_short", "zero_odds", "no_consolation", "codes_short"}
    with pytest.raises(pools.PoolNotReady) as refused:
        publish(draft)
    assert {fault.code for fault in refused.value.faults} == codes(draft)
    assert draft.versions.count() == 0


def test_a_consolation_prize_may_have_no_odds_of_its_own():
    assert pools.faults(pool((gift("gold"), 1_000_000, 5), consolation=(gift("thanks"), 0)), now=NOW) == []


def test_a_consolation_prize_must_not_run_out():
    assert codes(pool(consolation=(coupon("voucher", codes=9), 1_000_000))) == {"consolation_can_run_out"}


@pytest.mark.parametrize(("free", "enough"), [(2, False), (3, True)])
def test_a_coupon_needs_a_free_code_for_each_in_stock(free, enough):
    draft = pool((coupon("voucher", codes=free), 10, 3), consolation=(gift("thanks"), 999_990))
    assert ("codes_short" not in codes(draft)) is enough


def test_two_prizes_share_the_codes_of_one_gift():
    voucher = coupon("voucher", codes=5)
    draft = pool((voucher, 10, 3), consolation=(gift("thanks"), 999_980))
    draft.prizes.create(key="second", gift=voucher, odds=10, stock=3)
    assert messages(draft) == ["Coupon “Voucher” needs 6 free codes and has 5."]


def test_a_coupon_without_limit_needs_a_code_at_least():
    draft = pool((coupon("voucher", codes=0), 10, None), consolation=(gift("thanks"), 999_990))
    assert codes(draft) == {"codes_short"}


def test_codes_already_given_are_not_needed_again():
    voucher = coupon("voucher", codes=1)
    draft = pool((voucher, 10, 3), consolation=(gift("thanks"), 999_990))
    PrizeStock.objects.create(pool=draft, key="voucher", stock=3, issued=2)
    assert pools.faults(draft, now=NOW) == []


def test_publishing_writes_ranges_that_own_each_roll_once():
    version = published((gift("gold"), 10, 5), (gift("silver"), 90, None), consolation=(gift("thanks"), 999_900))
    assert list(version.prizes.values_list("key", "floor", "ceiling", "stock")) == [
        ("gold", 0, 10, 5),
        ("silver", 10, 100, None),
        ("thanks", 100, 1_000_000, None),
    ]
    assert version.pool.current == version


def test_publishing_is_recorded_with_who_did_it():
    user = User.objects.create(username="lin")
    draft = pool(consolation=(gift("thanks"), 1_000_000))
    version = pools.publish_pool(draft, by=user, now=NOW)
    record = AuditRecord.objects.get(action="prize_pool.published")
    assert (version.published_by, record.actor_name, record.changes) == (user, "lin", {"version": [None, 1]})


def test_publishing_the_same_again_returns_the_current_version():
    version = published((gift("gold"), 10, 5), consolation=(gift("thanks"), 999_990))
    assert publish(version.pool) == version
    assert version.pool.versions.count() == 1


def test_a_change_is_a_new_version_and_the_old_one_stays():
    first = published((gift("gold"), 10, 5), consolation=(gift("thanks"), 999_990))
    first.pool.prizes.filter(key="gold").update(odds=20)
    first.pool.prizes.filter(key="thanks").update(odds=999_980)
    second = publish(first.pool)
    assert (first.number, second.number) == (1, 2)
    assert first.prizes.get(key="gold").ceiling == 10
    assert second.prizes.get(key="gold").ceiling == 20


def test_stock_can_be_raised_and_what_was_given_is_kept():
    version = published((gift("gold"), 10, 5), consolation=(gift("thanks"), 999_990))
    PrizeStock.objects.update(issued=4)
    version.pool.prizes.filter(key="gold").update(stock=8)
    publish(version.pool)
    assert PrizeStock.objects.values_list("stock", "issued").get() == (8, 4)


def test_stock_below_what_was_given_is_a_fault_by_name():
    version = published((gift("gold"), 10, 5), consolation=(gift("thanks"), 999_990))
    PrizeStock.objects.update(issued=4)
    version.pool.prizes.filter(key="gold").update(stock=3)
    assert messages(version.pool) == ["Prize “gold” has a stock of 3, but 4 were given already."]
    with pytest.raises(pools.PoolNotReady):
        publish(version.pool)
    version.pool.prizes.filter(key="gold").update(stock=4)
    assert publish(version.pool).number == 2


@pytest.mark.parametrize("table", ["poolversion", "poolversionprize"])
@pytest.mark.parametrize("change", ["UPDATE rewards_{} SET id = id", "DELETE FROM rewards_{}"])
def test_the_database_refuses_to_change_what_was_published(table, change):
    published(consolation=(gift("thanks"), 1_000_000))
    with pytest.raises(IntegrityError, match="never change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))


@pytest.mark.parametrize(
    ("floor", "ceiling", "consolation"), [(0, 10, False), (999_999, 1_000_000, False), (0, 0, True)]
)
def test_the_database_refuses_a_prize_added_to_a_published_version(floor, ceiling, consolation):
    version = published(consolation=(gift("thanks"), 1_000_000))
    late = PoolVersionPrize(version=version, key="late", gift=gift("late"), floor=floor, ceiling=ceiling, position=9)
    late.consolation = consolation
    late.save()
    with (
        pytest.raises(IntegrityError, match="own each roll once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    # The test's own transaction ends with a check of all constraints: undo what they refuse.
    transaction.set_rollback(True)


@pytest.mark.parametrize(("kind", "amount"), [("points", None), ("points", 0), ("growth", None), ("thanks", 5)])
def test_the_database_refuses_points_without_an_amount_and_an_amount_without_points(kind, amount):
    with pytest.raises(IntegrityError, match="gift_amount"), transaction.atomic():
        gift("wrong", kind, amount=amount)

"""The draw: what one statement takes, gives and records."""

import pytest
from django.db import IntegrityError, connection, transaction

from rewards import ledger
from rewards.chances import chances_left
from rewards.drawing import DrawRefused, draw, gives_growth
from rewards.models import Award, CouponCode, Draw, PrizeStock
from tests.rewards.build import NOW, SCOPE, books_are_right, coupon, gift, published, with_chances

pytestmark = pytest.mark.django_db


def tap(member, version, roll=0, key="tap"):
    return draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=key, roll=roll, now=NOW)


@pytest.fixture
def member():
    return with_chances(1, each=3)[0]


def test_a_draw_uses_a_chance_takes_stock_and_records_the_award(member):
    version = published((gift("gold"), 10, 5), consolation=(gift("thanks"), 999_990))
    drawn = tap(member, version, roll=9)
    assert (drawn.prize, drawn.gift, drawn.kind, drawn.chances_left, drawn.repeated) == (
        "gold",
        "Gold",
        "thanks",
        2,
        False,
    )
    record = Draw.objects.select_related("award").get(pk=drawn.draw_id)
    assert (record.roll, record.rolled, record.prize, record.fallback) == (9, "gold", "gold", "")
    assert (record.award.pk, record.award.member, record.award.source) == (drawn.award_id, member, SCOPE)
    assert PrizeStock.objects.get().issued == 1
    assert books_are_right()


@pytest.mark.parametrize(("roll", "prize"), [(0, "gold"), (9, "gold"), (10, "thanks"), (999_999, "thanks")])
def test_the_database_finds_the_owner_of_a_roll_as_prize_for_roll_does(member, roll, prize):
    version = published((gift("gold"), 10, None), (gift("never"), 1, None), consolation=(gift("thanks"), 999_989))
    if roll == 10:
        prize = "never"
    assert tap(member, version, roll=roll).prize == prize


def test_without_a_chance_there_is_no_draw():
    (member,) = with_chances(1)
    version = published(consolation=(gift("thanks"), 1_000_000))
    tap(member, version, key="first")
    with pytest.raises(DrawRefused):
        tap(member, version, key="second")
    assert Draw.objects.count() == 1


def test_a_chance_of_another_scope_does_not_count(member):
    version = published(consolation=(gift("thanks"), 1_000_000))
    with pytest.raises(DrawRefused):
        draw(member.pk, scope="campaign:other", version_id=version.pk, request_key="tap", roll=0, now=NOW)


@pytest.mark.parametrize("chances", [1, 3])
def test_a_repeated_request_returns_the_first_draw_and_costs_nothing(chances):
    (member,) = with_chances(1, each=chances)
    version = published((gift("gold"), 10, 5), consolation=(gift("thanks"), 999_990))
    first, again = tap(member, version, roll=0), tap(member, version, roll=999_999)
    assert (again.draw_id, again.prize, again.award_id, again.repeated) == (first.draw_id, "gold", first.award_id, True)
    assert again.chances_left == chances_left(member.pk, SCOPE) == chances - 1
    assert (Award.objects.count(), PrizeStock.objects.get().issued) == (1, 1)


def test_two_members_may_use_the_same_request_key():
    one, other = with_chances(2)
    version = published(consolation=(gift("thanks"), 1_000_000))
    assert tap(one, version).draw_id != tap(other, version).draw_id


def test_an_empty_stock_gives_the_consolation_prize_and_says_why(member):
    version = published((gift("gold"), 10, 1), consolation=(gift("thanks"), 999_990))
    assert [tap(member, version, key=str(n)).prize for n in range(2)] == ["gold", "thanks"]
    record = Draw.objects.order_by("id").last()
    assert (record.rolled, record.prize, record.fallback, record.roll) == ("gold", "thanks", "out_of_stock", 0)
    assert books_are_right()


def test_a_coupon_gives_a_code_of_its_own(member):
    version = published((coupon("voucher", codes=2), 10, 2), consolation=(gift("thanks"), 999_990))
    awards = [tap(member, version, key=str(n)).award_id for n in range(2)]
    assert dict(CouponCode.objects.values_list("award_id", "code")) == dict(
        zip(awards, ["voucher-0", "voucher-1"], strict=True)
    )


def test_a_coupon_without_codes_gives_the_consolation_prize_and_its_stock_back(member):
    version = published((coupon("voucher", codes=1), 10, 1), consolation=(gift("thanks"), 999_990))
    CouponCode.objects.all().delete()
    assert tap(member, version).prize == "thanks"
    assert Draw.objects.get().fallback == "no_code"
    assert PrizeStock.objects.get().issued == 0
    assert Award.objects.get().gift.slug == "thanks"
    assert books_are_right()


@pytest.mark.parametrize("unit", ["points", "growth"])
def test_points_and_growth_value_are_credited_at_once(member, unit):
    version = published((gift("plus", unit, amount=50), 10, 5), consolation=(gift("thanks"), 999_990))
    drawn = tap(member, version)
    assert ledger.balances(member.pk)[unit] == 50
    assert tap(member, version).draw_id == drawn.draw_id
    assert ledger.balances(member.pk)[unit] == 50
    assert books_are_right()


def test_a_consolation_of_points_is_credited_too(member):
    version = published((gift("gold"), 10, 0), consolation=(gift("plus", "points", amount=1), 999_990))
    assert tap(member, version).kind == "points"
    assert ledger.balances(member.pk)["points"] == 1


def test_an_older_version_draws_on_the_same_stock(member):
    first = published((gift("gold"), 10, 1), consolation=(gift("thanks"), 999_990))
    first.pool.prizes.filter(key="gold").update(odds=11)
    first.pool.prizes.filter(key="thanks").update(odds=999_989)
    from rewards.pools import publish_pool

    second = publish_pool(first.pool, by=None, now=NOW)
    assert [tap(member, v, key=str(v.number)).prize for v in (first, second)] == ["gold", "thanks"]
    assert books_are_right()


@pytest.mark.parametrize("roll", [-1, 1_000_000])
def test_a_roll_outside_the_scale_is_refused_and_costs_no_chance(member, roll):
    version = published(consolation=(gift("thanks"), 1_000_000))
    with pytest.raises(ValueError, match="outside"):
        tap(member, version, roll=roll)
    assert chances_left(member.pk, SCOPE) == 3


def test_a_draw_is_one_statement_once_the_process_knows_the_pool(member, django_assert_num_queries):
    version = published((gift("gold"), 10, 5), consolation=(gift("thanks"), 999_990))
    assert not gives_growth(version.pk)
    # One more asks who follows draws.
    with django_assert_num_queries(1):
        tap(member, version)


def test_a_draw_undone_with_the_caller_s_transaction_leaves_nothing(member):
    version = published((gift("gold"), 10, 5), consolation=(gift("thanks"), 999_990))
    with transaction.atomic():
        tap(member, version)
        transaction.set_rollback(True)
    assert chances_left(member.pk, SCOPE) == 3
    assert PrizeStock.objects.get().issued == Award.objects.count() == 0


@pytest.mark.parametrize("statement", ["UPDATE rewards_draw SET roll = 1", "DELETE FROM rewards_draw"])
def test_the_database_refuses_to_change_a_draw(member, statement):
    tap(member, published(consolation=(gift("thanks"), 1_000_000)))
    with pytest.raises(IntegrityError, match="never change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

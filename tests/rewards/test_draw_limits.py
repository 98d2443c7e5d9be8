"""What keeps a prize from being won, what it leaves of the odds, and what a reversal gives back."""

from datetime import timedelta

import pytest

from members import erasing
from members.models import Member
from rewards import ledger
from rewards.drawing import DrawRefused, RequestReused, draw
from rewards.models import (
    Budget,
    BudgetUse,
    Chances,
    Draw,
    DrawGate,
    Entry,
    Gift,
    PoolListing,
    PrizeStock,
    Quota,
)
from rewards.pools import publish_pool
from rewards.reversing import NotReversible, reverse_award
from tests.rewards.build import NOW, SCOPE, books_are_right, gift, pool, with_chances

pytestmark = pytest.mark.django_db

GOLD, THANKS = 0, 999_999


@pytest.fixture
def member():
    return with_chances(1, each=20)[0]


@pytest.fixture
def version():
    """Publish gold (999,998 in a million), silver (one) and thanks; keywords set rules of the pool, gold limits."""

    def make(gold=None, prize=None, **rules):
        draft = pool(
            (gold or gift("gold", cost=5), 999_998, None),
            (gift("silver", cost=1), 1, None),
            consolation=(gift("thanks"), 1),
        )
        draft.prizes.filter(key="gold").update(**(prize or {}))
        for rule, value in rules.items():
            setattr(draft, rule, value)
        draft.save()
        return publish_pool(draft, by=None, now=NOW)

    return make


def tap(member, version, roll=GOLD, *, now=NOW, key=None, **more):
    key = key or f"tap-{Draw.objects.count()}"
    return draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=key, roll=roll, now=now, **more)


def last():
    return Draw.objects.latest("id")


@pytest.mark.parametrize("limit", [{"per_day": 1}, {"per_hour": 1}, {"per_member": 1}, {"stock": 1}])
def test_a_prize_that_is_used_up_falls_to_the_consolation_with_its_reason(member, version, limit):
    reasons = {"per_day": "day", "per_hour": "hour", "per_member": "member_limit", "stock": "out_of_stock"}
    (reason,) = [reasons[name] for name in limit]
    published = version(prize=limit)
    assert [tap(member, published).prize for _ in range(2)] == ["gold", "thanks"]
    assert (last().fallback, last().closed) == (reason, {"gold": reason})
    assert books_are_right()


def test_what_an_hour_releases_can_be_won_in_the_next_and_a_day_s_on_the_next_day(member, version):
    published = version(prize={"per_hour": 1, "per_day": 2})
    at = [NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2), NOW + timedelta(days=1)]
    assert [tap(member, published, now=now).prize for now in at] == ["gold", "gold", "thanks", "gold"]
    assert list(Draw.objects.order_by("id").values_list("fallback", flat=True)) == ["", "", "day", ""]
    assert books_are_right()


def test_a_day_is_the_site_s(member, version):
    published = version(prize={"per_day": 1})
    before, after = NOW.replace(hour=15, minute=59), NOW.replace(hour=16)
    assert [tap(member, published, now=now).prize for now in (before, after)] == ["gold", "gold"]
    keys = sorted(Quota.objects.values_list("key", flat=True))
    assert keys == ["release:wheel:gold:2026-11-21", "release:wheel:gold:2026-11-22"]


def test_a_gift_has_limits_of_its_own_wherever_it_is_given(member, version):
    published = version(gold=gift("gold", stock=1))
    assert [tap(member, published).prize for _ in range(2)] == ["gold", "thanks"]
    assert last().fallback == "gift_out_of_stock"
    assert books_are_right()


def test_who_has_won_as_often_as_one_may_gets_the_consolation(member, version):
    published = version(wins_per_member=2)
    drawn = [tap(member, published, roll).prize for roll in (GOLD, 999_998, GOLD)]
    assert drawn == ["gold", "silver", "thanks"]
    assert last().closed == {"gold": "wins_limit", "silver": "wins_limit"}
    assert books_are_right()


def test_a_budget_without_room_for_the_prize_gives_the_consolation_and_dearer_prizes_close_first(member, version):
    published = version()
    Budget.objects.create(scope="pool:wheel", cents=1000)
    Budget.objects.create(scope=SCOPE, per="member_day", cents=601)
    assert [tap(member, published).prize for _ in range(2)] == ["gold", "thanks"]
    assert (last().fallback, last().closed) == ("budget", {"gold": "budget"})
    assert tap(member, published, 999_998).prize == "silver"
    assert sorted(BudgetUse.objects.values_list("drawn", "promised")) == [(600, 0), (600, 0)]
    assert tap(member, published, 999_998).prize == "thanks"
    assert tap(member, published, 999_998, now=NOW + timedelta(days=1)).prize == "silver"
    assert books_are_right()


def test_the_cost_of_a_consolation_is_charged_even_where_nothing_is_left(member):
    draft = pool((gift("gold", cost=5), 500_000, None), consolation=(gift("tea", cost="0.50"), 500_000))
    published = publish_pool(draft, by=None, now=NOW)
    Budget.objects.create(scope=SCOPE, cents=80)
    assert [tap(member, published).prize for _ in range(3)] == ["tea"] * 3
    assert BudgetUse.objects.values_list("drawn", "promised").get() == (0, 150)
    assert books_are_right()


def test_nobody_on_a_black_list_wins_and_where_there_is_a_white_list_only_who_is_on_it(version):
    ann, bob, eve = with_chances(3, each=3)
    published = version()
    for prize, kind, who in [("", "black", eve), ("gold", "white", ann)]:
        PoolListing.objects.create(
            pool=published.pool, prize=prize, kind=kind, member=who, reason="invited", listed_at=NOW
        )
    assert [tap(who, published).prize for who in (ann, bob, eve)] == ["gold", "thanks", "thanks"]
    assert list(Draw.objects.order_by("id").values_list("closed", flat=True)) == [
        {},
        {"gold": "not_listed"},
        {"gold": "black_list", "silver": "black_list"},
    ]
    assert tap(bob, published, 999_998).prize == "silver"


def test_the_guaranteed_prize_comes_at_the_nth_draw_without_a_win_and_a_win_begins_anew(member, version):
    published = version(guarantee_after=3, guarantee_prize="silver")
    rolls = [THANKS, THANKS, THANKS, THANKS, GOLD, THANKS, THANKS, THANKS]
    drawn = [tap(member, published, roll).prize for roll in rolls]
    assert drawn == ["thanks", "thanks", "silver", "thanks", "gold", "thanks", "thanks", "silver"]
    recorded = Draw.objects.order_by("id").values_list("misses", "fallback")
    assert list(recorded)[2:5] == [(2, "guaranteed"), (0, ""), (1, "")]
    assert books_are_right()


def test_a_guaranteed_prize_that_cannot_be_won_is_still_owed(member, version):
    published = version(guarantee_after=2, guarantee_prize="gold", prize={"per_day": 1})
    assert tap(member, published, GOLD).prize == "gold"
    assert [tap(member, published, roll).prize for roll in (THANKS, THANKS, GOLD)] == ["thanks"] * 3
    assert (last().misses, last().fallback) == (2, "day")
    assert tap(member, published, THANKS, now=NOW + timedelta(days=1)).prize == "gold"
    assert books_are_right()


def test_a_prize_that_is_out_of_stock_gives_the_guaranteed_one_where_that_is_due(member, version):
    published = version(guarantee_after=2, guarantee_prize="silver", prize={"per_member": 1})
    assert [tap(member, published).prize for _ in range(3)] == ["gold", "thanks", "silver"]
    assert (last().rolled, last().fallback) == ("gold", "member_limit")
    assert books_are_right()


def test_a_draw_is_bought_with_points_in_the_same_transaction(version):
    member = Member.objects.create(uid="ann")
    published = version(price=30, bought_per_day=2)
    ledger.post_entry(member.pk, "points", amount=100, key="start", reason="start", now=NOW)
    with pytest.raises(DrawRefused, match="no_chance"):
        tap(member, published)
    assert tap(member, published, pay=True, key="a").chances_left == 0
    assert tap(member, published, pay=True, key="a").repeated
    assert tap(member, published, pay=True, key="b").prize == "gold"
    with pytest.raises(DrawRefused, match="bought_per_day"):
        tap(member, published, pay=True, key="c")
    assert ledger.holdings(member.pk)["points"].balance == 40
    tomorrow = NOW + timedelta(days=1)
    tap(member, published, pay=True, key="d", now=tomorrow)
    with pytest.raises(DrawRefused, match="points_short"):
        tap(member, published, pay=True, key="e", now=tomorrow)
    assert Entry.objects.filter(key__startswith="draw-price:").count() == Draw.objects.count() == 3
    assert books_are_right()


def test_a_pool_without_a_price_sells_no_draws(member, version):
    with pytest.raises(DrawRefused, match="not_for_points"):
        tap(member, version(), pay=True)
    assert Chances.objects.get().used == 0


def test_a_member_draws_no_more_than_so_often_a_day_and_keeps_the_chance(member, version):
    published = version(draws_per_day=2)
    assert [tap(member, published, key=str(number)).repeated for number in (1, 2)] == [False, False]
    with pytest.raises(DrawRefused, match="draws_per_day"):
        tap(member, published, key="3")
    assert tap(member, published, key="2").repeated
    assert (Chances.objects.get().used, Quota.objects.get().used) == (2, 2)
    assert tap(member, published, key="3", now=NOW + timedelta(days=1)).prize == "gold"


def test_a_key_that_asked_for_something_else_is_refused_and_draws_nothing(member, version):
    published = version()
    tap(member, published, key="a", asked="wheel;")
    with pytest.raises(RequestReused):
        tap(member, published, key="a", asked=";points")
    assert Draw.objects.count() == 1


def test_chances_that_name_a_pool_are_kept_apart(version):
    member = Member.objects.create(uid="ann")
    from rewards.chances import chances_left, grant_chances

    grant_chances(member.pk, SCOPE, count=1, key="task", bucket="task:wheel", now=NOW)
    published = version()
    with pytest.raises(DrawRefused, match="no_chance"):
        tap(member, published)
    assert tap(member, published, bucket="task:wheel").chances_left == chances_left(member.pk, SCOPE) == 0
    assert last().bucket == "task:wheel"


def test_a_prize_of_chances_is_drawn_at_once(member, version):
    drawn = tap(member, version(gold=gift("gold", "chances", amount=3)))
    assert (drawn.kind, drawn.chances_left) == ("chances", 22)
    assert books_are_right()


def test_no_draw_begins_behind_a_gate_that_is_shut_but_a_repeat_is_answered(member, version):
    published = version()
    first = tap(member, published, key="a")
    DrawGate.objects.create(scope=SCOPE, is_open=False)
    with pytest.raises(DrawRefused, match="paused"):
        tap(member, published, key="b")
    assert tap(member, published, key="a").draw_id == first.draw_id


def test_a_stock_in_slices_is_given_to_the_last_unit(member, version):
    published = version(prize={"stock": 7})
    PrizeStock.objects.all().delete()
    for number, stock in enumerate((3, 2, 2)):
        PrizeStock.objects.create(pool=published.pool, key="gold", slice=number, stock=stock)
    drawn = [tap(member, published).prize for _ in range(9)]
    assert drawn == ["gold"] * 7 + ["thanks"] * 2
    assert books_are_right()


def test_a_reversed_award_gives_back_stock_release_limits_and_budget_once(member, version):
    published = version(
        gold=gift("gold", cost=5, stock=5, per_member=5), prize={"stock": 3, "per_day": 2, "per_member": 2}
    )
    Budget.objects.create(scope=SCOPE, cents=1000)
    award_id = tap(member, published).award_id
    assert reverse_award(award_id, by=None, reason="returned", now=NOW).state == "reversed"
    assert PrizeStock.objects.get().issued == 0
    assert set(Quota.objects.values_list("used", flat=True)) == {0}
    assert BudgetUse.objects.get().drawn == 0
    with pytest.raises(NotReversible, match="reversed"):
        reverse_award(award_id, by=None, reason="again", now=NOW)
    assert PrizeStock.objects.get().issued == 0
    assert books_are_right()


def test_a_reversed_award_of_points_takes_them_back(member, version):
    award_id = tap(member, version(gold=gift("gold", "points", amount=50))).award_id
    assert ledger.holdings(member.pk)["points"].balance == 50
    reverse_award(award_id, by=None, reason="a mistake", now=NOW)
    assert ledger.holdings(member.pk)["points"].balance == 0
    assert books_are_right()


def test_a_reversed_award_of_growth_takes_the_level_back(member, version):
    award_id = tap(member, version(gold=gift("gold", "growth", amount=50))).award_id
    reverse_award(award_id, by=None, reason="a mistake", now=NOW)
    assert ledger.holdings(member.pk)["growth"].earned == 0
    assert books_are_right()


def test_a_reversed_award_of_chances_takes_the_unused_ones_back(member, version):
    award_id = tap(member, version(gold=gift("gold", "chances", amount=3))).award_id
    reverse_award(award_id, by=None, reason="a mistake", now=NOW)
    assert Chances.objects.values_list("granted", "used").get() == (20, 1)
    assert books_are_right()


def test_the_consolation_is_given_though_its_gift_got_a_stock_and_a_limit_since(member, version):
    published = version()
    Gift.objects.filter(slug="thanks").update(kind="shared_coupon", shared_code="TEA", stock=1, per_member=1)
    assert [tap(member, published, THANKS).prize for _ in range(3)] == ["thanks"] * 3
    assert books_are_right()


def test_nobody_draws_who_was_erased(member, version):
    published = version()
    Member.objects.filter(pk=member.pk).update(erased_at=NOW)
    with pytest.raises(DrawRefused, match="member_erased"):
        tap(member, published)
    assert Chances.objects.get().used == 0


def test_the_white_list_of_a_prize_stays_when_who_is_on_it_is_erased(member, version):
    """Else the prize of those who were invited would be open to everybody."""
    published = version()
    guest = Member.objects.create(uid="guest")
    for kind in ("white", "black"):
        listed = {"prize": "gold", "kind": kind, "member": guest, "reason": "the wife of Li", "listed_at": NOW}
        PoolListing.objects.create(pool=published.pool, **listed)
    erasing.erase(guest.pk, by=None, reason="asked", now=NOW)
    assert PoolListing.objects.values_list("kind", "reason").get() == ("white", "erased")
    assert tap(member, published).prize == "thanks"
    assert last().closed == {"gold": "not_listed"}

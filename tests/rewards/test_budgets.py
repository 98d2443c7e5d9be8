"""Money for prizes: what draws may take, what is promised all the same, and what comes back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from rewards import budgets
from rewards.awards import grant_award
from rewards.chances import grant_chances
from rewards.models import Award, BudgetUse, Draw
from rewards.reversing import NotReversible, reverse_award
from rewards.scopes import named
from tests.rewards.build import NOW, SCOPE, books_are_right, gift, with_chances
from tests.rewards.priced import LAST, POOL, budget, drawn, priced, spent

pytestmark = pytest.mark.django_db

PRIZE = ("gold", 500_000, 300)


@pytest.fixture(autouse=True)
def _books_hold():
    yield
    assert books_are_right()


@pytest.fixture
def people():
    return with_chances(3, each=20)


def reasons() -> list[str]:
    return list(Draw.objects.order_by("id").values_list("fallback", flat=True))


@pytest.mark.parametrize(("cents", "won"), [(299, 0), (300, 1), (599, 1), (600, 2), (10_000, 4)])
def test_draws_win_while_the_whole_cost_has_room_and_give_the_consolation_prize_after(people, cents, won):
    version, held = priced(PRIZE), budget(cents)
    prizes = [drawn(people[0], version).prize for _each in range(4)]
    assert prizes == ["gold"] * won + ["thanks"] * (4 - won)
    assert reasons() == [""] * won + ["budget"] * (4 - won)
    assert sum(taken for taken, _promised in spent(held)) == 300 * won


def test_a_draw_that_found_no_room_says_so_in_its_record(people):
    budget(100)
    drawn(people[0], priced(PRIZE))
    draw = Draw.objects.get()
    assert (draw.rolled, draw.prize, draw.fallback, draw.closed) == ("gold", "thanks", "budget", {"gold": "budget"})


def test_a_prize_that_costs_nothing_is_won_without_any_budget_left(people):
    version = priced(("free", 500_000, 0))
    budget(1)
    assert drawn(people[0], version).prize == "free"
    assert not BudgetUse.objects.exists()


def test_a_cheaper_prize_is_won_where_a_dearer_one_has_no_room(people):
    version = priced(("gold", 1, 900), ("silver", 1, 200))
    budget(500)
    assert [drawn(people[0], version, roll=roll).prize for roll in (0, 1, 0, 1, 1)] == [
        "thanks", "silver", "thanks", "silver", "thanks",
    ]  # fmt: skip


BEFORE_MIDNIGHT = datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC)
MIDNIGHT_IN_SHANGHAI = datetime(2026, 11, 21, 16, tzinfo=UTC)


def test_a_days_budget_begins_anew_at_midnight_of_the_sites_zone(people):
    version, held = priced(PRIZE), budget(300, "day")
    moments = [BEFORE_MIDNIGHT, BEFORE_MIDNIGHT, MIDNIGHT_IN_SHANGHAI, MIDNIGHT_IN_SHANGHAI]
    prizes = [drawn(people[0], version, now=now).prize for now in moments]
    assert prizes == ["gold", "thanks", "gold", "thanks"]
    assert [(use.day.isoformat(), use.drawn) for use in held.uses.order_by("day")] == [
        ("2026-11-21", 300), ("2026-11-22", 300),
    ]  # fmt: skip


def test_another_zone_has_its_midnight_at_another_time(people, settings):
    settings.TIME_ZONE = "America/New_York"
    version = priced(PRIZE)
    budget(300, "day")
    assert [drawn(people[0], version, now=now).prize for now in (BEFORE_MIDNIGHT, MIDNIGHT_IN_SHANGHAI)] == [
        "gold", "thanks",
    ]  # fmt: skip


def test_a_members_budget_is_each_members_own(people):
    ann, bob, _cid = people
    version, held = priced(PRIZE), budget(300, "member")
    assert [drawn(who, version).prize for who in (ann, ann, bob)] == ["gold", "thanks", "gold"]
    assert {use.member_id: use.drawn for use in held.uses.all()} == {ann.pk: 300, bob.pk: 300}


def test_a_members_budget_a_day_begins_anew_the_next_day(people):
    version = priced(PRIZE)
    budget(300, "member_day")
    assert [drawn(people[0], version, now=now).prize for now in (NOW, NOW, NOW + timedelta(days=1))] == [
        "gold", "thanks", "gold",
    ]  # fmt: skip


@pytest.mark.parametrize("poor", ["total", "day", "member", "member_day"])
@pytest.mark.parametrize("scope", [SCOPE, POOL])
def test_the_budgets_of_campaign_and_pool_are_charged_together_or_not_at_all(people, poor, scope):
    version = priced(PRIZE)
    places = {(per, where) for where in (SCOPE, POOL) for per in ("total", "day")} - {(poor, scope)}
    rich = [budget(10_000, per, where) for per, where in places]
    budget(300, poor, scope)
    assert [drawn(people[0], version).prize for _each in range(2)] == ["gold", "thanks"]
    assert [spent(each) for each in rich] == [[(300, 0)]] * len(rich)
    assert len(Award.objects.order_by("id").first().taken["budgets"]) == len(rich) + 1


def test_a_pools_budget_is_spent_by_the_draws_of_every_campaign(people):
    version, held = priced(PRIZE), budget(600, scope=POOL)
    grant_chances(people[0].pk, "campaign:other", count=1, key="other", now=NOW)
    drawn(people[0], version)
    drawn(people[0], version, scope="campaign:other")
    assert spent(held) == [(600, 0)]


def test_a_consolation_prize_is_promised_and_leaves_less_for_draws(people):
    version, held = priced(PRIZE, consolation=200), budget(500)
    prizes = [drawn(people[0], version, roll=roll).prize for roll in (LAST, LAST, 0)]
    assert prizes == ["thanks", "thanks", "thanks"]
    assert reasons() == ["", "", "budget"]
    assert spent(held) == [(0, 600)]


def test_the_gift_of_a_task_is_given_beyond_the_budget_and_counted_as_promised(people):
    held, mug = budget(500), gift("mug", cost=Decimal("4.00"))
    for key in ("a", "b", "b"):
        grant_award(mug, people[0].pk, key=key, source="task", scope=SCOPE, now=NOW)
    assert spent(held) == [(0, 800)]
    assert drawn(people[0], priced(PRIZE)).prize == "thanks"


def test_what_is_given_without_a_scope_costs_no_budget(people):
    held = budget(500)
    grant_award(gift("mug", cost=Decimal("4.00")), people[0].pk, key="a", source="goodwill", now=NOW)
    assert spent(held) == []


def test_a_reversal_gives_back_once_and_what_came_back_can_be_won_again(people):
    version = priced(PRIZE, consolation=10)
    of_campaign, of_pool = budget(310), budget(1_000, "day", POOL)
    won = drawn(people[0], version).award_id
    assert drawn(people[0], version).prize == "thanks"
    reverse_award(won, by=None, reason="a mistake", now=NOW)
    with pytest.raises(NotReversible):
        reverse_award(won, by=None, reason="again", now=NOW)
    assert (spent(of_campaign), spent(of_pool)) == ([(0, 10)], [(0, 10)])
    assert drawn(people[0], version).prize == "gold"
    assert spent(of_campaign) == [(300, 10)]


def test_a_promised_award_taken_back_gives_back_what_was_promised(people):
    held = budget(500)
    award = grant_award(gift("mug", cost=Decimal("4.00")), people[0].pk, key="a", source="task", scope=SCOPE, now=NOW)
    reverse_award(award.pk, by=None, reason="a mistake", now=NOW)
    assert spent(held) == [(0, 0)]


def test_a_reversal_after_midnight_gives_back_to_the_day_it_was_charged_to(people):
    version, held = priced(PRIZE), budget(300, "day")
    won = drawn(people[0], version, now=BEFORE_MIDNIGHT).award_id
    drawn(people[0], version, now=MIDNIGHT_IN_SHANGHAI)
    reverse_award(won, by=None, reason="a mistake", now=MIDNIGHT_IN_SHANGHAI)
    assert spent(held) == [(0, 0), (300, 0)]


def test_a_raised_budget_lets_draws_win_again_and_a_lowered_one_takes_nothing_back(people):
    version, held = priced(PRIZE), budget(300)
    prizes = []
    for cents in (300, 300, 900, 500, 600, 601):
        type(held).objects.filter(pk=held.pk).update(cents=cents)
        prizes.append(drawn(people[0], version).prize)
    assert prizes == ["gold", "thanks", "gold", "thanks", "thanks", "thanks"]
    assert spent(held) == [(600, 0)]


def test_a_budget_set_aside_stops_nobody_and_counts_nothing(people):
    version, held = priced(PRIZE), budget(300)
    drawn(people[0], version)
    type(held).objects.update(active=False)
    assert [drawn(people[0], version).prize for _each in range(2)] == ["gold", "gold"]
    type(held).objects.update(active=True)
    assert drawn(people[0], version).prize == "thanks"
    assert spent(held) == [(300, 0)]


def test_the_charge_itself_refuses_what_has_no_room_where_nothing_was_spent_yet(people):
    """A draw looks at the room first; if the budget is lowered in between, the charge is the last to say no."""
    held = budget(299)
    with pytest.raises(DatabaseError, match="budget"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT rewards_charge(%s, %s, %s, 300, false)", [[SCOPE], people[0].pk, NOW.date()])
    assert spent(held) == []


def test_the_database_itself_refuses_to_draw_beyond_what_is_allowed():
    held = budget(300)
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetUse.objects.create(budget=held, allowed=300, drawn=301)


def test_where_budgets_stand_is_told_by_few_queries(people, django_assert_max_num_queries):
    version = priced(PRIZE, consolation=5)
    held = [budget(cents, per) for per, cents in (("total", 1_000), ("day", 400), ("member", 305), ("member_day", 900))]
    drawn(people[0], version)
    drawn(people[0], version, roll=LAST)
    drawn(people[1], version, roll=LAST)
    with django_assert_max_num_queries(6):
        total, day, member, member_day = budgets.standings(held, now=NOW)
    assert [(each.drawn, each.promised, each.left) for each in (total, day)] == [(300, 10, 690), (300, 10, 90)]
    assert [(each.members, each.members_done) for each in (member, member_day)] == [(2, 1), (2, 0)]
    assert [each.percent for each in (total, day)] == [31, 77]


def test_yesterdays_spending_is_not_of_todays_budget(people):
    held = budget(400, "day")
    drawn(people[0], priced(PRIZE), now=NOW - timedelta(days=1))
    (standing,) = budgets.standings([held], now=NOW)
    assert (standing.spent, standing.left) == (0, 400)


@pytest.mark.parametrize(("left", "dry"), [(300, False), (299, True), (0, True)])
def test_a_pool_whose_cheapest_prize_costs_more_than_is_left_is_dry(people, left, dry):
    version = priced(("gold", 1, 900), ("silver", 1, 300))
    held = budget(300 + left, scope=POOL)
    drawn(people[0], version, roll=1)
    (standing,) = budgets.standings([held], now=NOW)
    assert (standing.cheapest, standing.is_dry) == (300, dry)


def test_a_pool_with_a_free_prize_is_not_dry_while_a_cent_is_left(people):
    priced(("gold", 1, 900), ("free", 1, 0))
    (standing,) = budgets.standings([budget(1, scope=POOL)], now=NOW)
    assert not standing.is_dry


def test_what_was_spent_is_told_by_the_sites_hour_to_the_cent_without_what_was_taken_back(people):
    version, held, other = priced(PRIZE, consolation=7), budget(10_000), budget(10_000, scope=POOL)
    drawn(people[0], version, now=BEFORE_MIDNIGHT)
    drawn(people[0], version, now=BEFORE_MIDNIGHT, roll=LAST)
    gone = drawn(people[0], version, now=BEFORE_MIDNIGHT).award_id
    drawn(people[0], version, now=MIDNIGHT_IN_SHANGHAI)
    reverse_award(gone, by=None, reason="a mistake", now=NOW)
    found = budgets.spent_by_hour([held.pk, other.pk], since=NOW - timedelta(days=1))
    zone = timezone.get_default_timezone()
    expected = {datetime(2026, 11, 21, 23, tzinfo=zone): 307, datetime(2026, 11, 22, tzinfo=zone): 300}
    assert found == {held.pk: expected, other.pk: expected}


def test_draws_that_fell_for_want_of_budget_are_counted_by_campaign_and_by_pool(people):
    version = priced(PRIZE)
    budget(300, "day")
    for now in (NOW - timedelta(days=1), NOW - timedelta(days=1), NOW, NOW, NOW):
        drawn(people[0], version, now=now)
    for scope in named([SCOPE, POOL]).values():
        assert budgets.fallen_draws(scope, since=NOW - timedelta(days=2), now=NOW) == (3, 2)

"""The last cent of a budget, by many members at once, on PostgreSQL, each in a connection of its own."""

from collections import Counter
from random import Random

import pytest

from rewards import budget_warnings
from rewards.models import Award, Budget, BudgetUse, BudgetWarning, Draw
from rewards.reversing import reverse_award
from tests.races.together import Crowd, at_once
from tests.rewards.build import NOW, SCOPE, books_are_right, with_chances
from tests.rewards.priced import POOL, budget, drawn, priced

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = 40


def kinds(answers) -> Counter:
    return Counter(getattr(each, "prize", type(each).__name__) for each in answers)


def test_forty_draws_on_the_last_ten_prizes_worth_of_budget_give_ten_in_each_of_twenty_rounds():
    version, people = priced(("gold", 999_999, 300)), with_chances(CLIENTS, each=20)
    held = budget(1)
    with Crowd(CLIENTS) as crowd:
        for number in range(1, 21):
            # Ten prizes more, and nearly an eleventh.
            Budget.objects.filter(pk=held.pk).update(cents=number * 3_000 + 299)
            found = crowd.each(lambda member: drawn(member, version), people)
            assert kinds(found) == {"gold": 10, "thanks": 30}
    use = BudgetUse.objects.get()
    assert (use.drawn, use.promised, use.allowed) == (60_000, 0, 60_299)
    assert Counter(Draw.objects.values_list("fallback", flat=True)) == {"": 200, "budget": 600}
    assert books_are_right()


def test_the_first_draws_of_a_day_meet_no_row_and_are_held_all_the_same():
    version, people = priced(("gold", 999_999, 300)), with_chances(CLIENTS, each=1)
    budget(1_199, "day")
    with Crowd(CLIENTS) as crowd:
        found = crowd.each(lambda member: drawn(member, version), people)
    assert kinds(found) == {"gold": 3, "thanks": 37}
    assert books_are_right()


def test_a_members_budget_holds_for_all_the_members_draws_at_once():
    version, (member,) = priced(("gold", 999_999, 300)), with_chances(1, each=CLIENTS)
    budget(900, "member")
    found = at_once(CLIENTS, lambda _number: drawn(member, version))
    assert kinds(found) == {"gold": 3, "thanks": 37}
    assert books_are_right()


def test_campaign_and_pool_are_charged_the_same_by_draws_of_two_pools_at_once():
    """Draws of each pool charge the campaign's budgets and its own, in the order of their ids: none waits in a ring."""
    of_wheel = budget(2_100, scope=POOL)
    held = budget(3_000), budget(4_000, "day")
    of_egg = budget(2_000, scope="pool:egg")
    versions = priced(("gold", 999_999, 300)), priced(("gold", 999_999, 500), slug="egg")
    people = with_chances(CLIENTS, each=5)
    with Crowd(CLIENTS) as crowd:
        for _round in range(5):
            found = crowd.each(lambda each: drawn(each, versions[each.pk % 2]), people)
            assert set(kinds(found)) <= {"gold", "thanks"}
    took = {each.pk: BudgetUse.objects.get(budget=each).drawn for each in (of_wheel, *held, of_egg)}
    assert took[of_wheel.pk] + took[of_egg.pk] == took[held[0].pk] == took[held[1].pk] <= 3_000
    # What is left is less than the cheapest prize that still has room in its own pool.
    assert 3_000 - took[held[0].pk] < 300 or took[of_wheel.pk] == 2_100
    assert books_are_right()


def test_reversals_beside_draws_give_back_once_and_never_more_than_was_taken():
    version, people = priced(("gold", 999_999, 300), consolation=7), with_chances(CLIENTS, each=10)
    held, random = budget(6_000), Random(7)
    with Crowd(CLIENTS) as crowd:
        for _round in range(10):
            won = list(Award.objects.exclude(state="reversed").values_list("pk", flat=True))
            victims = random.choices(won, k=10) if won else []

            def act(number, victims=victims):
                if number < len(victims):
                    return reverse_award(victims[number], by=None, reason="test", now=NOW)
                return drawn(people[number], version)

            assert set(kinds(crowd.each(act, range(CLIENTS)))) <= {"gold", "thanks", "Award", "NotReversible"}
            use = BudgetUse.objects.get(budget=held)
            assert use.drawn <= 6_000
    assert books_are_right()


def test_a_budget_lowered_while_draws_run_lets_nothing_more_be_drawn():
    """A draw that began before may still take what was allowed then; one that begins after it takes nothing."""
    version, people = priced(("gold", 999_999, 300)), with_chances(CLIENTS, each=2)
    held = budget(300 * CLIENTS)

    def act(number):
        if number == 0:
            return Budget.objects.filter(pk=held.pk).update(cents=300)
        return drawn(people[number], version)

    with Crowd(CLIENTS) as crowd:
        crowd.each(act, range(CLIENTS))
        taken = BudgetUse.objects.get().drawn
        found = crowd.each(lambda member: drawn(member, version), people)
    # One more only where no draw of the first round had won yet.
    assert kinds(found) == ({"thanks": CLIENTS} if taken else {"gold": 1, "thanks": CLIENTS - 1})
    assert BudgetUse.objects.get().drawn == max(taken, 300)
    assert books_are_right()


def test_two_workers_warn_of_a_budget_once():
    version, (member,) = priced(("gold", 999_999, 300)), with_chances(1, each=5)
    budget(350)
    # 100 cents are left, too few for another prize of the pool: that is used up.
    budget(400, scope=POOL)
    drawn(member, version)
    at_once(10, lambda _number: budget_warnings.warn(now=NOW))
    assert Counter(BudgetWarning.objects.values_list("percent", flat=True)) == {50: 2, 80: 2, 100: 1}


def test_a_scope_without_a_budget_costs_nobody_a_wait():
    version, people = priced(("gold", 999_999, 300)), with_chances(CLIENTS, each=1)
    budget(1, scope="campaign:other")
    with Crowd(CLIENTS) as crowd:
        assert kinds(crowd.each(lambda member: drawn(member, version), people)) == {"gold": CLIENTS}
    assert SCOPE not in Budget.objects.values_list("scope", flat=True)
    assert not BudgetUse.objects.exists()

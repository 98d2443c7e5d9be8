"""Whatever is drawn, given, taken back or changed, in any order: budgets agree to the cent with plain arithmetic."""

from datetime import date, timedelta
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from operations.prepared import prepared_cursor
from rewards.awards import grant_award
from rewards.books import INVARIANTS
from rewards.models import Award, Budget, BudgetUse
from rewards.money import as_amount
from rewards.periods import day_of
from rewards.reversing import reverse_award
from tests.rewards.build import NOW, SCOPE, gift, with_chances
from tests.rewards.priced import LAST, POOL, drawn, priced

COSTS = {0: 300, 1: 70, LAST: 9}
PRIZES = {0: "gold", 1: "silver", LAST: "thanks"}
ROLL = st.sampled_from([0, 0, 1, LAST])
PEOPLE = st.integers(0, 1)
CENTS = st.integers(1, 900)
BUDGET = st.tuples(st.sampled_from([SCOPE, POOL]), st.sampled_from(Budget.Per.values))
BOOKS = " UNION ALL ".join(
    f"SELECT '{name}', ({sql})" for name, sql in INVARIANTS.items() if "budget" in name or "charge" in name
)


class PlainBudgets:
    """{(scope, per): [cents, active]} and what was spent: {(scope, per, day, member): [drawn, promised]}."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], list] = {}
        self.spent: dict[tuple, list[int]] = {}

    def uses(self, scopes: tuple[str, ...], member: int, day: date) -> dict[tuple, int]:
        """Return {use: cents allowed} of the budgets that hold."""
        return {
            (scope, per, day if "day" in per else None, member if "member" in per else None): cents
            for (scope, per), (cents, active) in self.held.items()
            if active and scope in scopes
        }

    def charge(self, cost: int, scopes: tuple[str, ...], member: int, day: date, *, promised: int) -> list | None:
        uses = self.uses(scopes, member, day)
        if not promised and any(sum(self.spent.get(use, (0, 0))) + cost > cents for use, cents in uses.items()):
            return None
        for use in uses:
            self.spent.setdefault(use, [0, 0])[promised] += cost
        return [(use, promised, cost) for use in uses]

    def give_back(self, charges: list) -> None:
        for use, promised, cost in charges:
            self.spent[use][promised] -= cost


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now, self.plain, self.keys = NOW, PlainBudgets(), count()
        self.given: list[tuple[int, list]] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize()
    def open(self) -> None:
        self.people = with_chances(2, each=500)
        self.version = priced(("gold", 1, COSTS[0]), ("silver", 1, COSTS[1]), consolation=COSTS[LAST])
        self.mug = gift("mug", cost=as_amount(55))

    @rule(which=BUDGET, cents=CENTS)
    def change(self, which, cents) -> None:
        """Add a budget, or raise or lower it."""
        scope, per = which
        Budget.objects.update_or_create(scope=scope, per=per, defaults={"cents": cents})
        self.plain.held.setdefault(which, [cents, True])[0] = cents

    @rule(which=BUDGET, active=st.booleans())
    def set_aside(self, which, active) -> None:
        scope, per = which
        if Budget.objects.filter(scope=scope, per=per).update(active=active):
            self.plain.held[which][1] = active

    @rule(who=PEOPLE, roll=ROLL)
    def draw(self, who, roll) -> None:
        member, places = self.people[who], ((SCOPE, POOL), self.people[who].pk, day_of(self.now))
        charges = None if roll == LAST else self.plain.charge(COSTS[roll], *places, promised=0)
        expected = "thanks" if charges is None else PRIZES[roll]
        if charges is None:
            charges = self.plain.charge(COSTS[LAST], *places, promised=1)
        found = drawn(member, self.version, roll=roll, now=self.now)
        assert found.prize == expected
        self.given.append((found.award_id, charges))

    @rule(who=PEOPLE)
    def give(self, who) -> None:
        member = self.people[who]
        charges = self.plain.charge(55, (SCOPE,), member.pk, day_of(self.now), promised=1)
        key = f"k{next(self.keys)}"
        award = grant_award(self.mug, member.pk, key=key, source="task", scope=SCOPE, now=self.now)
        self.given.append((award.pk, charges))

    @precondition(lambda self: self.given)
    @rule(which=st.integers(0, 200))
    def reverse(self, which) -> None:
        award, charges = self.given.pop(which % len(self.given))
        reverse_award(award, by=None, reason="test", now=self.now)
        self.plain.give_back(charges)

    @rule(hours=st.integers(1, 30))
    def wait(self, hours) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def they_agree(self) -> None:
        rows = BudgetUse.objects.values_list("budget__scope", "budget__per", "day", "member", "drawn", "promised")
        assert {row[:4]: list(row[4:]) for row in rows} == self.plain.spent

    @invariant()
    def the_books_hold(self) -> None:
        with prepared_cursor() as cursor:
            cursor.execute(BOOKS)
            assert {name: wrong for name, wrong in cursor.fetchall() if wrong} == {}


@pytest.mark.django_db
def test_budgets_agree_to_the_cent_in_any_order():
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert not Award.objects.exists()

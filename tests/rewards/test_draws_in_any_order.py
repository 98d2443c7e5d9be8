"""Draws, bought draws, repeats, reversals, check-offs, more stock, codes, chances and money, in any order: the books
hold after every step, and each draw gives what a plain reading of the rules says.
"""

from datetime import timedelta
from itertools import count
from random import Random

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
from rewards import draw_gates, ledger
from rewards.books import INVARIANTS
from rewards.chances import chances_left, grant_chances
from rewards.checking_off import NotRedeemable, redeem
from rewards.codes import import_codes
from rewards.drawing import DrawRefused, draw
from rewards.models import Award, Budget, Draw, PrizePool, PrizeStock
from rewards.periods import day_of
from rewards.pools import publish_pool
from rewards.reversing import NotReversible, reverse_award
from tests.rewards.build import NOW, SCOPE, coupon, gift, members, pool
from tests.rewards.plain_pool import PlainBudget, PlainPool, PlainPrize

NAMES = list(INVARIANTS)
# All books in one statement, which is planned once.
BOOKS = " UNION ALL ".join(f"SELECT {number}, ({sql})" for number, sql in enumerate(INVARIANTS.values()))
PEOPLE = st.integers(0, 1)
# The first roll that each prize owns.
ROLLS = {"voucher": 0, "gold": 300_000, "coins": 600_000, "tea": 800_000}
PRICE = 2


class DrawsInAnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now, self.keys, self.drawn, self.is_open = NOW, count(), [], True

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize()
    def open(self) -> None:
        self.people = [member.pk for member in members(2)]
        self.voucher = coupon("voucher", codes=3, cost=2)
        draft = pool(
            (self.voucher, 300_000, None),
            (gift("gold", "physical", cost=5), 300_000, 4),
            (gift("coins", "points", amount=3), 200_000, None),
            consolation=(gift("tea", cost="0.50"), 200_000),
        )
        draft.prizes.filter(key="gold").update(per_day=2, per_member=3, slices=2)
        PrizePool.objects.update(price=PRICE, guarantee_after=3, guarantee_prize="coins")
        self.pool = PrizePool.objects.get()
        self.version = publish_pool(self.pool, by=None, now=self.now)
        self.budgets = [Budget.objects.create(scope="pool:wheel", cents=4000)]
        self.budgets.append(Budget.objects.create(scope=SCOPE, per="day", cents=1600))
        prizes = [
            PlainPrize("voucher", 200, codes=3),
            PlainPrize("gold", 500, stock=4, per_day=2, per_member=3),
            PlainPrize("coins", 0),
            PlainPrize("tea", 50),
        ]
        budgets = [PlainBudget(4000, daily=False), PlainBudget(1600, daily=True)]
        self.plain = PlainPool(prizes, 3, "coins", budgets)
        for who in range(2):
            self.give_chances(who, 5)

    def key(self) -> str:
        return f"k{next(self.keys)}"

    @rule(who=PEOPLE, number=st.integers(1, 3))
    def give_chances(self, who, number) -> None:
        grant_chances(self.people[who], SCOPE, count=number, key=self.key(), now=self.now)

    @rule(who=PEOPLE, amount=st.integers(1, 5))
    def give_points(self, who, amount) -> None:
        ledger.post_entry(self.people[who], "points", amount=amount, key=self.key(), reason="test", now=self.now)

    @rule(who=PEOPLE, rolled=st.sampled_from(sorted(ROLLS)), pay=st.booleans())
    def draw(self, who, rolled, pay) -> None:
        member, key = self.people[who], self.key()
        points, left = ledger.holdings(member)["points"].balance, chances_left(member, SCOPE)
        values = {"scope": SCOPE, "version_id": self.version.pk, "request_key": key, "roll": ROLLS[rolled], "pay": pay}
        short = points < PRICE if pay else left < 1
        if short or not self.is_open:
            expected = ("points_short" if pay else "no_chance") if self.is_open else "paused"
            with pytest.raises(DrawRefused, match=expected):
                draw(member, now=self.now, **values)
            return
        drawn = draw(member, now=self.now, **values)
        award, why, closed = self.plain.draw(rolled, who, day_of(self.now))
        record = Draw.objects.get(pk=drawn.draw_id)
        assert (drawn.prize, record.fallback, record.closed) == (award.prize.key, why, closed)
        assert drawn.chances_left == (left if pay else left - 1)
        self.drawn.append((drawn, award, member, values))

    @precondition(lambda self: self.drawn)
    @rule(which=st.integers(0, 50))
    def repeat(self, which) -> None:
        drawn, _, member, values = self.drawn[which % len(self.drawn)]
        again = draw(member, now=self.now, **values | {"roll": 999_999})
        assert again.repeated
        assert (again.draw_id, again.prize, again.award_id, again.chances_left) == (
            drawn.draw_id, drawn.prize, drawn.award_id, drawn.chances_left,
        )  # fmt: skip

    @precondition(lambda self: self.drawn)
    @rule(which=st.integers(0, 50))
    def reverse(self, which) -> None:
        drawn, award, _, _ = self.drawn[which % len(self.drawn)]
        try:
            reverse_award(drawn.award_id, by=None, reason="test", now=self.now)
        except NotReversible:
            assert not self.plain.reverse(award)
        else:
            assert self.plain.reverse(award)

    @precondition(lambda self: self.drawn)
    @rule(which=st.integers(0, 50))
    def check_off(self, which) -> None:
        drawn, award, _, _ = self.drawn[which % len(self.drawn)]
        try:
            redeem(drawn.award_id, by=None, now=self.now)
        except NotRedeemable:
            assert award.prize.key != "voucher" or award.state != "granted"
        else:
            award.state = "redeemed"

    @rule(number=st.integers(1, 2))
    def add_codes(self, number) -> None:
        import_codes(self.voucher, [f"MORE-{self.key()}" for _ in range(number)], by=None, now=self.now)
        self.plain.prize("voucher").codes += number

    @rule(number=st.integers(1, 2))
    def raise_stock(self, number) -> None:
        gold = self.plain.prize("gold")
        gold.stock += number
        self.pool.prizes.filter(key="gold").update(stock=gold.stock)
        self.version = publish_pool(PrizePool.objects.get(), by=None, now=self.now)

    @rule(which=st.integers(0, 1), cents=st.integers(1, 4000))
    def set_budget(self, which, cents) -> None:
        Budget.objects.filter(pk=self.budgets[which].pk).update(cents=cents)
        self.plain.budgets[which].cents = cents

    @rule()
    def shut_or_open(self) -> None:
        self.is_open = not self.is_open
        draw_gates.set_open(SCOPE, is_open=self.is_open)

    @rule(hours=st.integers(1, 20))
    def wait(self, hours) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def the_books_hold(self) -> None:
        with prepared_cursor() as cursor:
            cursor.execute(BOOKS)
            assert [NAMES[number] for number, violations in cursor.fetchall() if violations] == []

    @invariant()
    def what_was_given_is_what_the_plain_pool_gave(self) -> None:
        if not hasattr(self, "plain"):
            return
        assert sum(PrizeStock.objects.values_list("issued", flat=True)) == self.plain.given["gold"]
        for prize in self.plain.prizes:
            kept = Award.objects.filter(gift__slug=prize.key).exclude(state="reversed")
            assert kept.count() == self.plain.given[prize.key]


@pytest.mark.django_db
def test_the_books_hold_and_each_draw_gives_what_a_plain_reading_says_after_every_step():
    run_state_machine_as_test(
        DrawsInAnyOrder,
        settings=settings(
            max_examples=10, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.django_db
def test_they_do_so_through_long_lives_too():
    """What hypothesis rarely comes to by itself: guaranteed wins, used up days, stocks, codes and budgets."""
    reasons = set().union(*(reasons_of_a_life(Random(seed)) for seed in range(4)))
    assert {"guaranteed", "budget", "day", "no_code"} <= reasons


def reasons_of_a_life(chance: Random) -> set[str]:
    """Live through many steps; return why draws gave another prize."""
    house = DrawsInAnyOrder()
    house.open()
    for _step in range(120):
        take_a_step(house, chance)
        house.the_books_hold()
    house.what_was_given_is_what_the_plain_pool_gave()
    reasons = set(Draw.objects.values_list("fallback", flat=True))
    house.teardown()
    return reasons


def take_a_step(house: DrawsInAnyOrder, chance: Random) -> None:
    who, which = chance.randrange(2), chance.randrange(60)
    rolled = chance.choice(["voucher", "gold", "coins", "tea", "tea", "tea"])
    steps = [
        (30, house.draw, [who, rolled, False]),
        (5, house.draw, [who, rolled, True]),
        (12, house.give_chances, [who, 3]),
        (3, house.give_points, [who, 3]),
        (3, house.repeat, [which]) if house.drawn else (0, house.wait, [1]),
        (5, house.reverse, [which]) if house.drawn else (0, house.wait, [1]),
        (3, house.check_off, [which]) if house.drawn else (0, house.wait, [1]),
        (2, house.add_codes, [1]),
        (1, house.raise_stock, [1]),
        (2, house.set_budget, [chance.randrange(2), chance.randint(1, 4000)]),
        (1, house.shut_or_open, []) if house.is_open else (9, house.shut_or_open, []),
        (5, house.wait, [chance.randint(1, 12)]),
    ]
    ((_weight, step, arguments),) = chance.choices(steps, [weight for weight, _step, _arguments in steps])
    step(*arguments)

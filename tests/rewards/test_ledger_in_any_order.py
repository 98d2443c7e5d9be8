"""Whatever is posted, matures, expires, is reversed, moved or forfeited, in any order: the books hold, and the ledger
agrees with a plain one.
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
from rewards import ledger
from rewards.ledger_books import INVARIANTS
from rewards.models import Lot, Unit
from tests.rewards.build import NOW, members
from tests.rewards.plain_ledger import PlainAccount, PlainUnit, transfer

UNITS = {
    "points": PlainUnit(),
    "growth": PlainUnit(),
    "stars": PlainUnit(days=1),
    "moons": PlainUnit(days=3, zone="America/New_York"),
}
AMOUNTS = st.integers(1, 9)
SPENT = st.integers(1, 14)
PEOPLE = st.integers(0, 1)
# Few accounts, and mostly one that expires, so that much happens to each.
UNIT = st.sampled_from(["stars", "stars", "stars", "moons", "points", "growth"])
# All books in one statement, which is planned once.
BOOKS = " UNION ALL ".join(f"SELECT '{name}', ({sql})" for name, sql in INVARIANTS.items())
PARTS = st.one_of(st.none(), AMOUNTS)


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = NOW
        self.keys = count()
        self.posted: list = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize()
    def open(self) -> None:
        numbers = count()
        for slug, unit in UNITS.items():
            expiry = {"expiry": "days", "expires_after": unit.days} if unit.days else {}
            Unit.objects.update_or_create(slug=slug, defaults={"name": slug, "time_zone": unit.zone, **expiry})
        self.people = [member.pk for member in members(2)]
        self.plain = {(who, slug): PlainAccount(unit, numbers) for who in range(2) for slug, unit in UNITS.items()}
        for who, unit in self.plain:
            self.earn(who, unit, 9, by_hand=False)

    def post(self, who, unit, amount, function=ledger.post_entry, **more):
        key = f"k{next(self.keys)}"
        return function(self.people[who], unit, amount=amount, key=key, reason="test", now=self.now, **more)

    def remember(self, who, unit, entry, plain) -> None:
        self.posted.append((entry.pk, (who, unit), plain))

    @rule(who=PEOPLE, unit=UNIT, amount=AMOUNTS, by_hand=st.booleans())
    def earn(self, who, unit, amount, by_hand) -> None:
        entry = self.post(who, unit, amount, ledger.adjust if by_hand else ledger.post_entry)
        self.remember(who, unit, entry, self.plain[who, unit].earn(amount, self.now))

    @rule(who=PEOPLE, unit=UNIT, amount=AMOUNTS, hours=st.integers(0, 48))
    def pend(self, who, unit, amount, hours) -> None:
        matures_at = self.now + timedelta(hours=hours)
        entry = self.post(who, unit, amount, matures_at=matures_at)
        self.remember(who, unit, entry, self.plain[who, unit].pend(amount, matures_at))

    @rule(who=PEOPLE, unit=UNIT, amount=SPENT)
    def spend(self, who, unit, amount) -> None:
        self.take(who, unit, amount, ledger.post_entry)

    @rule(who=PEOPLE, unit=UNIT, amount=SPENT)
    def correct(self, who, unit, amount) -> None:
        self.take(who, unit, amount, ledger.adjust)

    def take(self, who, unit, amount, function) -> None:
        plain = self.plain[who, unit].spend(amount, self.now)
        try:
            entry = self.post(who, unit, -amount, function)
        except ledger.InsufficientBalance:
            assert plain is None
        else:
            self.remember(who, unit, entry, plain)

    @rule(which=st.integers(0, 200), amount=PARTS)
    def reverse_any(self, which, amount) -> None:
        self.reverse(which, amount)

    @rule(which=st.integers(0, 2), amount=PARTS)
    def reverse_one_of_the_last(self, which, amount) -> None:
        self.reverse(which, amount)

    def reverse(self, which, amount) -> None:
        entry_id, account, plain = self.posted[-1 - which % len(self.posted)]
        expected = self.plain[account].reverse(plain, amount, self.now)
        key = f"k{next(self.keys)}"
        reversal = ledger.reverse_entry(entry_id, amount=amount, key=key, reason="test", now=self.now)
        assert (abs(reversal.amount) if reversal else 0) == expected

    @rule(giver=PEOPLE, taker=PEOPLE, unit=UNIT, amount=AMOUNTS)
    def transfer(self, giver, taker, unit, amount) -> None:
        if giver == taker:
            return
        moved = transfer(self.plain[giver, unit], self.plain[taker, unit], amount, self.now)
        try:
            key = f"k{next(self.keys)}"
            ledger.transfer(
                self.people[giver], self.people[taker], unit, amount=amount, key=key, reason="test", now=self.now
            )
        except ledger.InsufficientBalance:
            assert not moved
        else:
            assert moved

    @rule(limit=st.integers(1, 3))
    def mature(self, limit) -> None:
        waiting = [
            (account, entry)
            for account in self.plain.values()
            for entry in account.entries
            if entry.pending and entry.matures_at <= self.now
        ]
        due = sorted(waiting, key=lambda each: (each[1].matures_at, each[1].number))[:limit]
        for account, entry in due:
            account.mature(entry, self.now)
        assert ledger.mature_due(now=self.now, limit=limit) == len(due)

    @rule()
    def expire(self) -> None:
        for account in self.plain.values():
            account.expire(self.now)
        ledger.expire_due(now=self.now, limit=1_000)

    @precondition(lambda self: len(self.posted) > 24)
    @rule(who=PEOPLE)
    def forfeit(self, who) -> None:
        for unit in UNITS:
            self.plain[who, unit].forfeit(self.now)
        ledger.forfeit(self.people[who], key=f"k{next(self.keys)}", reason="test", now=self.now)

    @rule(hours=st.integers(1, 24))
    def wait(self, hours) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def the_books_hold(self) -> None:
        with prepared_cursor() as cursor:
            cursor.execute(BOOKS)
            assert dict(cursor.fetchall()) == dict.fromkeys(INVARIANTS, 0)

    @invariant()
    def the_ledger_agrees_with_the_plain_one(self) -> None:
        for who, member_id in enumerate(getattr(self, "people", ())):
            for unit, held in ledger.holdings(member_id).items():
                plain = self.plain[who, unit]
                expected = (plain.balance, plain.earned, plain.pending, plain.debt, plain.expiring)
                assert (held.balance, held.earned, held.pending, held.debt, held.expiring) == expected, unit
        if hasattr(self, "plain"):
            lots = [(lot.expires_at, lot.remaining) for each in self.plain.values() for lot in each.lots]
            assert sorted(Lot.objects.values_list("expires_at", "remaining")) == sorted(lots)


@pytest.mark.django_db
def test_the_books_hold_and_the_ledger_agrees_with_a_plain_one_after_every_step():
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(5))
def test_they_do_so_through_long_lives_too(seed):
    """What hypothesis rarely comes to by itself: many spends out of many lots, given back in part, and debts."""
    chance = Random(seed)
    ledgers = AnyOrder()
    ledgers.open()
    for _step in range(150):
        take_a_step(ledgers, chance)
        ledgers.the_books_hold()
        ledgers.the_ledger_agrees_with_the_plain_one()
    ledgers.teardown()


def take_a_step(ledgers: AnyOrder, chance: Random) -> None:
    whose = chance.randrange(2), chance.choice(["stars", "stars", "moons", "points"])
    amount = chance.randint(1, 9)
    steps = [
        (5, ledgers.earn, [*whose, amount, False]),
        (2, ledgers.pend, [*whose, amount, chance.randrange(48)]),
        (5, ledgers.spend, [*whose, 2 * amount]),
        (1, ledgers.correct, [*whose, amount]),
        (4, ledgers.reverse, [chance.randrange(10), amount]),
        (1, ledgers.reverse, [chance.randrange(60), None]),
        (2, ledgers.transfer, [whose[0], 1 - whose[0], whose[1], amount]),
        (1, ledgers.mature, [2]),
        (1, ledgers.expire, []),
        (4, ledgers.wait, [chance.randint(1, 12)]),
        (0.2, ledgers.forfeit, whose[:1]),
    ]
    ((_weight, step, arguments),) = chance.choices(steps, [weight for weight, _step, _arguments in steps])
    step(*arguments)

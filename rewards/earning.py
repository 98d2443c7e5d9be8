"""What orders and events earn by the rules: the only writer of `Earning`.

A fact is looked at anew whenever something about it comes in; what it should have earned now, less what it has, is
posted or reversed. `rewards.earning_amounts` says how much. What makes it happen once:
1. the members are locked, so that their facts and what these have earned have one writer at a time;
2. the facts, what they have earned and what the days' caps leave are read under that lock;
3. the accounts are locked in the order of their ids; the entries carry keys that count on (earn:RULE:REFERENCE:N).
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime

from django.db import transaction

from members import locking, touches
from operations import jobs
from rewards import earning_entries, earning_facts, ledger
from rewards.earning_changes import Change, changes_of, has_changes
from rewards.earning_facts import Fact, Happening
from rewards.models import Earning, EarningRule

# One job settles so many facts: their members stay locked until it ends.
SLICE = 100


def settle_orders(order_pks: Collection[int], *, now: datetime) -> None:
    """Bring what these orders have earned up to date: a few at once, more by jobs of their own.

    Orders that earn nothing, and have earned nothing, cost a handful of queries together.
    """
    rules = rules_for(EarningRule.Trigger.ORDER)
    facts = earning_facts.read_orders(order_pks, rules) if rules else []
    moved = [fact.pk for fact in has_changes(facts, rules)]
    if 0 < len(moved) <= SLICE:
        settle_slice(moved, now=now)
        return
    with transaction.atomic():
        for part in in_slices(moved):
            # Told again later, the same orders are a job again: more may be known of them.
            key = f"settle-slice:{named(part)}:{now.isoformat()}"
            jobs.enqueue("rewards.jobs.settle_slice", key=key, arguments={"order_pks": part})


@touches.together()
def settle_slice(order_pks: Collection[int], *, now: datetime) -> None:
    """Bring what these orders have earned up to date, in one transaction."""
    rules = rules_for(EarningRule.Trigger.ORDER)
    known = earning_facts.read_orders(order_pks, rules) if rules else []
    locking.lock_by_id({fact.member_id for fact in known})
    # Read again: what came in while we waited for the lock counts.
    _settle(earning_facts.read_orders(order_pks, rules) if known else [], rules, now=now)


@touches.together()
def earn_for_events(events: Sequence[Happening], *, now: datetime) -> None:
    """Let these events earn what the rules for their types give, each once. An event never changes."""
    rules = rules_for(EarningRule.Trigger.EVENT)
    types = {rule.event_type for rule in rules}
    wanted = [event for event in events if event.type in types]
    locking.lock_by_id({event.member_id for event in wanted})
    _settle(earning_facts.of_events(wanted), rules, now=now)


def earn_for_keys(event_keys: Sequence[tuple[str, str]], *, now: datetime) -> None:
    """Let the events of these keys (id, time in ISO 8601) earn: a few at once, more by jobs of their own."""
    if len(event_keys) <= SLICE:
        earn_for_events(earning_facts.read_events(event_keys), now=now)
        return
    with transaction.atomic():
        for part in in_slices(event_keys):
            function = "rewards.jobs.earn_for_events"
            jobs.enqueue(function, key=f"earn-slice:{named(part)}", arguments={"event_ids": part})


def event_types_wanted() -> set[str]:
    """Return the types of events that earn something now."""
    wanted = EarningRule.objects.filter(trigger=EarningRule.Trigger.EVENT, enabled=True)
    return set(wanted.values_list("event_type", flat=True))


def rules_for(trigger: str) -> list[EarningRule]:
    """Return the rules, those no longer in force too: what they gave may have to be taken back."""
    return list(EarningRule.objects.filter(trigger=trigger).select_related("unit"))


def in_slices(keys: Sequence) -> Iterator[list]:
    for start in range(0, len(keys), SLICE):
        yield list(keys[start : start + SLICE])


def named(part: Sequence) -> str:
    """Return a short name of a slice, by what is in it."""
    return hashlib.sha256(repr(part).encode()).hexdigest()[:16]


def _settle(facts: list[Fact], rules: list[EarningRule], *, now: datetime) -> None:
    """Post the differences. The caller holds the members' locks."""
    changes = changes_of(facts, rules)
    moving = [change for change in changes if change.difference]
    ledger.lock_accounts({each.fact.member_id for each in moving}, {each.rule.unit.slug for each in moving})
    posted = earning_entries.posted_for({each.fact.reference for each in moving})
    for change in moving:
        so_far = posted[earning_entries.beginning_of_keys(change.rule, change.fact.reference)]
        move = earning_entries.post if change.difference > 0 else earning_entries.take_back
        move(change.rule, change.fact, abs(change.difference), so_far, now=now)
    _write(changes)


def _write(changes: Iterable[Change]) -> None:
    new: list[Earning] = []
    known: list[Earning] = []
    for change in changes:
        (new if change.earning.pk is None else known).append(change.written())
    Earning.objects.bulk_create(new)
    Earning.objects.bulk_update(known, ["base", "granted", "reversed"])

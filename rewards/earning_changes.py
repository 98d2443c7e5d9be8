"""What facts have earned so far, and what they should have earned now. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max, Sum
from django.utils import timezone

from members import standing
from members.models import Member
from rewards.earning_amounts import Standing, settled
from rewards.earning_facts import Fact
from rewards.models import Earning, EarningRule


@dataclass(frozen=True, slots=True)
class Change:
    """What one fact has earned by one rule, and what it should have earned now. `earning` is new or as stored."""

    rule: EarningRule
    fact: Fact
    earning: Earning
    after: Standing

    @property
    def difference(self) -> int:
        """Return what is to be posted, or reversed where it is below 0."""
        return self.after.kept - standing_of(self.earning).kept

    def written(self) -> Earning:
        """Return the earning with what it is now."""
        self.earning.base, self.earning.granted = self.after.base, self.after.granted
        self.earning.reversed = self.after.reversed
        return self.earning


class Rooms:
    """What the caps of the days leave, as the facts take it up one after the other."""

    def __init__(self, earnings: Iterable[tuple[EarningRule, Earning]]) -> None:
        self.caps = {rule.pk: rule.cap_per_day for rule, _ in earnings if rule.cap_per_day is not None}
        self.used: dict[tuple[int, int, date], int] = {}
        if self.caps:
            of_days = Earning.objects.filter(
                rule__in=self.caps,
                member__in={earning.member_id for _, earning in earnings},
                day__in={earning.day for _, earning in earnings},
            )
            used = of_days.values_list("rule_id", "member_id", "day").annotate(sum=Sum("granted"))
            self.used = {(rule, member, day): granted for rule, member, day, granted in used}

    def left(self, earning: Earning) -> int | None:
        """Return how much may still be granted on the earning's day; None where nothing caps it."""
        cap = self.caps.get(earning.rule_id)
        # A cap that was lowered since may be behind what was granted.
        return None if cap is None else max(0, cap - self.used.get(_day_of(earning), 0))

    def take(self, earning: Earning, granted: int) -> None:
        self.used[_day_of(earning)] = self.used.get(_day_of(earning), 0) + granted


def changes_of(facts: list[Fact], rules: list[EarningRule]) -> list[Change]:
    """Return what these facts change, looked at in their order. The caller holds the members' locks."""
    stored = stored_earnings(facts)
    multipliers = multipliers_of(facts)
    looked_at = [
        (rule, fact, stored.get((rule.pk, fact.reference)) or _first_earning(rule, fact, multipliers))
        for fact in facts
        for rule in rules
    ]
    rooms = Rooms([(rule, earning) for rule, _, earning in looked_at])
    changes = []
    for rule, fact, earning in looked_at:
        before = standing_of(earning)
        after = settled(before, net_now(rule, fact, before), rate=rate_of(rule), room=rooms.left(earning))
        if after != before:
            rooms.take(earning, after.granted - before.granted)
            changes.append(Change(rule, fact, earning, after))
    return changes


def has_changes(facts: list[Fact], rules: list[EarningRule]) -> list[Fact]:
    """Return the facts that may change something, seen without a lock.

    None is missed: whoever settles a fact by what was known earlier holds its member's lock until it is done, and what
    is known now was written under that lock.
    """
    stored = stored_earnings(facts)
    found = []
    for fact in facts:
        for rule in rules:
            before = standing_of(stored.get((rule.pk, fact.reference)))
            if settled(before, net_now(rule, fact, before), rate=rate_of(rule), room=None) != before:
                found.append(fact)
                break
    return found


def multipliers_of(facts: Iterable[Fact]) -> dict[str, Decimal]:
    """Return the multiplier of the level that the member of each fact held at its time, by reference.

    Most members hold the level they have held since: only those whose level changed after the fact are looked up.
    """
    members = Member.objects.filter(pk__in={fact.member_id for fact in facts})
    read = members.annotate(changed=Max("level_changes__changed_at"))
    now = {pk: rest for pk, *rest in read.values_list("pk", "level__points_multiplier", "changed")}
    found = {}
    for fact in facts:
        multiplier, changed = now[fact.member_id]
        if changed is not None and changed > fact.at:
            level = standing.level_held(fact.member_id, fact.at)
            multiplier = level.points_multiplier if level else None
        if multiplier is not None:
            found[fact.reference] = multiplier
    return found


def net_now(rule: EarningRule, fact: Fact, before: Standing) -> Decimal:
    """Return the net amount to settle at: a rule that is not in force gives no more, but still takes back."""
    net = fact.net_for(rule)
    return net if rule.enabled else min(net, before.base)


def rate_of(rule: EarningRule) -> Decimal:
    """Return what one unit of money, or one event, earns."""
    return Decimal(rule.amount or 0) if rule.rate is None else rule.rate


def standing_of(earning: Earning | None) -> Standing:
    if earning is None:
        return Standing(Decimal(1))
    return Standing(earning.multiplier, earning.base, earning.granted, earning.reversed)


def stored_earnings(facts: Iterable[Fact]) -> dict[tuple[int, str], Earning]:
    """Return what these facts have earned, by rule and reference."""
    stored = Earning.objects.filter(reference__in={fact.reference for fact in facts})
    return {(earning.rule_id, earning.reference): earning for earning in stored}


def _first_earning(rule: EarningRule, fact: Fact, multipliers: Mapping[str, Decimal]) -> Earning:
    """Return the earning, not stored yet, of a fact that has earned nothing by the rule."""
    return Earning(
        rule=rule,
        member_id=fact.member_id,
        reference=fact.reference,
        # The day on which it happened, as first told: a time that is corrected later moves no day's cap.
        day=timezone.localdate(fact.at, timezone.get_default_timezone()),
        base=Decimal(0),
        multiplier=multipliers.get(fact.reference, Decimal(1)) if rule.uses_multiplier else Decimal(1),
        granted=0,
    )


def _day_of(earning: Earning) -> tuple[int, int, date]:
    return earning.rule_id, earning.member_id, earning.day

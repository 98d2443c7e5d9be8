"""The entries of what facts have earned: the difference is posted, or taken back from the newest on."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from rewards import ledger
from rewards.earning_amounts import matures_at
from rewards.earning_facts import Fact
from rewards.models import EarningRule, Entry


@dataclass
class Posted:
    """The entries so far of one fact by one rule: how many, and what is left of each that gave, by its id."""

    count: int = 0
    left: dict[int, int] = field(default_factory=dict)


def beginning_of_keys(rule: EarningRule, reference: str) -> str:
    """Return what the keys of a fact's entries begin with; a number from 1 on follows."""
    return f"earn:{rule.slug}:{reference}:"


def posted_for(references: Collection[str]) -> dict[str, Posted]:
    """Return what was posted for these facts, by the beginning of its keys."""
    entries = Entry.objects.filter(reference__in=references, key__startswith="earn:")
    posted: dict[str, Posted] = defaultdict(Posted)
    for pk, key, amount, original in entries.values_list("pk", "key", "amount", "original_id"):
        of_rule = posted[key[: key.rindex(":") + 1]]
        of_rule.count += 1
        entry = pk if amount > 0 else original
        of_rule.left[entry] = of_rule.left.get(entry, 0) + amount
    return posted


def post(rule: EarningRule, fact: Fact, amount: int, posted: Posted, *, now: datetime) -> None:
    """Give the member `amount` for the fact, pending until it matures by the fact's own time."""
    ledger.post_entry(
        fact.member_id,
        rule.unit.slug,
        amount=amount,
        key=f"{beginning_of_keys(rule, fact.reference)}{posted.count + 1}",
        reason=rule.name,
        now=now,
        reference=fact.reference,
        matures_at=matures_at(fact.at, rule.matures_after_days, now=now),
    )


def take_back(rule: EarningRule, fact: Fact, amount: int, posted: Posted, *, now: datetime) -> None:
    """Reverse `amount` of what the fact was given, from the newest entry on."""
    number = posted.count
    for entry_id, left in sorted(posted.left.items(), reverse=True):
        taken = min(left, amount)
        if taken:
            number += 1
            ledger.reverse_entry(
                entry_id,
                amount=taken,
                key=f"{beginning_of_keys(rule, fact.reference)}{number}",
                reason=rule.name,
                now=now,
            )
            amount -= taken
    if amount:
        raise RuntimeError(f"{amount} more to reverse of {fact.reference} than rule {rule.slug} gave")

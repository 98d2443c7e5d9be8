"""How often each prize of a version was rolled and given, counted by the database, and whether that was fair."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import BooleanField, Case, Count, Value, When

from rewards.fairness import FairnessTest, Moment, compare_given, compare_shares
from rewards.models import PoolVersion
from rewards.odds import Odds
from rewards.pools import odds_of


@dataclass(frozen=True, slots=True)
class DrawnShares:
    """The draws of one version: what the rolls hit, and what was given at which moment."""

    version: PoolVersion
    odds: list[Odds]
    consolation: str
    rolled: Counter[str]
    moments: dict[Moment, Counter[str]]
    fallbacks: Counter[str]

    @property
    def draws(self) -> int:
        return self.rolled.total()

    @property
    def given(self) -> Counter[str]:
        return sum(self.moments.values(), Counter())

    @property
    def fairness(self) -> FairnessTest:
        """Test what the rolls hit against the published odds; limits come after the roll."""
        return compare_shares(self.odds, self.rolled)

    @property
    def fairness_after_limits(self) -> FairnessTest:
        """Test what was given against the odds as they stood after limits, draw by draw."""
        guaranteed = self.version.guarantee_prize
        return compare_given(self.odds, self.moments, consolation=self.consolation, guaranteed=guaranteed)


def shares_of(version: PoolVersion) -> DrawnShares:
    """Count the draws of a version, by what was given and what could not be won at that moment."""
    after = version.guarantee_after
    due = When(misses__gte=after - 1, then=Value(True)) if after else None
    counted = (
        version.draws.order_by()
        .annotate(due=Case(*([due] if due else []), default=Value(False), output_field=BooleanField()))
        .values("rolled", "prize", "fallback", "closed", "due")
        .annotate(draws=Count("id"))
    )
    rolled: Counter[str] = Counter()
    fallbacks: Counter[str] = Counter()
    moments: dict[Moment, Counter[str]] = {}
    for row in counted:
        rolled[row["rolled"]] += row["draws"]
        moments.setdefault(Moment(frozenset(row["closed"]), row["due"]), Counter())[row["prize"]] += row["draws"]
        if row["fallback"]:
            fallbacks[row["fallback"]] += row["draws"]
    consolation = version.prizes.get(consolation=True).key
    return DrawnShares(version, odds_of(version), consolation, rolled, moments, fallbacks)

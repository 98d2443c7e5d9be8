"""What a draft of a pool gives more than what members draw from: stock, and value in a draw. Reads only.

The first version of a pool raises nothing: no campaign draws from it before two people have looked at that.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from operations.four_eyes import STOCK, VALUE
from rewards.expectations import expectation
from rewards.models import Gift, PrizePool
from rewards.money import CENTS, symbol
from rewards.odds import percent_text
from rewards.pool_changes import limit_names
from rewards.pool_terms import PoolTerms, PrizeTerms, terms_of_draft, terms_of_version

# Their amount says more than their value in money, which is often not entered.
COUNTED = (Gift.Kind.POINTS, Gift.Kind.GROWTH, Gift.Kind.CHANCES)


@dataclass(frozen=True, slots=True)
class Raise:
    """One thing that a draft gives more of, in words; `area` is that of `operations.four_eyes`."""

    area: str
    what: str
    now: str
    then: str


def raises_of(pool: PrizePool) -> list[Raise]:
    """Return what the pool's draft raises. `pool` comes with its current version, or is one that has none."""
    if pool.current is None:
        return []
    before = terms_of_version(pool.current, pool.current.prizes.select_related("gift"))
    after = terms_of_draft(pool, pool.prizes.select_related("gift"))
    live = {row["key"]: row["all"] for row in pool.stocks.order_by().values("key").annotate(all=Sum("stock"))}
    return [*_stocks(before, after, live), *_worth(before, after)]


def _stocks(before: PoolTerms, after: PoolTerms, live: dict[str, int]) -> Iterator[Raise]:
    names = limit_names()
    for prize in after.prizes:
        was = before.prize(prize.key)
        if was is None or prize.consolation:
            continue
        # The stock of draws is what is live, which an earlier version may have set.
        limits = {limit: (getattr(was, limit), getattr(prize, limit)) for limit in names}
        if was.stock is not None and prize.key in live:
            limits["stock"] = (live[prize.key], prize.stock)
        for limit, (old, new) in limits.items():
            if old is not None and (new is None or new > old):
                yield Raise(STOCK, f"“{prize.name}”, {names[limit]}", _shown(old), _shown(new))


def _worth(before: PoolTerms, after: PoolTerms) -> Iterator[Raise]:
    old, new = expectation(before.prizes), expectation(after.prizes)
    if new.value > old.value:
        yield Raise(VALUE, _("Value of a draw on average"), _cents(old.value), _cents(new.value))
    if new.cost > old.cost:
        yield Raise(VALUE, _("Cost of a draw on average"), _cents(old.cost), _cents(new.cost))
    was, now = _odds(before.prizes), _odds(after.prizes)
    for gift, (name, odds) in now.items():
        if odds > was.get(gift, ("", 0))[1]:
            first = was.get(gift, ("", 0))[1]
            what = _("Odds of “%(gift)s”") % {"gift": name}
            yield Raise(VALUE, what, f"{percent_text(first)} %", f"{percent_text(odds)} %")
    if _price(before.price, after.price):
        yield Raise(VALUE, _("Price of a draw in points"), str(before.price), str(after.price))


def _odds(prizes: Iterable[PrizeTerms]) -> dict[int, tuple[str, int]]:
    """Return {gift: (name, odds)} of what is counted, and not in money."""
    odds, names = Counter[int](), {}
    for prize in prizes:
        if prize.kind in COUNTED:
            odds[prize.gift_id] += prize.odds
            names[prize.gift_id] = prize.name
    return {gift: (names[gift], total) for gift, total in odds.items()}


def _price(old: int | None, new: int | None) -> bool:
    return old is not None and new is not None and new < old


def _cents(amount: Decimal) -> str:
    return f"{symbol()}{amount / CENTS:,.4f}"


def _shown(value: int | None) -> str:
    return _("no limit") if value is None else f"{value:,}"

"""A draft or a published version as a simulation reads it."""

from collections import Counter
from collections.abc import Iterable, Mapping

from django.db.models import Count, Sum

from rewards.models import Budget, BudgetUse, CouponCode, Gift, PoolVersion, PoolVersionPrize, Prize, PrizePool, Quota
from rewards.models.pools import PoolRules, PrizeLimits
from rewards.money import as_cents
from rewards.simulated_pool import GiftLimits, Per, SimulatedBudget, SimulatedPool, SimulatedPrize
from rewards.supplies import free_codes

PER = {
    Budget.Per.TOTAL: (Per.TOTAL, False),
    Budget.Per.DAY: (Per.DAY, False),
    Budget.Per.MEMBER: (Per.TOTAL, True),
    Budget.Per.MEMBER_DAY: (Per.DAY, True),
}


def version_to_simulate(version: PoolVersion) -> SimulatedPool:
    """Return a version as if it were published now: all of its stock is there. Raises ValueError."""
    prizes = version.prizes.select_related("gift").order_by("floor", "ceiling")
    return _pool(version, [_published(prize) for prize in prizes], {prize.gift for prize in prizes})


def draft_to_simulate(pool: PrizePool) -> SimulatedPool:
    """Return the draft as it would be published now, with the stock that is left. Raises ValueError."""
    prizes = list(pool.prizes.select_related("gift"))
    issued = dict(pool.stocks.values_list("key").annotate(given=Sum("issued")))
    return _pool(pool, [_drafted(prize, issued.get(prize.key, 0)) for prize in prizes], {each.gift for each in prizes})


def draft_alone(pool: PrizePool) -> SimulatedPool:
    """The same without what its gifts limit by themselves: their codes are not counted. Raises ValueError."""
    prizes = list(pool.prizes.select_related("gift"))
    issued = dict(pool.stocks.values_list("key").annotate(given=Sum("issued")))
    return _rules(pool, [_drafted(prize, issued.get(prize.key, 0)) for prize in prizes])


def budgets_left(pool: PrizePool) -> list[SimulatedBudget]:
    """Return the budgets of the pool itself; of one for all draws what is left."""
    budgets = list(Budget.objects.filter(scope=f"pool:{pool.slug}", active=True).order_by("pk"))
    uses = BudgetUse.objects.filter(budget__in=budgets, day=None, member=None)
    spent = {use.budget_id: use.spent for use in uses}
    return [SimulatedBudget(max(each.cents - spent.get(each.pk, 0), 0), *PER[Budget.Per(each.per)]) for each in budgets]


def _pool(rules: PoolRules, prizes: list[SimulatedPrize], gifts: Iterable[Gift]) -> SimulatedPool:
    return _rules(rules, prizes, tuple(limits_of_gifts(gifts, most=_most(prizes))))


def _most(prizes: Iterable[SimulatedPrize]) -> dict[str, int]:
    """How many of each gift the prizes can give at most; a gift is left out that some prize gives without end."""
    most: Counter[str] = Counter()
    endless = {prize.gift for prize in prizes if prize.stock is None}
    for prize in prizes:
        if prize.stock is not None and prize.gift not in endless:
            most[prize.gift] += prize.stock
    return dict(most)


def _rules(rules: PoolRules, prizes: list[SimulatedPrize], gifts: tuple[GiftLimits, ...] = ()) -> SimulatedPool:
    return SimulatedPool(
        tuple(prizes),
        gifts=gifts,
        wins_per_member=rules.wins_per_member,
        guarantee_after=rules.guarantee_after,
        guarantee_prize=rules.guarantee_prize,
    )


def _published(prize: PoolVersionPrize) -> SimulatedPrize:
    return SimulatedPrize(
        name=prize.name, cost=prize.cost, face_value=prize.face_value, stock=prize.stock, **_facts(prize)
    )


def _drafted(prize: Prize, issued: int) -> SimulatedPrize:
    stock = None if prize.stock is None else max(prize.stock - issued, 0)
    gift = prize.gift
    return SimulatedPrize(
        name=gift.name, cost=as_cents(gift.cost), face_value=as_cents(gift.face_value), stock=stock, **_facts(prize)
    )


def _facts(prize: PrizeLimits) -> dict:
    names = ("key", "odds", "per_day", "per_hour", "per_member", "consolation")
    return {name: getattr(prize, name) for name in names} | {"gift": prize.gift.slug}  # type: ignore[attr-defined]


def limits_of_gifts(gifts: Iterable[Gift], *, most: Mapping[str, int] | None = None) -> Iterable[GiftLimits]:
    """Yield what gifts limit by themselves: stock and codes as far as they are left.

    Of a gift in `most` its codes are counted no further than that.
    """
    by_slug = {gift.slug: gift for gift in gifts}
    taken = dict(
        Quota.objects.filter(member=None, key__in=[f"gift:{slug}" for slug in by_slug]).values_list("key", "used")
    )
    coupons = [gift for gift in by_slug.values() if gift.kind == Gift.Kind.COUPON]
    bounded = {gift.pk: (most or {})[gift.slug] for gift in coupons if gift.slug in (most or {})}
    free = _all_free([gift for gift in coupons if gift.pk not in bounded]) | (free_codes(bounded) if bounded else {})
    for slug, gift in sorted(by_slug.items()):
        stock = None if gift.stock is None else max(gift.stock - taken.get(f"gift:{slug}", 0), 0)
        codes = free.get(gift.pk, 0) if gift in coupons else None
        if (stock, gift.per_member, codes) != (None, None, None):
            yield GiftLimits(slug, stock, gift.per_member, codes)


def _all_free(coupons: list[Gift]) -> dict[int, int]:
    if not coupons:
        return {}
    return dict(CouponCode.objects.filter(gift__in=coupons, award=None).values_list("gift").annotate(Count("pk")))

"""Prize pools: what is wrong with a draft, and publishing it as a version that never changes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from operations import audit
from rewards.models import CouponCode, Gift, PoolVersion, PoolVersionPrize, Prize, PrizePool, PrizeStock
from rewards.models.pools import PoolRules, PrizeLimits
from rewards.odds import SCALE, Odds, percent_text, ranges

# What a draft hands on to its version as it is.
LIMITS = [field.name for field in PrizeLimits._meta.fields]
RULES = [field.name for field in PoolRules._meta.fields]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a pool cannot be published: a code for programs, a sentence for operators."""

    code: str
    message: str


class PoolNotReady(Exception):
    """The pool has faults; all of them are in `faults`."""

    def __init__(self, faults: Sequence[Fault]):
        super().__init__(" ".join(fault.message for fault in faults))
        self.faults = faults


def faults(pool: PrizePool) -> list[Fault]:
    """Return everything that keeps the pool from being published; an empty list if nothing does."""
    prizes = list(pool.prizes.select_related("gift"))
    if not prizes:
        return [Fault("no_prizes", _("The pool has no prizes."))]
    issued = dict(pool.stocks.values_list("key", "issued"))
    return [
        *_faults_of_odds(prizes),
        *_faults_of_consolation(prizes),
        *_faults_of_stock(prizes, issued),
        *_faults_of_codes(prizes, issued),
    ]


def _faults_of_odds(prizes: Sequence[Prize]) -> Iterator[Fault]:
    missing = SCALE - sum(prize.odds for prize in prizes)
    if missing > 0:
        percent = {"percent": percent_text(missing)}
        yield Fault("odds_short", _("The odds do not total 100 %%: %(percent)s %% is missing.") % percent)
    if missing < 0:
        percent = {"percent": percent_text(-missing)}
        yield Fault("odds_over", _("The odds do not total 100 %%: they are %(percent)s %% over.") % percent)
    for prize in prizes:
        if prize.odds == 0 and not prize.consolation:
            message = _("Prize “%(prize)s” has no odds: nobody can win it.") % {"prize": prize.key}
            yield Fault("zero_odds", message)


def _faults_of_consolation(prizes: Sequence[Prize]) -> Iterator[Fault]:
    consolation = next((prize for prize in prizes if prize.consolation), None)
    if consolation is None:
        yield Fault("no_consolation", _("The pool has no consolation prize."))
    elif consolation.gift.kind == Gift.Kind.COUPON:
        message = _("The consolation prize “%(prize)s” needs a code for each award, so it can run out.")
        yield Fault("consolation_can_run_out", message % {"prize": consolation.key})


def _faults_of_stock(prizes: Sequence[Prize], issued: dict[str, int]) -> Iterator[Fault]:
    for prize in prizes:
        if prize.stock is not None and prize.stock < issued.get(prize.key, 0):
            message = _("Prize “%(prize)s” has a stock of %(stock)d, but %(issued)d were given already.")
            words = {"prize": prize.key, "stock": prize.stock, "issued": issued[prize.key]}
            yield Fault("stock_below_issued", message % words)


def _faults_of_codes(prizes: Sequence[Prize], issued: dict[str, int]) -> Iterator[Fault]:
    """A coupon needs a free code for each that may still be won; one without a limit needs a code at all."""
    needed: Counter[Gift] = Counter()
    for prize in prizes:
        if prize.gift.kind == Gift.Kind.COUPON and not prize.consolation:
            needed[prize.gift] += 1 if prize.stock is None else max(prize.stock - issued.get(prize.key, 0), 0)
    free = dict(
        CouponCode.objects.filter(gift__in=needed, award=None).values_list("gift_id").annotate(free=Count("id"))
    )
    for gift, count in needed.items():
        if free.get(gift.pk, 0) < count:
            message = _("Coupon “%(gift)s” needs %(needed)d free codes and has %(free)d.")
            words = {"gift": gift.name, "needed": count, "free": free.get(gift.pk, 0)}
            yield Fault("codes_short", message % words)


@transaction.atomic
def publish_pool(pool: PrizePool, *, by: User | None, now: datetime) -> PoolVersion:
    """Publish the draft as the pool's current version. A draft like the current version returns that one.

    Stock is live and kept across versions: it may be raised, and lowered down to what was given.
    Raises PoolNotReady with all faults.
    """
    pool = PrizePool.objects.select_for_update(of=("self",)).select_related("current").get(pk=pool.pk)
    if found := faults(pool):
        raise PoolNotReady(found)
    prizes = list(pool.prizes.select_related("gift"))
    same = pool.current is not None and all(getattr(pool, rule) == getattr(pool.current, rule) for rule in RULES)
    if pool.current is not None and same and _content(_ranged(prizes)) == _content(pool.current.prizes.all()):
        return pool.current
    _set_stocks(pool, prizes)
    version = _write_version(pool, prizes, by=by, now=now)
    previous, pool.current = pool.current, version
    pool.save(update_fields=["current"])
    numbers = [previous.number if previous else None, version.number]
    audit.record("prize_pool.published", pool, by=by, now=now, changes={"version": numbers})
    return version


def odds_of(version: PoolVersion) -> list[Odds]:
    """Return a version's odds in the order of their rolls, for `prize_for_roll`."""
    return [Odds(prize.key, prize.odds) for prize in version.prizes.order_by("floor", "ceiling")]


def _ranged(prizes: Sequence[Prize]) -> list[PoolVersionPrize]:
    odds = [Odds(prize.key, prize.odds) for prize in prizes]
    return [
        PoolVersionPrize(
            key=prize.key,
            gift_id=prize.gift_id,
            floor=floor,
            ceiling=ceiling,
            **{limit: getattr(prize, limit) for limit in LIMITS},
            name=prize.gift.name,
            kind=prize.gift.kind,
            face_value=int(prize.gift.face_value * 100),
            cost=int(prize.gift.cost * 100),
            position=position,
        )
        for position, (prize, (_key, floor, ceiling)) in enumerate(zip(prizes, ranges(odds), strict=True))
    ]


def _content(prizes: Iterable[PoolVersionPrize]) -> list[tuple]:
    fields = ("key", "gift_id", "floor", "ceiling", "name", "kind", "face_value", "cost", *LIMITS)
    return [tuple(getattr(prize, field) for field in fields) for prize in prizes]


def _set_stocks(pool: PrizePool, prizes: Sequence[Prize]) -> None:
    """Set the live stocks. Guarded: draws go on while a pool is published."""
    for prize in prizes:
        if prize.stock is None:
            continue
        stock, created = PrizeStock.objects.get_or_create(pool=pool, key=prize.key, defaults={"stock": prize.stock})
        enough = Q(issued__lte=prize.stock)
        if not created and not PrizeStock.objects.filter(enough, pk=stock.pk).update(stock=prize.stock):
            issued = {prize.key: PrizeStock.objects.get(pk=stock.pk).issued}
            raise PoolNotReady(list(_faults_of_stock([prize], issued)))


def _write_version(pool: PrizePool, prizes: Sequence[Prize], *, by: User | None, now: datetime) -> PoolVersion:
    last = pool.versions.aggregate(last=Max("number"))["last"] or 0
    rules = {rule: getattr(pool, rule) for rule in RULES}
    version = PoolVersion.objects.create(pool=pool, number=last + 1, published_at=now, published_by=by, **rules)
    ranged = _ranged(prizes)
    for prize in ranged:
        prize.version = version
    PoolVersionPrize.objects.bulk_create(ranged)
    return version

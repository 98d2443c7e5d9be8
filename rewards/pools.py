"""Prize pools: what is wrong with a draft, and publishing it as a version that never changes."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from operations import audit, four_eyes
from operations.four_eyes import Seen
from rewards import pool_changes, pool_raises, prize_stocks
from rewards.models import PoolVersion, PoolVersionPrize, Prize, PrizePool
from rewards.odds import Odds, ranges
from rewards.pool_changes import Point
from rewards.pool_faults import Draft, Fault, draft_of, faults_of, stock_below_issued, warnings_of
from rewards.pool_terms import LIMITS, LOOKS, RULES, PoolTerms, terms_of_draft, terms_of_version

__all__ = ["Fault", "PoolNotReady", "faults", "odds_of", "publish_pool", "refusals", "warnings", "worsenings"]

WORSEN = "rewards.worsen_prizepool"


class PoolNotReady(Exception):
    """The pool has faults; all of them are in `faults`."""

    def __init__(self, faults: Sequence[Fault]):
        super().__init__(" ".join(fault.message for fault in faults))
        self.faults = faults


def faults(pool: PrizePool, *, now: datetime) -> list[Fault]:
    """Return everything that is wrong with the pool's draft; an empty list if nothing is."""
    return faults_of(_draft(pool, now=now))


def warnings(pool: PrizePool, *, now: datetime) -> list[Fault]:
    """Return what operators should know before they publish the draft."""
    return warnings_of(_draft(pool, now=now))


def worsenings(pool: PrizePool) -> list[Point]:
    """Return each point in which the draft is worse for participants than the version they draw from.

    None before the launch: a pool is launched once it has a draw.
    """
    if pool.current is None or settings.DRAWS_MAY_WORSEN or not is_launched(pool):
        return []
    return _worsenings(pool.current, _promised(pool, _prizes(pool)))


def refusals(pool: PrizePool, *, now: datetime) -> list[Fault]:
    """Return everything that keeps the draft from being published by whoever gives no reason."""
    return [*faults(pool, now=now), *(_against_participants(point) for point in worsenings(pool))]


def is_launched(pool: PrizePool) -> bool:
    """Tell whether anybody has drawn from the pool."""
    return PoolVersion.objects.filter(pool=pool, draws__isnull=False).exists()


@transaction.atomic
def publish_pool(
    pool: PrizePool, *, by: User | None, now: datetime, reason: str = "", seen: Seen | None = None
) -> PoolVersion:
    """Publish the draft as the pool's current version. A draft like the current version returns that one.

    Stock is live and kept across versions: it may be raised, and lowered down to what was given. After the launch a
    version that is worse for participants needs a reason, and somebody who may decide that (L1). One that gives more
    needs a second person (`seen`), unless nobody asks for it but the system itself.
    Raises PoolNotReady with all faults.
    """
    # Not the key: a draw refers to the pool where it has a guaranteed win, and must not wait while it holds stock.
    locked = PrizePool.objects.select_for_update(of=("self",), no_key=True)
    pool = locked.select_related("current").get(pk=pool.pk)
    prizes = _prizes(pool)
    if found := faults_of(draft_of(pool, prizes, now=now)):
        raise PoolNotReady(found)
    terms = _promised(pool, prizes)
    points = _points_allowed(pool, by=by, reason=reason)
    if by is not None and (unseen := _unseen(pool, seen)):
        raise PoolNotReady(unseen)
    try:
        prize_stocks.set_stocks(pool, prizes)
    except prize_stocks.StockBelowIssued as refused:
        # Draws went on since the faults were looked for.
        raise PoolNotReady([stock_below_issued(refused.key, refused.stock, refused.issued)]) from None
    if pool.current is not None and terms == _published(pool.current):
        return pool.current
    version = _write_version(pool, terms, by=by, now=now, reason=reason if points else "")
    previous, pool.current = pool.current, version
    pool.save(update_fields=["current"])
    changes: dict = {"version": [previous.number if previous else None, version.number]}
    if points:
        changes["against participants"] = [None, [point.message for point in points]]
    audit.record("prize_pool.published", pool, by=by, now=now, changes=changes, reason=version.reason)
    return version


def check(pool: PrizePool, *, by: User, now: datetime, reason: str = "") -> None:
    """Raise PoolNotReady unless `by` might publish the draft, but for the second person that it may need."""
    if found := faults(pool, now=now):
        raise PoolNotReady(found)
    _points_allowed(pool, by=by, reason=reason)


def needs_second_person(pool: PrizePool) -> bool:
    """Tell whether the draft gives more than one person may let out here."""
    return bool(_unseen(pool, None))


def promised(pool: PrizePool) -> PoolTerms:
    """Return what the draft promises."""
    return _promised(pool, _prizes(pool))


def changes(pool: PrizePool) -> list[Point]:
    """Return every difference of the draft from the version that members draw from; none before there is one."""
    return [] if pool.current is None else pool_changes.differences(_published(pool.current), promised(pool))


def _unseen(pool: PrizePool, seen: Seen | None) -> list[Fault]:
    raises = pool_raises.raises_of(pool)
    stopped = four_eyes.stops({each.area for each in raises}, seen)
    message = _("This needs a second person: %(what)s, from %(old)s to %(new)s.")
    return [
        Fault("needs_second_person", message % {"what": each.what, "old": each.now, "new": each.then})
        for each in raises
        if each.area in stopped
    ]


def odds_of(version: PoolVersion) -> list[Odds]:
    """Return a version's odds in the order of their rolls, for `prize_for_roll`."""
    return [Odds(prize.key, prize.odds) for prize in version.prizes.order_by("floor", "ceiling")]


def _points_allowed(pool: PrizePool, *, by: User | None, reason: str) -> list[Point]:
    """Return the points against participants that `by` may publish. Raises PoolNotReady where there are others."""
    points = worsenings(pool)
    if points and not (reason.strip() and by is not None and by.has_perm(WORSEN)):
        raise PoolNotReady([_against_participants(point) for point in points])
    return points


def _against_participants(point: Point) -> Fault:
    message = _("After the launch a pool changes only in the participants' favour. %(point)s")
    return Fault(f"worse_{point.code}", message % {"point": point.message})


def _worsenings(version: PoolVersion, terms: PoolTerms) -> list[Point]:
    return pool_changes.worsenings(_published(version), terms)


def _draft(pool: PrizePool, *, now: datetime) -> Draft:
    return draft_of(pool, _prizes(pool), now=now)


def _prizes(pool: PrizePool) -> list[Prize]:
    return list(pool.prizes.select_related("gift"))


def _promised(pool: PrizePool, prizes: Sequence[Prize]) -> PoolTerms:
    return terms_of_draft(pool, prizes)


def _published(version: PoolVersion) -> PoolTerms:
    return terms_of_version(version, version.prizes.select_related("gift"))


def _write_version(pool: PrizePool, terms: PoolTerms, *, by: User | None, now: datetime, reason: str) -> PoolVersion:
    last = pool.versions.aggregate(last=Max("number"))["last"] or 0
    rules = {rule: getattr(terms, rule) for rule in (*RULES, *LOOKS)}
    version = PoolVersion.objects.create(
        pool=pool, number=last + 1, published_at=now, published_by=by, reason=reason.strip(), **rules
    )
    odds = [Odds(prize.key, prize.odds) for prize in terms.prizes]
    PoolVersionPrize.objects.bulk_create(
        PoolVersionPrize(
            version=version,
            key=prize.key,
            gift_id=prize.gift_id,
            name=prize.name,
            kind=prize.kind,
            face_value=prize.face_value,
            cost=prize.cost,
            floor=floor,
            ceiling=ceiling,
            position=position,
            **{limit: getattr(prize, limit) for limit in LIMITS},
        )
        for position, (prize, (_key, floor, ceiling)) in enumerate(zip(terms.prizes, ranges(odds), strict=True))
    )
    return version

"""Everything that keeps a draft of a pool from being published, found at once; and what its operators should know."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from rewards import supplies
from rewards.models import Gift, Prize, PrizePool
from rewards.money import yuan
from rewards.odds import SCALE, percent_text
from rewards.pool_terms import in_cents


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a pool cannot be published, or what is doubtful about it: a code for programs, a sentence for operators."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with all that decides about it, loaded once. `issued`: prize key → how many were given."""

    pool: PrizePool
    prizes: Sequence[Prize]
    issued: Mapping[str, int]
    supplies: supplies.Supplies
    now: datetime


def draft_of(pool: PrizePool, prizes: Sequence[Prize], *, now: datetime) -> Draft:
    """Load what decides about a draft with these prizes (with their gifts), saved or only typed."""
    issued: dict[str, int] = {}
    for key, count in pool.stocks.values_list("key", "issued") if pool.pk else []:
        issued[key] = issued.get(key, 0) + count
    needed = supplies.needed(prizes, issued)
    return Draft(pool, prizes, issued, supplies.left_of(needed), now)


def faults_of(draft: Draft) -> list[Fault]:
    """Return everything that keeps the draft from being published; an empty list if nothing does."""
    if not draft.prizes:
        return [Fault("no_prizes", _("The pool has no prizes."))]
    return [
        *_odds(draft.prizes),
        *_consolation(draft.prizes),
        *_every_draw_wins(draft),
        *_guarantee(draft),
        *_stock(draft),
        *_limits(draft.prizes),
        *_rules(draft.pool),
        *_worth(draft.prizes),
        *_gifts(draft),
    ]


def _odds(prizes: Sequence[Prize]) -> Iterator[Fault]:
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


def _consolation(prizes: Sequence[Prize]) -> Iterator[Fault]:
    """It must be there for every draw: nothing that is counted, kept on a shelf, paid out, or begets further draws."""
    prize = next((prize for prize in prizes if prize.consolation), None)
    if prize is None:
        yield Fault("no_consolation", _("The pool has no consolation prize."))
        return
    gift, words = prize.gift, {"prize": prize.key}
    if gift.kind == Gift.Kind.COUPON:
        message = _("The consolation prize “%(prize)s” needs a code for each award, so it can run out.")
        yield Fault("consolation_can_run_out", message % words)
    if gift.kind == Gift.Kind.PHYSICAL:
        message = _("The consolation prize “%(prize)s” has to be sent: what lies on a shelf can run out.")
        yield Fault("consolation_can_run_out", message % words)
    if gift.kind == Gift.Kind.RED_PACKET:
        message = _("The consolation prize “%(prize)s” is paid out in money: a payment can fail.")
        yield Fault("consolation_can_run_out", message % words)
    if gift.stock is not None or gift.per_member is not None:
        message = _("The gift of the consolation prize “%(prize)s” has a stock or a limit per member: it can run out.")
        yield Fault("consolation_can_run_out", message % words)
    if gift.kind == Gift.Kind.CHANCES and not gift.draws_in:
        message = _("The consolation prize “%(prize)s” gives another draw: the draws would never end.")
        yield Fault("draws_never_end", message % words)


def _every_draw_wins(draft: Draft) -> Iterator[Fault]:
    if not draft.pool.every_draw_wins:
        return
    for prize in draft.prizes:
        if (prize.odds or prize.consolation) and not is_worth_something(prize.gift):
            message = _("Every draw is to win, but prize “%(prize)s” is worth nothing.")
            yield Fault("worth_nothing", message % {"prize": prize.key})


def is_worth_something(gift: Gift) -> bool:
    """Tell whether a gift is a win: what is counted, or what has a face value. Words of thanks are none."""
    if gift.kind == Gift.Kind.THANKS:
        return False
    return gift.kind in (Gift.Kind.POINTS, Gift.Kind.GROWTH, Gift.Kind.CHANCES) or gift.face_value > 0


def _guarantee(draft: Draft) -> Iterator[Fault]:
    after, key = draft.pool.guarantee_after, draft.pool.guarantee_prize
    if (after is None) is not (key == ""):
        message = _("A guaranteed win needs both: at which draw at the latest, and which prize.")
        yield Fault("guarantee_half", message)
        return
    if after is None:
        return
    if after < 2:
        yield Fault("guarantee_too_soon", _("A win can be guaranteed at the second draw or later."))
    prize = _guaranteed(draft)
    if prize is None:
        message = _("The guaranteed prize “%(prize)s” is no prize of this pool.")
        yield Fault("guarantee_unknown", message % {"prize": key})
    elif prize.consolation:
        yield Fault("guarantee_consolation", _("The guaranteed prize cannot be the consolation prize."))


def _guaranteed(draft: Draft) -> Prize | None:
    return next((prize for prize in draft.prizes if prize.key == draft.pool.guarantee_prize), None)


def _stock(draft: Draft) -> Iterator[Fault]:
    for prize in draft.prizes:
        issued = draft.issued.get(prize.key, 0)
        words = {"prize": prize.key, "stock": prize.stock, "issued": issued, "slices": prize.slices}
        if prize.stock is not None and prize.stock < issued:
            yield stock_below_issued(prize.key, prize.stock, issued)
        elif prize.stock == 0:
            message = _("Prize “%(prize)s” has a stock of 0: nobody can win it.")
            yield Fault("stock_zero", message % words)
        if prize.slices > 1 and prize.stock is None:
            message = _("Prize “%(prize)s” has no stock that %(slices)d rows could hold.")
            yield Fault("slices_without_stock", message % words)
        elif prize.stock and prize.slices > prize.stock:
            message = _("Prize “%(prize)s” has more rows of stock (%(slices)d) than pieces (%(stock)d).")
            yield Fault("slices_over_stock", message % words)


def stock_below_issued(key: str, stock: int, issued: int) -> Fault:
    """Say that a stock cannot be set to less than what was given."""
    message = _("Prize “%(prize)s” has a stock of %(stock)d, but %(issued)d were given already.")
    return Fault("stock_below_issued", message % {"prize": key, "stock": stock, "issued": issued})


def _limits(prizes: Sequence[Prize]) -> Iterator[Fault]:
    """A limit that a wider one never lets anybody reach is a slip of the pen."""
    order = (("per_hour", _("an hour")), ("per_day", _("a day")), ("stock", _("in all")))
    for prize in prizes:
        for limit, words in (*order[:2], ("per_member", _("for one member"))):
            if getattr(prize, limit) == 0:
                message = _("Prize “%(prize)s”: 0 %(limit)s means that nobody can win it. Leave it empty for no limit.")
                yield Fault("limit_zero", message % {"prize": prize.key, "limit": words})
        pairs = [(order[0], order[1]), (order[0], order[2]), (order[1], order[2])]
        for (small, its_words), (large, other_words) in [*pairs, (("per_member", _("for one member")), order[2])]:
            few, many = getattr(prize, small), getattr(prize, large)
            if few is not None and many is not None and few > many:
                message = _("Prize “%(prize)s”: %(few)d %(small)s are more than %(many)d %(large)s.")
                values = {"prize": prize.key, "few": few, "small": its_words, "many": many, "large": other_words}
                yield Fault("limits_crossed", message % values)


def _rules(pool: PrizePool) -> Iterator[Fault]:
    if pool.price == 0:
        yield Fault("price_zero", _("A draw cannot cost 0 points. Leave the price empty if draws are not for sale."))
    if pool.bought_per_day is not None and pool.price is None:
        yield Fault("bought_without_price", _("Draws that may be bought a day are limited, but draws have no price."))
    for rule in (pool.bought_per_day, pool.draws_per_day, pool.wins_per_member):
        if rule == 0:
            message = _("A limit of 0 draws or wins shuts the pool for everybody. Leave it empty for no limit.")
            yield Fault("rule_zero", message)
    if pool.bought_per_day and pool.draws_per_day and pool.bought_per_day > pool.draws_per_day:
        message = _("A member may buy more draws a day (%(bought)d) than draw (%(draws)d).")
        yield Fault("rules_crossed", message % {"bought": pool.bought_per_day, "draws": pool.draws_per_day})


def _worth(prizes: Sequence[Prize]) -> Iterator[Fault]:
    cap: Decimal | None = settings.LOTTERY_PRIZE_CAP
    if cap is None:
        return
    for prize in prizes:
        worth = max(prize.gift.face_value, prize.gift.cost)
        if worth > cap:
            message = _("Prize “%(prize)s” is worth %(worth)s: the law allows %(cap)s for one prize of a lottery.")
            words = {"prize": prize.key, "worth": yuan(in_cents(worth)), "cap": yuan(in_cents(cap))}
            yield Fault("over_legal_cap", message % words)


def _gifts(draft: Draft) -> Iterator[Fault]:
    for prize in draft.prizes:
        until = prize.gift.valid_until
        if until is not None and until <= draft.now:
            message = _("The validity of gift “%(gift)s” (prize “%(prize)s”) has ended.")
            yield Fault("gift_expired", message % {"gift": prize.gift.name, "prize": prize.key})
    for short in draft.supplies.short():
        words = {"gift": short.name, "needed": short.needed, "free": short.left}
        if short.of_codes:
            message = _("Coupon “%(gift)s” needs %(needed)d free codes and has %(free)d.")
            yield Fault("codes_short", message % words)
        else:
            message = _("Gift “%(gift)s” is promised %(needed)d times and %(free)d are left of its stock.")
            yield Fault("gift_short", message % words)


def warnings_of(draft: Draft) -> list[Fault]:
    """Return what does not keep the draft from being published, but should be known before."""
    return [*_guarantee_at_risk(draft), *_hidden_limits(draft), *_dear_odds(draft), *_endless(draft.prizes)]


def _guarantee_at_risk(draft: Draft) -> Iterator[Fault]:
    prize = _guaranteed(draft) if draft.pool.guarantee_after else None
    if prize is None or prize.consolation:
        return
    limits = (prize.stock, prize.per_day, prize.per_hour, prize.per_member, prize.gift.stock, prize.gift.per_member)
    counted = prize.gift.kind == Gift.Kind.COUPON or draft.pool.wins_per_member is not None
    if counted or any(limit is not None for limit in limits):
        message = _(
            "The guaranteed prize “%(prize)s” can run out or reach a limit; who is due it then gets the consolation"
            " prize. The published rules say so. A prize without limits keeps the promise always."
        )
        yield Fault("guarantee_at_risk", message % {"prize": prize.key})


def _hidden_limits(draft: Draft) -> Iterator[Fault]:
    for prize in draft.prizes:
        most = prize.gift.per_member
        if most is not None and (prize.per_member is None or prize.per_member > most) and not prize.consolation:
            message = _(
                "Gift “%(gift)s” is given to one member %(most)d times at most, here and elsewhere: prize “%(prize)s”"
                " should say so."
            )
            yield Fault("gift_limit_hidden", message % {"gift": prize.gift.name, "most": most, "prize": prize.key})


def _dear_odds(draft: Draft) -> Iterator[Fault]:
    """Half of a day's thousand draws or more that win what only so few may: most winners are turned away."""
    for prize in draft.prizes:
        limits = [limit for limit in (prize.per_day, prize.stock) if limit is not None]
        if limits and min(limits) * 2 <= prize.odds // 1_000:
            message = _(
                "Prize “%(prize)s” is hit %(hits)d times in 1,000 draws and only %(few)d can be won: most who hit it"
                " will get the consolation prize."
            )
            words = {"prize": prize.key, "hits": prize.odds // 1_000, "few": min(limits)}
            yield Fault("odds_beyond_stock", message % words)


def _endless(prizes: Sequence[Prize]) -> Iterator[Fault]:
    """Draws that give one further draw or more on average, in the same scope, go on until a limit stops them."""
    again = [prize for prize in prizes if prize.gift.kind == Gift.Kind.CHANCES and not prize.gift.draws_in]
    given = sum(prize.odds * (prize.gift.amount or 0) for prize in again if not prize.consolation)
    if given >= SCALE:
        message = _(
            "A draw gives %(draws)s further draws on average: with one or more they go on until a limit stops them."
        )
        yield Fault("draws_never_end", message % {"draws": f"{Decimal(given) / SCALE:.2f}"})

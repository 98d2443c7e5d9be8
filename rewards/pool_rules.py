"""The rules of a pool in words, as participants read them before they draw (L1). What draws follow is what is said."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from operations.sentences import listed
from rewards.models import Gift
from rewards.pool_terms import PoolTerms, PrizeTerms

ON_ACCOUNT = (Gift.Kind.POINTS, Gift.Kind.GROWTH, Gift.Kind.CHANCES)
COUPONS = (Gift.Kind.COUPON, Gift.Kind.SHARED_COUPON)


def rules_in_words(terms: PoolTerms) -> list[str]:
    """Return every rule of the pool that its prizes do not say themselves, a sentence each."""
    return [*_chances(terms), *_guarantee(terms), *_limits(terms), *_released_by_time(terms)]


def _chances(terms: PoolTerms) -> Iterator[str]:
    yield _("Each draw uses one chance. The probabilities total 100% and are the same for every draw from this pool.")
    if terms.every_draw_wins:
        yield _("Every draw wins: there are no blanks.")
    if terms.price is not None:
        yield _("Without a chance, a draw costs %(price)d points.") % {"price": terms.price}
        if terms.bought_per_day is not None:
            bought = ngettext(
                "At most %(count)d draw a day can be had for points.",
                "At most %(count)d draws a day can be had for points.",
                terms.bought_per_day,
            )
            yield bought % {"count": terms.bought_per_day}
    if terms.draws_per_day is not None:
        most = ngettext(
            "You can draw at most %(count)d time a day.",
            "You can draw at most %(count)d times a day.",
            terms.draws_per_day,
        )
        yield most % {"count": terms.draws_per_day}


def _guarantee(terms: PoolTerms) -> Iterator[str]:
    prize = terms.prize(terms.guarantee_prize)
    if terms.guarantee_after is None or prize is None:
        return
    message = _(
        "Guaranteed win: whoever draws %(before)d times in a row and gets nothing but the consolation prize wins"
        " “%(prize)s” at draw %(after)d at the latest. Every win starts the count anew."
    )
    yield message % {"before": terms.guarantee_after - 1, "after": terms.guarantee_after, "prize": prize.name}
    if _can_be_gone(terms, prize):
        yield _("The guaranteed prize is given as long as it can be won; else it is the consolation prize.")


def _can_be_gone(terms: PoolTerms, prize: PrizeTerms) -> bool:
    limits = (prize.stock, prize.per_day, prize.per_hour, prize.per_member, terms.wins_per_member)
    return prize.kind == Gift.Kind.COUPON or any(limit is not None for limit in limits)


def _limits(terms: PoolTerms) -> Iterator[str]:
    if terms.wins_per_member is not None:
        wins = ngettext(
            "One member can win at most %(count)d prize here besides the consolation prize.",
            "One member can win at most %(count)d prizes here besides the consolation prize.",
            terms.wins_per_member,
        )
        yield wins % {"count": terms.wins_per_member}
    if terms.consolation is not None:
        message = _("A draw that hits a prize which has run out or reached a limit gives “%(prize)s”.")
        yield message % {"prize": terms.consolation.name}


def _released_by_time(terms: PoolTerms) -> Iterator[str]:
    timed = [prize.name for prize in terms.prizes if prize.released_by_time]
    if timed:
        message = _(
            "Released by time: of %(prizes)s only as many can be won each day or hour as are stated. What is not won"
            " in its time is not carried over. The probability of a draw stays the same."
        )
        yield message % {"prizes": listed(_("“%(prize)s”") % {"prize": name} for name in timed)}


def claiming_in_words(terms: PoolTerms) -> list[str]:
    """Return how each kind of prize in the pool comes to who wins it, a sentence each."""
    kinds = {prize.kind for prize in terms.prizes}
    told = [
        (ON_ACCOUNT, _("Points, growth value and draws are credited at once.")),
        (COUPONS, _("Coupons and their codes are under “Mine”, with the day they expire.")),
        ((Gift.Kind.PHYSICAL,), _("Tell us under “Mine” where to send what has to be sent; delivery is free.")),
        ((Gift.Kind.RED_PACKET,), _("Red packets are paid out to your account; their state is under “Mine”.")),
        ((Gift.Kind.LINK,), _("Links to what you won are under “Mine”.")),
    ]
    return [sentence for those, sentence in told if kinds & set(those)]


def limits_in_words(prize: PrizeTerms) -> list[str]:
    """Return how many of a prize there are, in few words: in all, by time, for one member."""
    words = [_("Unlimited") if prize.stock is None else _in_all(prize.stock)]
    if prize.per_day is not None:
        words.append(pgettext("prizes", "%(count)d a day") % {"count": prize.per_day})
    if prize.per_hour is not None:
        words.append(pgettext("prizes", "%(count)d an hour") % {"count": prize.per_hour})
    if prize.per_member is not None:
        words.append(pgettext("prizes", "at most %(count)d each") % {"count": prize.per_member})
    return words


def _in_all(stock: int) -> str:
    return ngettext("%(n)s in all", "%(n)s in all", stock) % {"n": stock}

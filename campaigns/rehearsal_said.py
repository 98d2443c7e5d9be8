"""What a rehearsal says in sentences: what is expected of each offer and why, and what lies behind a campaign."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from campaigns.offers.terms import FIRST_ORDER, GROUP
from campaigns.rehearsal.offered import Offered
from campaigns.rehearsal.rates import CHOSEN, LEARNED, Level, Rates
from campaigns.rehearsal.rehearsing import Expected


def offers(expected: Expected) -> Iterator[str]:
    """A sentence for each offer, of what is expected if as many take part as expected."""
    for each in expected.plays[Level.EXPECTED].offers:
        yield " ".join(_offer(each, expected.rates))


def _offer(each: Offered, rates: Rates) -> Iterator[str]:
    offer, standing = each.offer, each.standing
    words = {
        "offer": offer.title,
        "taken": _number(each.taken),
        "left": "" if standing.left is None else _number(standing.left),
        "share": f"{rates.taking(offer.kind) * 100:g}",
        "filled": f"{rates.filled:g}",
    }
    if not standing.is_open:
        yield _("“%(offer)s” is over: nothing more is taken of it.") % words
        return
    if standing.left is None:
        yield _("Of “%(offer)s” about %(taken)s are taken.") % words
    else:
        yield _("Of “%(offer)s” about %(taken)s are taken; %(left)s are left.") % words
    yield _because(offer.kind, rates) % words
    if offer.kind == FIRST_ORDER:
        yield _("Only who has not bought anything yet may have it.")
    if offer.kind == GROUP and offer.gifts:
        yield _("Of those who join a group, %(filled)s %% see it fill and get its gift.") % words


def _because(kind: str, rates: Rates) -> str:
    match rates.sources.get(kind):
        case str(source) if source == LEARNED:
            return _("As in earlier campaigns, %(share)s %% of the participants who may have it take it.")
        case str(source) if source == CHOSEN:
            return _("By the rates set here, %(share)s %% of the participants who may have it take it.")
    return _("It is assumed that %(share)s %% of the participants who may have it take it, one each.")


def already(expected: Expected) -> str:
    """How many of those reached took part already, and what the figures leave out therefore; "" if nobody did."""
    joined = expected.already.joined.intersection_cardinality(expected.reach.campaign)
    if not joined:
        return ""
    told = _(
        "The campaign reaches %(all)s members. %(joined)s of these took part already and are not counted again: of "
        "them only what they have not done yet is expected, and what comes back. All figures are of the time left."
    )
    return told % {"all": _number(len(expected.reach.campaign)), "joined": _number(joined)}


def _number(value: float) -> str:
    return f"{round(value):,}"

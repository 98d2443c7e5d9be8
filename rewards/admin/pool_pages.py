"""What stands around the form of a prize pool: what is live, what is wrong, and what draws would bring."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.charts import Bar, Bars, share
from rewards import pools
from rewards.drawn_shares import DrawnShares
from rewards.expectations import MANY, expectation
from rewards.fairness import FairnessTest
from rewards.live_stock import live_prizes
from rewards.models import Prize, PrizePool
from rewards.money import CENTS, short_money, symbol
from rewards.odds import SCALE, as_percent, percent_text
from rewards.pool_faults import draft_of, faults_of, warnings_of
from rewards.pool_terms import PrizeTerms, terms_of_draft

DOUBTFUL = 0.001
# Of the style sheet, beside the one of consolation prizes.
COLOURS = 7


def state_of(pool: PrizePool, *, now: datetime) -> dict[str, Any]:
    """Return what the page of a pool shows above its draft: what is wrong, and what is live."""
    version = pool.current
    live = live_prizes(version, now=now) if version else []
    return {
        "faults": pools.faults(pool, now=now),
        "doubts": pools.warnings(pool, now=now),
        "worse": pools.worsenings(pool),
        "live_version": version,
        "live_prizes": [(each, f"{percent_text(each.terms.odds)} %") for each in live],
        "live_timed": any(each.terms.released_by_time for each in live),
    }


def preview_of(pool: PrizePool, prizes: Sequence[Prize], *, now: datetime) -> dict[str, Any]:
    """Return what draws from a draft would bring, as far as it is typed; nothing is saved."""
    terms = terms_of_draft(pool, prizes)
    draft = draft_of(pool, prizes, now=now)
    expected = expectation(terms.prizes)
    return {
        "faults": [fault for fault in faults_of(draft) if not fault.code.startswith("odds_")],
        "doubts": warnings_of(draft),
        "timed": any(prize.released_by_time for prize in terms.prizes),
        "chart": hits(terms.prizes),
        "wins": percent_text(expected.wins),
        "stack": stack_of(terms.prizes),
        "cost": _of_one_draw(expected.cost),
        "value": _of_one_draw(expected.value),
        "cost_of_many": short_money(expected.cost_of_many),
        "many": MANY,
    }


@dataclass(frozen=True, slots=True)
class Slice:
    """A prize's part of a bar of 100 %: where it begins and its width in per cent; `colour` is a class's number."""

    name: str
    begins: float
    width: float
    shown: str
    colour: int


def stack_of(prizes: Sequence[PrizeTerms]) -> list[Slice]:
    """Return all prizes beside each other; what is left to 100 % stays empty, what is over is cut off."""
    slices, begins = [], 0
    for number, prize in enumerate(prizes):
        width = min(prize.odds, max(SCALE - begins, 0))
        colour = 0 if prize.consolation else number % COLOURS + 1
        slices.append(Slice(prize.name, begins / 10_000, width / 10_000, f"{percent_text(prize.odds)} %", colour))
        begins += prize.odds
    return slices


def _of_one_draw(cents: Decimal) -> str:
    """Money that may be a part of a cent: four decimals below one unit of the currency."""
    return short_money(round(cents)) if cents >= CENTS else f"{symbol()}{cents / CENTS:.4f}"


def hits(prizes: Sequence[PrizeTerms]) -> Bars:
    """Return how often each prize is hit in many draws, and what that costs."""
    most = max((prize.odds for prize in prizes), default=0)
    return Bars(
        caption=_("Of %(many)d draws, before any limit, and what they cost") % {"many": MANY},
        bars=tuple(
            Bar(
                label=prize.name,
                share=share(prize.odds, most),
                shown=f"{as_percent(prize.odds * MANY // 100):f}".rstrip("0").rstrip("."),
                note=short_money(round(prize.odds * prize.cost * MANY / SCALE)),
            )
            for prize in prizes
        ),
    )


def fairness_of(shares: DrawnShares) -> dict[str, Any]:
    """Return one version's shares against its odds as bars, and both tests in words."""
    return {
        "version": shares.version,
        "draws": shares.draws,
        "chart": Bars(_("What the rolls hit, and what the published odds let expect"), tuple(_compared(shares))),
        "tests": [
            (_("Rolls against the published odds"), _verdict(shares.fairness)),
            (_("Given against the odds after limits"), _verdict(shares.fairness_after_limits)),
        ]
        if shares.draws
        else [],
        "fallbacks": sorted(shares.fallbacks.items()),
    }


def _compared(shares: DrawnShares) -> Iterator[Bar]:
    """Yield two bars for each prize: its share of the rolls, and its odds."""
    names = dict(shares.version.prizes.values_list("key", "name"))
    draws, given = shares.draws, shares.given
    most = max([entry.weight / SCALE * draws for entry in shares.odds] + [*shares.rolled.values()], default=0)
    for entry in shares.odds:
        hit, expected = shares.rolled[entry.prize], entry.weight / SCALE * draws
        counts = {"hit": number_format(hit, force_grouping=True)}
        counts["given"] = number_format(given[entry.prize], force_grouping=True)
        yield Bar(
            names[entry.prize] or entry.prize,
            share(hit, most),
            f"{100 * hit / draws:.4f} %" if draws else "–",
            _("hit %(hit)s times, given %(given)s times") % counts,
            kind="hit",
        )
        told = _("%(expected)s expected") % {"expected": number_format(expected, 1, force_grouping=True)}
        yield Bar(_("published odds"), share(expected, most), f"{percent_text(entry.weight)} %", told, kind="odds")


def _verdict(test: FairnessTest) -> tuple[bool, str]:
    """Tell whether the shares are doubtful, and in words how often chance alone makes them as uneven."""
    p_value = test.p_value
    if not test.degrees:
        return False, _("Too few draws, or too little left to chance, to tell.")
    if p_value < DOUBTFUL:
        return True, _("p = %(p)s: chance alone hardly does that. Look into it.") % {"p": f"{p_value:.2e}"}
    times = round(p_value * 1_000)
    words = ngettext(
        "p = %(p)s: of 1,000 fair runs, %(times)d is as uneven or more.",
        "p = %(p)s: of 1,000 fair runs, %(times)d are as uneven or more.",
        times,
    )
    return False, words % {"p": f"{p_value:.4f}", "times": times}

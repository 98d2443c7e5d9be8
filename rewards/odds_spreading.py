"""Bringing odds in millionths to exactly 100 %, in three ways. Pure; `odds_editor.js` does the same in the browser.

Each takes the odds in their order and returns as many; `tests/cases/odds_spreading.json` holds both to the same cases.
"""

from collections.abc import Sequence

from rewards.odds import SCALE


class CannotSpread(ValueError):
    """More would have to be taken from the prizes than they have, or there are none."""


def give_rest(odds: Sequence[int], to: int) -> list[int]:
    """Give what is left to 100 % to the prize at place `to`, or take from it what is over."""
    changed = list(odds)
    changed[to] += SCALE - sum(odds)
    if changed[to] < 0:
        raise CannotSpread("what is over is more than this prize has")
    return changed


def spread_in_proportion(odds: Sequence[int]) -> list[int]:
    """Scale all odds to 100 %. What rounding leaves goes to the largest remainders, the first of equals first."""
    total = sum(odds)
    if not total:
        return spread_evenly(odds)
    shares = [divmod(each * SCALE, total) for each in odds]
    missing = SCALE - sum(whole for whole, _rest in shares)
    lucky = sorted(range(len(odds)), key=lambda place: -shares[place][1])[:missing]
    return [whole + (place in lucky) for place, (whole, _rest) in enumerate(shares)]


def spread_evenly(odds: Sequence[int]) -> list[int]:
    """Give each prize the same part of what is left, or take the same from each, down to nothing."""
    if not odds:
        raise CannotSpread("there are no prizes")
    changed = list(odds)
    while rest := SCALE - sum(changed):
        places = [place for place, each in enumerate(changed) if rest > 0 or each > 0]
        each, more = divmod(abs(rest), len(places))
        for number, place in enumerate(places):
            part = each + (number < more)
            changed[place] = changed[place] + part if rest > 0 else max(changed[place] - part, 0)
    return changed

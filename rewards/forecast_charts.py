"""A forecast as charts and a table, for the page that shows it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from operations.charts import Bar, Bars, Columns, Upright, share
from rewards.forecast_words import RARE, Told, chance, number, per_cent, reason, within, yuan
from rewards.forecasting import RUNS_FOR_QUANTILES, Dryness
from rewards.odds import percent_text
from rewards.simulated_pool import Why

MOST_CHARTS = 6
MOST_COLUMNS = 16


@dataclass(frozen=True, slots=True)
class Row:
    """One prize as the table shows it."""

    name: str
    key: str
    consolation: bool
    odds: str
    given: str
    range: str
    share: str
    cost: str
    stock: str
    used_up: str


def rows(told: Told) -> Iterator[Row]:
    """Yield each prize in the order of the pool."""
    found = told.forecast
    for place, prize in enumerate(found.pool.prizes):
        given = found.given(place)
        yield Row(
            name=told.name(prize),
            key=prize.key,
            consolation=prize.consolation,
            odds=f"{percent_text(prize.odds)} %",
            given=number(given.mean),
            range=within(given, lambda value: number(round(value))),
            share=per_cent(given.mean / found.scenario.draws),
            cost=yuan(given.mean * prize.cost),
            stock=_("no limit") if prize.stock is None else number(prize.stock),
            used_up="" if prize.consolation else _likelihood(told, place),
        )


def _likelihood(told: Told, place: int) -> str:
    """Return when the first of its total limits is used up as likely as not, with the probability that it ever is."""
    own = [dry for dry in told.forecast.dryness if dry.limit.takes[place] and dry.limit.why != Why.BUDGET]
    if not own or not (likeliest := max(own, key=lambda dry: dry.ever)).ever:
        return "–"
    half = likeliest.day_with(0.5)
    words = {"chance": chance(likeliest.ever), "day": told.last if half is None else told.day(half)}
    return _("%(day)s (%(chance)s)") % words


def prizes(told: Told) -> Bars:
    """Return how many of each prize are given, beside what the odds promise."""
    found, draws = told.forecast, told.forecast.scenario.draws
    given = [found.given(place).mean for place in range(len(found.pool.prizes))]
    most = max(given)
    bars = [
        Bar(
            told.name(prize),
            share(count, most),
            number(count),
            _("published %(odds)s %%, given %(share)s")
            % {"odds": percent_text(prize.odds), "share": per_cent(count / draws)},
        )
        for prize, count in zip(found.pool.prizes, given, strict=True)
    ]
    return Bars(_("How often each prize is given"), tuple(bars))


def falls(told: Told) -> Bars | None:
    """Return why draws do not give the prize they rolled; None where each does."""
    found = told.forecast.falls
    most = max(found.values(), default=0)
    if not most:
        return None
    bars = [
        Bar(reason(why), share(mean, most), number(mean), per_cent(mean / told.forecast.scenario.draws))
        for why, mean in sorted(found.items(), key=lambda item: -item[1])
    ]
    return Bars(_("Draws that roll a prize which cannot be won then, by reason"), tuple(bars))


def cost(told: Told) -> Columns | None:
    """Return the runs by what they cost; None where they are too few, or all cost the same."""
    found = told.forecast
    if len(found.runs) < RUNS_FOR_QUANTILES or not found.cost.sd:
        return None
    bins = found.histogram()
    most = max(count for _low, _high, count in bins)
    marks = {_("5 %"): found.cost.low, _("mean"): found.cost.mean, _("95 %"): found.cost.high}
    uprights = [
        Upright(
            yuan(round((low + high) / 2, -2)).removesuffix(".00"),
            share(count, most),
            number(count),
            " ".join(name for name, at in marks.items() if low <= at < high),
        )
        for low, high, count in bins
    ]
    return Columns(_("Simulated campaigns by what they cost"), _("runs"), _("mark"), tuple(uprights))


def dryness(told: Told) -> list[Columns]:
    """Return for each stock and budget that may be used up, how probably by which day; the likeliest first."""
    found = [dry for dry in told.forecast.dryness if dry.ever >= RARE]
    found.sort(key=lambda dry: -float(dry.by_day.sum()))
    return [_by_day(told, dry) for dry in found[:MOST_CHARTS]]


def _by_day(told: Told, dry: Dryness) -> Columns:
    days = told.forecast.scenario.days
    step = -(-days // MOST_COLUMNS)
    # Counted back from the last day, which is always there.
    shown = range((days - 1) % step, days, step)
    uprights = [
        Upright(
            date_format(told.on(day), "j"),
            100 * float(dry.by_day[day]),
            str(round(100 * float(dry.by_day[day]))),
            group=date_format(told.on(day), "F"),
        )
        for day in shown
    ]
    caption = _("%(what)s: probability in per cent of being used up by the end of the day")
    return Columns(caption % {"what": told.what(dry.limit)}, "%", "", tuple(uprights))

"""What an operator should conclude from a forecast: sentences, the important ones first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from operations.sentences import listed
from rewards.forecasting import Dryness, Forecast, Interval
from rewards.models import Draw
from rewards.money import money
from rewards.odds import SCALE, percent_text
from rewards.simulated_pool import Limit, Per, SimulatedPrize, Why

# A chance below this is not worth a sentence.
RARE = 0.05
# A stock of which less than this share is given was put up too large.
MUCH_LEFT = 0.9
# A prize given to fewer than this share of those who were told so by its odds.
MUCH_LESS = 0.8
# Guaranteed wins that make up more than this share of the cost decide over it.
MUCH_OF_COST = 0.25


@dataclass(frozen=True, slots=True)
class Told:
    """A forecast and the day on which the draws begin."""

    forecast: Forecast
    begins: date

    def day(self, number: int) -> str:
        """Return a day of the campaign, from 0, as a date."""
        return date_format(self.on(number), "MONTH_DAY_FORMAT")

    def on(self, number: int) -> date:
        """Return a day of the campaign, from 0."""
        return self.begins + timedelta(days=number)

    @property
    def last(self) -> str:
        return self.day(self.forecast.scenario.days - 1)

    def name(self, prize: SimulatedPrize) -> str:
        return prize.name or prize.key

    def what(self, limit: Limit) -> str:
        """Return in words what can be used up."""
        if limit.why == Why.BUDGET:
            return _("The budget of %(cents)s") % {"cents": yuan(limit.allowed)}
        prizes = [prize for prize, take in zip(self.forecast.pool.prizes, limit.takes, strict=True) if take]
        words = {"count": number(limit.allowed), "prize": listed(dict.fromkeys(map(self.name, prizes)))}
        if limit.why == Why.NO_CODE:
            return _("The %(count)s codes of “%(prize)s”") % words
        if limit.why == Why.GIFT_OUT_OF_STOCK:
            return _("The %(count)s “%(prize)s” of the gift library") % words
        return _("The %(count)s “%(prize)s” of the pool") % words


def number(value: float, decimals: int = 0) -> str:
    """Return a number as people read it; small means keep a decimal."""
    places = 1 if not decimals and value != round(value) and value < 10 else decimals
    return number_format(round(value, places), places, use_l10n=True, force_grouping=True)


def per_cent(share: float) -> str:
    """Return a share of 1 in per cent, with more decimals where it is small, none that are 0."""
    percent = 100 * share
    rounded = round(Decimal(percent), 1 if percent >= 1 else 3).normalize()
    return f"{number_format(f'{rounded:f}')} %"


def chance(probability: float) -> str:
    """Return a probability that was counted in runs: it is never quite sure."""
    if probability >= 1:
        return _("over 99 %")
    return f"{round(100 * probability)} %"


def yuan(cents: float) -> str:
    """Return cents as people read them, whole yuan where there are many."""
    return money(round(cents)) if abs(cents) < 100_000 else money(100 * round(cents / 100)).removesuffix(".00")


def within(found: Interval, show: object = yuan) -> str:
    """Return the two ends of an interval."""
    return _("%(low)s to %(high)s") % {"low": show(found.low), "high": show(found.high)}  # type: ignore[operator]


def conclusions(told: Told) -> list[str]:
    """Return what is to be expected."""
    return [*_of_cost(told), *_of_dryness(told), *_of_falls(told)]


def _of_cost(told: Told) -> Iterator[str]:
    found = told.forecast
    words = {"mean": yuan(found.cost.mean), "sd": yuan(found.cost.sd), "range": within(found.cost)}
    yield _("Expected cost %(mean)s ± %(sd)s: in nine of ten cases %(range)s.") % words
    each = {"draw": yuan(found.cost.mean / found.scenario.draws), "member": yuan(found.cost.mean / found.members)}
    yield _("That is %(draw)s for each draw and %(member)s for each member who draws.") % each


def _of_dryness(told: Told) -> Iterator[str]:
    for dry in sorted(told.forecast.dryness, key=lambda each: -each.ever):
        if dry.ever >= RARE:
            yield when_dry(told, dry)


def when_dry(told: Told, dry: Dryness) -> str:
    """Return by when something is used up, and how surely."""
    surely = dry.day_with(0.9)
    words = {"what": told.what(dry.limit), "day": told.last, "chance": chance(dry.ever)}
    if surely is not None:
        words |= {"day": told.day(surely), "chance": chance(float(dry.by_day[surely]))}
    if dry.limit.why == Why.BUDGET:
        return _("%(what)s is spent by %(day)s with a probability of %(chance)s.") % words
    return _("%(what)s are gone by %(day)s with a probability of %(chance)s.") % words


def _of_falls(told: Told) -> Iterator[str]:
    found = told.forecast
    if fallen := sum(found.falls.values()):
        share = {"share": per_cent(fallen / found.scenario.draws)}
        yield _("%(share)s of all draws roll a prize that cannot be won at that moment.") % share
    if found.pool.guaranteed is not None:
        wins = found.guaranteed.mean
        words = {"count": number(wins), "share": per_cent(wins / found.scenario.draws)}
        yield _("%(count)s draws give the guaranteed prize because it is due: %(share)s of all.") % words


def warnings(told: Told) -> list[str]:
    """Return what should be looked at before the pool is published."""
    return [*_guarantee_is_dear(told), *_spent_early(told), *_never_used_up(told), *_less_than_published(told)]


def _guarantee_is_dear(told: Told) -> Iterator[str]:
    found, pool = told.forecast, told.forecast.pool
    if pool.guaranteed is None or not found.cost.mean:
        return
    prize, instead = pool.prizes[pool.guaranteed], pool.prizes[pool.consolation]
    cost = found.guaranteed.mean * (prize.cost - instead.cost)
    if cost > MUCH_OF_COST * found.cost.mean:
        words = {"cost": yuan(cost), "share": per_cent(cost / found.cost.mean), "prize": told.name(prize)}
        yield _("The guaranteed “%(prize)s” costs %(cost)s more than without it: %(share)s of everything.") % words


def _spent_early(told: Told) -> Iterator[str]:
    days = told.forecast.scenario.days
    for dry in told.forecast.dryness:
        half = dry.day_with(0.5)
        if half is None or half >= days - 1:
            continue
        words = {"what": told.what(dry.limit), "number": half + 1, "days": days, "day": told.day(half)}
        if dry.limit.why == Why.BUDGET:
            yield (
                _(
                    "%(what)s is spent on day %(number)d of %(days)d (%(day)s), as likely as not. From then on what "
                    "costs more gives the consolation prize."
                )
                % words
            )
        elif half < days / 2:
            yield (
                _(
                    "%(what)s are gone on day %(number)d of %(days)d (%(day)s), as likely as not: after that the page "
                    "names what nobody can win."
                )
                % words
            )
    if told.forecast.short_days >= RARE and any(each.per == Per.DAY for each in told.forecast.budgets):
        words = {"days": number(told.forecast.short_days), "all": days}
        yield _("A budget refuses prizes on %(days)s of %(all)s days.") % words


def _never_used_up(told: Told) -> Iterator[str]:
    found, left = told.forecast, []
    for place, prize in enumerate(found.pool.prizes):
        given = found.given(place)
        if prize.stock and given.high < MUCH_LEFT * prize.stock:
            words = {"prize": told.name(prize), "stock": number(prize.stock), "given": number(given.mean)}
            left.append(_("“%(prize)s” (%(given)s of %(stock)s)") % words)
    if left:
        yield _("Stocks that are not used up: %(prizes)s.") % {"prizes": listed(left)}


def _less_than_published(told: Told) -> Iterator[str]:
    found, less = told.forecast, []
    for place, prize in enumerate(found.pool.prizes):
        share = found.given(place).mean / found.scenario.draws
        expected = prize.odds * found.scenario.draws / SCALE
        if not prize.consolation and expected >= 1 and share * SCALE < MUCH_LESS * prize.odds:
            words = {"prize": told.name(prize), "odds": percent_text(prize.odds), "share": per_cent(share)}
            less.append(_("“%(prize)s” (%(share)s instead of %(odds)s %%)") % words)
    if less:
        yield _("Prizes given much less often than is published: %(prizes)s.") % {"prizes": listed(less)}


def reason(why: Why) -> str:
    """Return why a draw gave another prize than the one rolled."""
    return str(Draw.Fallback(why.name.lower()).label)


def figures(told: Told) -> list[tuple[str, str, str]]:
    """Return the main figures: what it is, the figure, a remark."""
    found = told.forecast
    draws, wins = found.scenario.draws, found.scenario.draws - found.given(found.pool.consolation).mean
    return [
        (_("expected cost"), yuan(found.cost.mean), _("± %(sd)s") % {"sd": yuan(found.cost.sd)}),
        (_("in nine of ten cases"), within(found.cost), ""),
        (_("a draw"), yuan(found.cost.mean / draws), ""),
        (_("a member who draws"), yuan(found.cost.mean / found.members), ""),
        (_("draws that win"), per_cent(wins / draws), _("%(count)s wins") % {"count": number(round(wins))}),
    ]

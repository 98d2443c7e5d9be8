"""What the admin shows of budgets: how far each is spent, how fast, and until when it lasts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from operations.charts import Columns, Meter, Upright, share
from operations.sentences import listed
from rewards import budgets, burning
from rewards.budget_warnings import level_of
from rewards.budget_words import dry_words, moment_words, name_of, outlook_words, spent_words
from rewards.budgets import Standing, by_day, midnight, next_midnight
from rewards.models import Budget
from rewards.money import as_amount, money

A_YEAR = timedelta(days=365)
SHOWN_DAYS = (14, 30)
SHOWN_WARNINGS = 10
SHOWN_PRIZES = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """A budget as lists and panels show it. `level` is 0, 50, 80 or 100; `outlook` is "" where none can be told."""

    standing: Standing
    name: str
    meter: Meter | None
    spent: str
    dry: str
    outlook: str
    level: int
    link: str


def shown(found: Iterable[Budget], *, now: datetime) -> list[Shown]:
    """Return how each budget stands and how long it lasts. One query more than the standings need."""
    standing = budgets.standings(found, now=now)
    running = [each.budget.pk for each in standing if each.shared and each.budget.active]
    since = midnight(now) - timedelta(days=burning.DAYS)
    spent = budgets.spent_by_hour(running, since=since) if running else {}
    return [_shown(each, spent.get(each.budget.pk), now=now) for each in standing]


def _shown(standing: Standing, spent: Mapping[datetime, int] | None, *, now: datetime) -> Shown:
    told = spent_words(standing)
    return Shown(
        standing=standing,
        name=name_of(standing),
        meter=Meter(name_of(standing), share(standing.spent, standing.allowed), told) if standing.shared else None,
        spent=told,
        dry=dry_words(standing),
        outlook="" if spent is None else outlook_words(standing, outlook_of(standing, spent, now=now), now=now),
        level=level_of(standing),
        link=reverse("admin:rewards_budget_change", args=[standing.budget.pk]),
    )


def outlook_of(standing: Standing, spent: Mapping[datetime, int], *, now: datetime) -> burning.Outlook:
    """Return how long what is left lasts: of a budget a day until midnight, else until its scope ends."""
    local = timezone.localtime(now, timezone.get_default_timezone())
    until = standing.scope.ends_at or now + A_YEAR
    if standing.budget.per == Budget.Per.DAY:
        until = next_midnight(now)
    until = max(timezone.localtime(until, timezone.get_default_timezone()), local)
    left = 0 if standing.is_dry else standing.left
    return burning.outlook(spent, left=left, now=local, until=until)


def draw(budget: Budget, *, days: int, now: datetime) -> dict[str, Any]:
    """Return what templates/admin/rewards/budget_burn.html shows, of so many days."""
    since = midnight(now) - timedelta(days=max(days - 1, burning.DAYS))
    (standing,) = budgets.standings([budget], now=now)
    hours = budgets.spent_by_hour([budget.pk], since=since)[budget.pk]
    asked = hours if standing.shared and budget.active else None
    return {
        "burn": _shown(standing, asked, now=now),
        "drawn": money(standing.drawn),
        "promised": money(standing.promised),
        "left": money(standing.left),
        "columns": columns(standing, hours, days=days, now=now),
        "days": days,
        "other_days": [each for each in SHOWN_DAYS if each != days],
        "fallen": fallen_words(standing, days=days, now=now),
        "closed": closed_words(standing),
        "warnings": [_warning(each, now=now) for each in budget.warnings.all()[:SHOWN_WARNINGS]],
    }


def columns(standing: Standing, hours: Mapping[datetime, int], *, days: int, now: datetime) -> Columns:
    """Draw what was charged on each day, today last, exact to the cent."""
    today = midnight(now).date()
    each_day = by_day(hours, [today - timedelta(days=back) for back in reversed(range(days))])
    most = max(each_day.values(), default=0)
    uprights = tuple(_upright(standing, day, cents, most) for day, cents in each_day.items())
    caption = _("Spent by day, less what was taken back; today until now")
    return Columns(caption, pgettext("budget", "spent"), _("of the budget"), uprights)


def _upright(standing: Standing, day: date, cents: int, most: int) -> Upright:
    percent = f"{100 * cents / standing.allowed:.1f} %" if standing.shared and cents else ""
    return Upright(
        str(day.day), share(cents, most), f"{as_amount(cents):,}", percent, date_format(day, "YEAR_MONTH_FORMAT")
    )


def fallen_words(standing: Standing, *, days: int, now: datetime) -> str:
    """Return how many draws gave the consolation prize because there was no room for the prize that was rolled."""
    since = midnight(now) - timedelta(days=days - 1)
    fallen, today = budgets.fallen_draws(standing.scope, since=since, now=now)
    if not fallen:
        return _("No draw in these days gave the consolation prize for want of budget.")
    words = {"fallen": f"{fallen:,}", "today": f"{today:,}"}
    told = ngettext(
        "%(fallen)s draw in these days gave the consolation prize for want of budget, %(today)s of it today.",
        "%(fallen)s draws in these days gave the consolation prize for want of budget, %(today)s of them today.",
        fallen,
    )
    return told % words


def closed_words(standing: Standing) -> str:
    """Return which prizes cost more than what is left, the dearest first; "" where all or none can be won."""
    if not standing.shared or standing.is_dry:
        return ""
    dear = budgets.prizes_to_win(standing.scope.pools).filter(cost__gt=standing.left)
    # The same gift may be in several pools.
    found = dear.order_by("-cost", "name").values_list("name", "cost").distinct()[: SHOWN_PRIZES + 1]
    names = [f"{name} ({money(cost)})" for name, cost in found]
    if not names:
        return ""
    shown = listed([*names[:SHOWN_PRIZES], *("…" for _more in names[SHOWN_PRIZES:])])
    return _("Too dear for the %(left)s left: %(prizes)s") % {"left": money(standing.left), "prizes": shown}


def _warning(warning: Any, *, now: datetime) -> str:
    words = {
        "percent": warning.percent,
        "at": moment_words(warning.warned_at, now=now),
        "spent": money(warning.spent),
        "allowed": money(warning.allowed),
    }
    return _("%(at)s: %(percent)s %% – %(spent)s of %(allowed)s") % words

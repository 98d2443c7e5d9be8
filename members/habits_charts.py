"""A member's habits as charts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from members.habits import Bought, Habits, Share, months_until
from operations.charts import Axis, Bar, Bars, Columns, HeatMap, Upright, heat_map, share

NOTHING = Bought(0, Decimal(0))
# From here on in the unit: so many, and its sign.
UNITS = ((10**9, 10**9, "B"), (10**6, 10**6, "M"), (10**4, 10**3, "k"))
CHINESE_UNITS = ((10**8, 10**8, "亿"), (10**4, 10**4, "万"))


def charts(habits: Habits, *, now: datetime) -> Mapping[str, Any]:
    """Return what templates/admin/members/member/habits.html draws; `now` is in the site's time zone."""
    return {
        "hours": hours_chart(habits.hours, title=_("Orders by weekday and hour")),
        "months": months_chart(habits.months, now=now),
        "shares": [
            shares_chart(_("Net amount by category"), habits.categories),
            shares_chart(_("Net amount by channel"), habits.channels),
            shares_chart(_("Net amount by payment method"), habits.payments),
        ],
    }


def hours_chart(counts: Mapping[tuple[int, int], int], *, title: str) -> HeatMap | None:
    """Draw counts by (weekday 1 to 7, hour); None where nothing is counted."""
    if not counts:
        return None
    weekdays = Axis(_("weekday"), [(day + 1, str(WEEKDAYS_ABBR[day])) for day in range(7)])
    hours = Axis(title, [(hour, f"{hour:02}") for hour in range(24)])
    return heat_map(counts, weekdays, hours)


def months_chart(months: Mapping[date, Bought], *, now: datetime) -> Columns | None:
    """Draw the last 24 months, also those without an order; None where no order is younger."""
    if not months:
        return None
    most = max(bought.amount for bought in months.values())
    return Columns(
        caption=_("Net amount and orders of the last 24 months"),
        measure=_("net amount"),
        noted=_("orders"),
        columns=tuple(_month(day, months.get(day, NOTHING), most) for day in months_until(now)),
    )


def _month(day: date, bought: Bought, most: Decimal) -> Upright:
    return Upright(
        label=date_format(day, "n"),
        share=share(float(bought.amount), float(most)),
        shown=short_amount(bought.amount) if bought.orders else "",
        note=str(bought.orders or ""),
        group=str(day.year),
    )


def shares_chart(caption: str, shares: Sequence[Share]) -> Bars:
    """Draw shares of the net amount, in per cent of the largest; without amounts, of orders."""
    most = max((each.bought.amount for each in shares), default=Decimal(0))
    return Bars(caption, tuple(_bar(each, most) for each in shares))


def _bar(each: Share, most: Decimal) -> Bar:
    orders = each.bought.orders
    return Bar(
        label=_step(each),
        share=share(float(each.bought.amount), float(most)),
        shown=_amount(each.bought.amount),
        note=ngettext("%(orders)s order", "%(orders)s orders", orders) % {"orders": orders},
    )


def _step(each: Share) -> str:
    if each.step is None:
        return ngettext("%(count)s other", "%(count)s others", each.others) % {"count": each.others}
    return each.step or _("not said")


def _amount(amount: Decimal) -> str:
    """Return an amount without its cents: a chart is to be compared, the orders tell the rest."""
    return number_format(amount.quantize(Decimal(1)), use_l10n=True, force_grouping=True)


def short_amount(amount: Decimal) -> str:
    """Return an amount in four digits at most and the unit that readers count in: 37.7k, or 3.8万 in Chinese."""
    units = CHINESE_UNITS if (get_language() or "").startswith("zh") else UNITS
    for least, size, unit in units:
        if amount >= least:
            scaled = amount / size
            return f"{number_format(round(scaled, 1) if scaled < 100 else round(scaled))}{unit}"
    return _amount(amount)

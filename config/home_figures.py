"""Today's figures on the first page: each against the same time of yesterday, with the days before as columns."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from campaigns.day_figures import HOURS, DayFigure, Figure, day_figures
from operations.curves import STEP, Curve, Spark, line, spark
from rewards.money import money, short_money

# Each figure, the right to see it, its symbol and the list behind it.
SHOWN = {
    Figure.PARTICIPANTS: ("campaigns.view_enrolment", "how_to_reg", "campaigns_enrolment"),
    Figure.COMPLETIONS: ("campaigns.view_completion", "task_alt", "campaigns_completion"),
    Figure.DRAWS: ("rewards.view_draw", "casino", "rewards_draw"),
    Figure.AWARDS: ("rewards.view_award", "redeem", "rewards_award"),
    Figure.COST: ("rewards.view_award", "payments", "rewards_award"),
}
LABELLED = 6


@dataclass(frozen=True, slots=True)
class Card:
    """A figure in words. `way` is "up", "down" or "level"; `change` is "" where yesterday had nothing to compare.

    More is good news of all but money that goes: its `way` is always level.
    """

    key: str
    title: str
    icon: str
    shown: str
    change: str
    way: str
    before: str
    spark: Spark
    link: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """`as_of` is the time of the day until which both days were counted."""

    as_of: str
    cards: tuple[Card, ...]
    curve: Curve


def figures(user: Any, *, chosen: str, now: datetime) -> Figures | None:
    """Return the figures that this user may see, one of them drawn by the hour; None where they may see none."""
    allowed = [figure for figure, (right, *_rest) in SHOWN.items() if user.has_perm(right)]
    found = day_figures(allowed, now=now)
    if not found:
        return None
    drawn = next((each for each in found if each.figure == chosen), found[0])
    as_of = time_format(timezone.localtime(now, timezone.get_default_timezone()), "H:i")
    cards = tuple(_card(each, as_of=as_of, chosen=each is drawn) for each in found)
    return Figures(as_of, cards, _curve(drawn))


def title_of(figure: Figure) -> str:
    return {
        Figure.PARTICIPANTS: _("Joined a campaign"),
        Figure.COMPLETIONS: _("Tasks completed"),
        Figure.DRAWS: _("Draws"),
        Figure.AWARDS: _("Awards given"),
        Figure.COST: _("Cost of awards"),
    }[figure]


def number_of(figure: Figure, number: int) -> str:
    return money(number) if figure is Figure.COST else f"{number:,}"


def change_words(now: int, before: int) -> tuple[str, str]:
    """Return the change in per cent as it is read, and its way: up, down or level. Nothing to compare with: ""."""
    way = "up" if now > before else "down" if now < before else "level"
    if before <= 0:
        return "", way
    percent = round(100 * (now - before) / before)
    # From one to a hundred thousand: nobody compares that in per cent.
    return (f"{'−' if percent < 0 else '+' if percent else '±'}{abs(percent):,} %" if percent < 1_000 else "", way)


def _card(found: DayFigure, *, as_of: str, chosen: bool) -> Card:
    figure = found.figure
    _right, icon, _model = SHOWN[figure]
    change, way = change_words(found.now, found.before)
    if figure is Figure.COST:
        way = "level"
    title = title_of(figure)
    caption = _("%(figure)s, the last %(days)d days") % {"figure": title, "days": len(found.days)}
    words = {"time": as_of, "number": number_of(figure, found.before)}
    return Card(
        key=figure.value,
        title=title,
        icon=icon,
        shown=short_money(found.now) if figure is Figure.COST else number_of(figure, found.now),
        change=change,
        way=way,
        before=_("yesterday by %(time)s: %(number)s") % words,
        spark=spark(caption, [(_day_words(figure, day, number), number) for day, number in found.days]),
        link=f"{reverse('admin:index')}?figure={figure.value}#by-the-hour",
        chosen=chosen,
    )


def _day_words(figure: Figure, day: date, number: int) -> str:
    return _("%(day)s: %(number)s") % {"day": date_format(day, "MONTH_DAY_FORMAT"), "number": number_of(figure, number)}


def _curve(found: DayFigure) -> Curve:
    figure = found.figure
    most = max((*found.today, *found.yesterday, 0))
    rows = []
    for hour in range(HOURS):
        today = number_of(figure, found.today[hour]) if hour < len(found.today) else "–"
        rows.append((f"{hour:02}:00", (today, number_of(figure, found.yesterday[hour]))))
    return Curve(
        caption=_("%(figure)s by the hour") % {"figure": title_of(figure)},
        width=STEP * HOURS,
        most=number_of(figure, most) if most else "",
        lines=(
            line("before", _("Yesterday"), found.yesterday, most=most),
            line("today", _("Today"), found.today, most=most),
        ),
        labels=tuple(f"{hour:02}:00" for hour in range(0, HOURS, LABELLED)),
        rows=tuple(rows),
    )

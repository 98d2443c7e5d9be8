"""What the page of a check-in shows: the month, the streak and its bonuses, and the days that can be made up."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import pgettext_lazy

from campaigns import checkin_month, making_up, presenting, published
from campaigns.definition import parse_reward
from campaigns.kinds.face import Standing, Turn
from campaigns.models import Completion, MadeUpDay
from campaigns.periods import DAILY
from campaigns.presenting import Chip
from campaigns.streaks import DAY, bonuses_of, from_data
from rewards.ledger import balances
from rewards.models import Unit
from rewards.published_prizes import gift_names

# Over the columns of a calendar: one or two letters.
SHORT_WEEKDAYS = (
    pgettext_lazy("weekday, short", "Mo"),
    pgettext_lazy("weekday, short", "Tu"),
    pgettext_lazy("weekday, short", "We"),
    pgettext_lazy("weekday, short", "Th"),
    pgettext_lazy("weekday, short", "Fr"),
    pgettext_lazy("weekday, short", "Sa"),
    pgettext_lazy("weekday, short", "Su"),
)


@dataclass(frozen=True, slots=True)
class ShownBonus:
    """`place` is how many days of its way are done: `days` when it is reached in this round."""

    days: int
    chips: tuple[Chip, ...]
    place: int

    @property
    def reached(self) -> bool:
        return self.place >= self.days

    @property
    def missing(self) -> int:
        return max(self.days - self.place, 0)


@dataclass(frozen=True, slots=True)
class MakeUp:
    """The days that can be made up, what one costs, what the member has of it, and how many this month still allows."""

    days: tuple[date, ...]
    price: int
    unit: str
    balance: int
    left: int

    @property
    def affordable(self) -> bool:
        return self.balance >= self.price

    @property
    def missing(self) -> int:
        """What of the unit one more day takes beside what the member has."""
        return max(self.price - self.balance, 0)


def page(config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
    first = turn.today - timedelta(days=making_up.MOST_DAYS_BACK)
    done = _days_done(turn, first)
    make_up = _make_up(turn, done)
    made_up = set(_made_up(turn).filter(day__gte=first).values_list("day", flat=True))
    missed = frozenset(make_up.days if make_up else ())
    streak = _streak(standing, turn.today)
    bonuses = list(_bonuses(config, streak))
    return {
        "month": checkin_month.month_of(turn.today, done, made_up=made_up, missed=missed),
        "streak": streak,
        "weekdays": [(str(SHORT_WEEKDAYS[day]), str(WEEKDAYS[day])) for day in range(7)],
        "bonuses": bonuses,
        "coming": next((bonus for bonus in bonuses if not bonus.reached), None),
        "make_up": make_up,
    }


def _days_done(turn: Turn, first: date) -> set[date]:
    done = Completion.objects.filter(enrolment=turn.enrolment_id, task_key=turn.task.key)
    if turn.task.period == DAILY:
        # By the day itself: one that was made up was completed later.
        periods = done.filter(period__gte=first.isoformat()).values_list("period", flat=True)
        return {date.fromisoformat(period) for period in periods}
    moments = done.filter(completed_at__gte=turn.now - timedelta(days=62)).values_list("completed_at", flat=True)
    return {moment.astimezone(turn.zone).date() for moment in moments}


def _made_up(turn: Turn) -> Any:
    return MadeUpDay.objects.filter(enrolment=turn.enrolment_id, task_key=turn.task.key)


def _streak(standing: Standing, today: date) -> int:
    """The days in a row up to today, or up to yesterday while today is open."""
    if standing.count:
        return from_data(standing.data).streak
    if standing.earlier_period == (today - DAY).isoformat():
        return from_data(standing.earlier_data).streak
    return 0


def _bonuses(config: Mapping[str, Any], streak: int) -> Iterator[ShownBonus]:
    bonuses = bonuses_of(config)
    rewards = {each["days"]: parse_reward(each["reward"]) for each in config.get("streaks", ())}
    names = gift_names(presenting.gifts_named(rewards.values()))
    place = bonuses.place(streak) if streak else 0
    for days in bonuses.days:
        yield ShownBonus(days, presenting.chips(rewards[days], names), min(place, days))


def _make_up(turn: Turn, done: Collection[date]) -> MakeUp | None:
    rules, definition = making_up.rules_of(turn.task), published.definition_of(turn.campaign)
    if rules is None or definition is None or definition.chain_of(turn.task.key) or not turn.enrolment_id:
        return None
    days = making_up.missed_days(definition, rules, done, turn.today)
    used = _made_up(turn).filter(month=making_up.month_of(turn.today)).count()
    unit = Unit.objects.filter(slug=rules.unit).first()
    return MakeUp(
        days=tuple(sorted(days, reverse=True)),
        price=rules.price,
        unit=str(unit or rules.unit),
        balance=balances(turn.member_id).get(rules.unit, 0),
        left=max(rules.per_month - used, 0),
    )

"""Check-in (签到): one tap in a period. Days in a row are counted as a streak, and bonuses may wait on its way.

The configuration is {} or, for a check-in of every day,
{"streaks": [{"days": 3, "reward": {…}}, {"days": 7, "reward": {…}}], "repeat": true,
 "make_up": {"days_back": 3, "per_month": 2, "unit": "points", "price": 20}}.

A bonus is given beside the reward of the day that reaches it. With `repeat` a round ends with the longest streak and
the next day begins anew (`campaigns.streaks`). A day ends at midnight of the campaign's time zone, by the server's
clock. `make_up` lets members make up a day they missed (补签, `campaigns.making_up`): one of the last `days_back` days,
so many times a calendar month, each for so much of a unit of the ledger. Cards for it (补签卡) are such a unit: they
are earned, given, counted and guarded like points.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import checkin_page, make_up_doors
from campaigns.config_checks import is_integer, reward_faults, unknown
from campaigns.definition import Reward, parse_reward
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm
from campaigns.periods import DAILY
from campaigns.reward_rows import RewardRowsField
from campaigns.streaks import DAY, Mark, as_data, bonuses_of, from_data, mark_after, reward_of
from rewards.ledger import GROWTH
from rewards.models import Unit

LONGEST_STREAK = 366
MOST_BONUSES = 12
ROWS = 5
# Of making a day up: what each setting may be.
BOUNDS = {"days_back": (1, 31), "per_month": (1, 31), "price": (1, 1_000_000)}


def _units() -> list[tuple[str, str]]:
    """What can be spent: growth value cannot."""
    return [("", "—"), *((unit.slug, str(unit)) for unit in Unit.objects.exclude(slug=GROWTH))]


class CheckInForm(ConfigForm):
    streaks = RewardRowsField(
        "days",
        forms.IntegerField,
        rows=ROWS,
        cell_label=_("days in a row"),
        label=_("bonuses for days in a row"),
        help_text=_("For a check-in of every day. Beside the reward of the day."),
    )
    repeat = forms.BooleanField(
        label=_("after the longest streak a new round begins"),
        required=False,
        help_text=_("Otherwise each bonus is given once in the campaign."),
    )
    days_back = forms.IntegerField(
        label=_("missed days that can be made up: how many days back"),
        required=False,
        min_value=1,
        max_value=31,
        help_text=_("Empty: a missed day stays missed."),
    )
    per_month = forms.IntegerField(label=_("how many a month"), required=False, min_value=1, max_value=31)
    unit = forms.ChoiceField(
        label=_("paid in"),
        required=False,
        choices=_units,
        help_text=_("Points, or make-up cards as a unit of their own."),
    )
    price = forms.IntegerField(label=_("price of a made-up day"), required=False, min_value=1, max_value=1_000_000)

    @classmethod
    def initial_of(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        make_up = config.get("make_up")
        return dict(config) | (dict(make_up) if isinstance(make_up, Mapping) else {})

    def config(self) -> dict[str, Any]:
        given = super().config()
        make_up = {name: given.pop(name) for name in ("days_back", "per_month", "unit", "price") if name in given}
        return given | ({"make_up": make_up} if make_up else {})


class CheckIn(Kind):
    LABEL = _("check-in")
    GROUP = Group.TRAFFIC
    Form = CheckInForm
    LOOKS_BACK = True
    USUAL_PERIOD = DAILY
    urls = make_up_doors.urlpatterns
    api_urls = make_up_doors.api_urlpatterns

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = list(unknown(config, {"streaks", "repeat", "make_up"}, _("A check-in has no such setting.")))
        if "repeat" in config and not isinstance(config["repeat"], bool):
            found.append(ConfigFault("repeat", _("This must be yes or no.")))
        if "streaks" in config:
            found += _streak_faults(config["streaks"])
        if "make_up" in config:
            found += _make_up_faults(config["make_up"])
        return found

    def tap(self, config: Mapping[str, Any]) -> Promise:
        return _("Check in")

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        earlier = from_data(standing.earlier_data) if standing.earlier_period else None
        if earlier and not _is_day_before(standing.earlier_period or "", standing.period):
            earlier = Mark(0, given=earlier.given)
        mark = mark_after(earlier, turn.today, bonuses_of(config))
        result = {"streak": mark.streak} | ({"bonus": mark.bonus} if mark.bonus else {})
        return Moved(count=1, data=as_data(mark), result=result)

    def bonus(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> Reward | None:
        return reward_of(config, data.get("bonus"))

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        for each in config.get("streaks", ()):
            yield parse_reward(each["reward"])

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        return checkin_page.page(config, standing, turn)


def _streak_faults(streaks: Any) -> Iterator[ConfigFault]:
    if not isinstance(streaks, list) or not 1 <= len(streaks) <= MOST_BONUSES:
        yield ConfigFault("streaks", _("This must be a list of 1 to 12 bonuses."))
        return
    seen: set[int] = set()
    for index, each in enumerate(streaks):
        path = f"streaks[{index}]"
        if not isinstance(each, Mapping) or set(each) != {"days", "reward"}:
            yield ConfigFault(path, _("A bonus is an object with days and reward."))
            continue
        days = each["days"]
        if not is_integer(days, 1, LONGEST_STREAK):
            yield ConfigFault(f"{path}.days", _("This must be a number of days from 1 to 366."))
        elif days in seen:
            yield ConfigFault(f"{path}.days", _("Two bonuses are for the same number of days."))
        else:
            seen.add(days)
        yield from reward_faults(each["reward"], f"{path}.reward")


def _make_up_faults(make_up: Any) -> Iterator[ConfigFault]:
    if not isinstance(make_up, Mapping):
        yield ConfigFault("make_up", _("This must be an object with days_back, per_month, unit and price."))
        return
    yield from unknown(make_up, {*BOUNDS, "unit"}, _("Making a day up has no such setting."), "make_up.")
    for name, (least, most) in BOUNDS.items():
        if not is_integer(make_up.get(name), least, most):
            words = _("This must be a whole number from %(least)d to %(most)d.") % {"least": least, "most": most}
            yield ConfigFault(f"make_up.{name}", words)
    if make_up.get("unit") not in dict(_units()) or not make_up.get("unit"):
        yield ConfigFault("make_up.unit", _("This must be the key of a unit that can be spent, such as points."))


def _is_day_before(earlier: str, period: str) -> bool:
    try:
        return date.fromisoformat(earlier) + DAY == date.fromisoformat(period)
    except ValueError:  # the period "once" has no day before it
        return False


KIND = CheckIn()

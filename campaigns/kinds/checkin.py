"""Check-in (签到): one tap in a period. Days in a row are counted as a streak."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import checkin_month
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm


class CheckIn(Kind):
    LABEL = _("check-in")
    GROUP = Group.TRAFFIC
    Form = ConfigForm
    LOOKS_BACK = True

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        return [ConfigFault(str(key), _("A check-in has no such setting.")) for key in config]

    def tap(self, config: Mapping[str, Any]) -> Promise:
        return _("Check in")

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        streak = 1
        if standing.earlier_period and _is_day_before(standing.earlier_period, standing.period):
            streak = int(standing.earlier_data.get("streak", 0)) + 1
        return Moved(count=1, data={"streak": streak}, result={"streak": streak})

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        days = checkin_month.days_checked_in(turn.member_id, turn.campaign, turn.task.key, turn.today, turn.zone)
        return {"month": checkin_month.month_of(turn.today, days)}


def _is_day_before(earlier: str, period: str) -> bool:
    try:
        return date.fromisoformat(earlier) + timedelta(days=1) == date.fromisoformat(period)
    except ValueError:  # the period "once" has no day before it
        return False


KIND = CheckIn()

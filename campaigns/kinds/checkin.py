"""Check-in (签到): one tap in a period. Days in a row are counted as a streak."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.kinds.face import ConfigFault, Moved, Standing

LABEL = _("check-in")
FOLLOWS: tuple[str, ...] = ()


def faults(config: Mapping[str, Any]) -> list[ConfigFault]:
    return [ConfigFault(str(key), _("A check-in has no such setting.")) for key in config]


def target(config: Mapping[str, Any]) -> int:
    return 1


def show(config: Mapping[str, Any], count: int) -> str:
    return str(count)


def move(config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], now: datetime) -> Moved:
    streak = 1
    if standing.earlier_period and _is_day_before(standing.earlier_period, standing.period):
        streak = int(standing.earlier_data.get("streak", 0)) + 1
    return Moved(count=1, data={"streak": streak}, result={"streak": streak})


def _is_day_before(earlier: str, period: str) -> bool:
    try:
        return date.fromisoformat(earlier) + timedelta(days=1) == date.fromisoformat(period)
    except ValueError:  # the period "once" has no day before it
        return False

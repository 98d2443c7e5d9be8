"""Custom event (自定义事件): whatever the shop's systems report of a member through the API.

The configuration is {"type": "…", "count": n} with the options {"where": {"item": […], "category": […],
"keyword": […]}}, all of which an event must meet, "distinct": "days" or "items", which counts each day of the
campaign's time zone, or each item, once, and "link": "https://…", where members do it. Events count from when the
member entered.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import event_counts
from campaigns.config_checks import is_link
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm, TextsField
from campaigns.periods import earlier_times

MOST = 1_000_000
MOST_VALUES = 500
# As `members.event_rows` takes them.
TYPE = re.compile(r"[a-zA-Z0-9_-]{1,50}", re.ASCII)
LONGEST = 200


class EventForm(ConfigForm):
    type = forms.CharField(label=_("type of event"), max_length=50, help_text=_("As it is pushed, such as favourite."))
    count = forms.IntegerField(label=_("how many"), min_value=1, max_value=MOST, initial=1)
    distinct = forms.ChoiceField(
        label=_("counted once"),
        required=False,
        choices=[("", _("every event")), ("days", _("per day")), ("items", _("per item"))],
    )
    item = TextsField(label=_("only of these items"))
    category = TextsField(label=_("only in these categories"))
    keyword = TextsField(label=_("only with these keywords"))
    link = forms.URLField(label=_("where members do it"), required=False, assume_scheme="https", max_length=2_000)

    @classmethod
    def initial_of(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        where = config.get("where")
        return {**config, **(where if isinstance(where, Mapping) else {})}

    def config(self) -> dict[str, Any]:
        given = super().config()
        where = {name: given.pop(name) for name in event_counts.WHERE if name in given}
        return given | ({"where": where} if where else {})


class CustomEvent(Kind):
    LABEL = _("custom event")
    GROUP = Group.CUSTOM
    Form = EventForm
    OBSERVES = True

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        known = {"type", "count", "where", "distinct", "link"}
        found = [ConfigFault(str(key), _("A custom event has no such setting.")) for key in config if key not in known]
        kind = config.get("type")
        if not isinstance(kind, str) or not TYPE.fullmatch(kind):
            found.append(ConfigFault("type", _("This must be 1 to 50 Latin letters, digits, “-” and “_”.")))
        if not _is_count(config.get("count")):
            found.append(ConfigFault("count", _("This must be a whole number from 1 to 1,000,000.")))
        if config.get("distinct") not in (None, *event_counts.DISTINCT):
            found.append(ConfigFault("distinct", _("This is days, items, or left out.")))
        if "link" in config and not is_link(config["link"]):
            found.append(ConfigFault("link", _("This must be a web address such as https://shop.example/new.")))
        return found + _where_faults(config.get("where", {}))

    def target(self, config: Mapping[str, Any]) -> int:
        count: int = config["count"]
        return count

    def events(self, config: Mapping[str, Any]) -> Collection[str]:
        return (config["type"],)

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        counted = event_counts.count(
            turn.member_id,
            config["type"],
            since=max(turn.window.since, turn.window.joined_at),
            until=turn.window.until,
            zone=turn.zone,
            where=config.get("where"),
            distinct=config.get("distinct"),
        )
        return {"counted": counted}

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        # Of a task that may be done several times, each time takes as many as it asks for.
        used = earlier_times(turn.period) * config["count"]
        return Moved(count=min(max(0, payload["counted"] - used), MOST), data={})

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        where = config.get("where") or {}
        labels = {"item": _("Items"), "category": _("Categories"), "keyword": _("Keywords")}
        asked = [(labels[name], where[name]) for name in event_counts.WHERE if name in where]
        return {"asked": asked, "distinct": config.get("distinct"), "link": config.get("link")}


def _where_faults(where: Any) -> list[ConfigFault]:
    if not isinstance(where, Mapping):
        return [ConfigFault("where", _("This is an object of item, category and keyword."))]
    return [
        ConfigFault(f"where.{name}", _("This must be a list of 1 to 500 texts under item, category or keyword."))
        for name, values in where.items()
        if name not in event_counts.WHERE or not _are_texts(values)
    ]


def _are_texts(values: Any) -> bool:
    return (
        isinstance(values, list)
        and 0 < len(values) <= MOST_VALUES
        and all(isinstance(each, str) and 0 < len(each) <= LONGEST for each in values)
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST


KIND = CustomEvent()

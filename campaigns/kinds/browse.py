"""Browse (浏览): stay on a page for so many seconds, which the server measures.

The configuration is {"seconds": 15, "url": "https://…"}, with {"pause": 30} as an option. The clock starts when the
member begins (accepts the task, or submits for the first time). Every further submission adds the time since the last
one, but never more than `pause` seconds: who leaves for longer has paused, and goes on from there at a later visit. The
page sends one every few seconds; the shop's own page may send them through the API instead.

What a client says of time is not taken. {"finish": true} asks for the end: before its time it is refused with the
seconds that are left.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns.config_checks import is_integer, is_link, unknown
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm
from campaigns.refusals import BadSubmission, Because, Refused

MOST_SECONDS = 3_600
PAUSE = 30
TOO_EARLY = "too_early"
MILLISECOND = 0.001


class BrowseForm(ConfigForm):
    url = forms.URLField(label=_("page to look at"), assume_scheme="https", max_length=2_000)
    seconds = forms.IntegerField(label=_("seconds on the page"), min_value=1, max_value=MOST_SECONDS)
    pause = forms.IntegerField(
        label=_("longest absence that counts, in seconds"),
        required=False,
        min_value=5,
        max_value=MOST_SECONDS,
        help_text=_("Who is away for longer has paused. Empty: 30 seconds."),
    )


class Browse(Kind):
    LABEL = _("browse a page")
    GROUP = Group.INCENTIVE
    Form = BrowseForm

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = list(unknown(config, {"seconds", "url", "pause"}, _("A page to browse has no such setting.")))
        if not is_integer(config.get("seconds"), 1, MOST_SECONDS):
            found.append(ConfigFault("seconds", _("This must be a number of seconds from 1 to 3,600.")))
        if not is_link(config.get("url")):
            found.append(ConfigFault("url", _("This must be a web address such as https://shop.example/new.")))
        if "pause" in config and not is_integer(config["pause"], 5, MOST_SECONDS):
            found.append(ConfigFault("pause", _("This must be a number of seconds from 5 to 3,600.")))
        return found

    def target(self, config: Mapping[str, Any]) -> int:
        return config["seconds"]

    def takes(self, config: Mapping[str, Any]) -> Collection[str]:
        return {"finish"}

    def begin(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Moved:
        data = dict(standing.data) | {"seen_at": turn.now.isoformat()}
        return Moved(standing.count, data, {"left": config["seconds"] - standing.count})

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        finish = _finish(payload)
        looked = float(standing.data.get("looked", 0)) + _since_seen(standing, turn.now, config.get("pause", PAUSE))
        count = min(int(looked + MILLISECOND), config["seconds"])
        left = config["seconds"] - count
        if finish and left:
            raise Refused(_too_early(left))
        data = {"looked": round(looked, 3), "seen_at": turn.now.isoformat()}
        return Moved(count=count, data=data, result={"left": left})

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        """`running`: the page was seen so lately that the time since then still counts in full."""
        away = _since_seen(standing, turn.now, MOST_SECONDS)
        running = "seen_at" in standing.data and away < config.get("pause", PAUSE)
        return {
            "url": config["url"],
            "seconds": config["seconds"],
            "left": max(config["seconds"] - standing.count, 0),
            "begun": "seen_at" in standing.data,
            "running": running,
        }

    def told(self, config: Mapping[str, Any], result: Mapping[str, Any]) -> str | Promise | None:
        return None


def _since_seen(standing: Standing, now: datetime, most: int) -> float:
    """The seconds since the member was last seen, at most so many. A request that another overtook adds none."""
    seen_at = standing.data.get("seen_at")
    if seen_at is None:
        return 0.0
    return min(max((now - datetime.fromisoformat(seen_at)).total_seconds(), 0.0), float(most))


def _finish(payload: Mapping[str, Any]) -> bool:
    given = payload.get("finish", False)
    if given in (True, False):
        return bool(given)
    if given in ("true", "1", "on"):
        return True
    raise BadSubmission({"finish": gettext("This is yes, or left out.")})


def _too_early(left: int) -> Because:
    words = ngettext("Stay %d second longer.", "Stay %d seconds longer.", left) % left
    return Because(TOO_EARLY, lazystr(words))


KIND = Browse()

"""Share (分享): the member passes the campaign on, up to `count` times in a period.

The configuration is {"count": n} with the option {"items": […]}. A share is a `share` event: the shop's app pushes it
through the API, for this campaign (its key as the item), for none, or for one of the `items` if there are any; or the
member says so on the task's page, which writes the event with the server's time.

Whether a message was really sent nobody can see from here; what is worth more than a few points asks for who comes by
the link (the kinds invite and assist). The link leads to a page that says who shares it; nobody answers it.
"""

from collections.abc import Collection, Mapping
from datetime import UTC
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns import event_counts
from campaigns.definition import Task
from campaigns.kinds.face import ConfigFault, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm, TextsField
from campaigns.periods import earlier_times
from campaigns.shared_kind import Linked
from members.event_rows import EventRow
from members.ingest_events import ingest_events
from members.models import Member

EVENT = "share"
MOST = 100


class ShareForm(ConfigForm):
    count = forms.IntegerField(label=_("how many times"), min_value=1, max_value=MOST, initial=1)
    items = TextsField(label=_("shares of these items count too"))


class Share(Linked):
    LABEL = pgettext_lazy("kind of task", "share")
    ASKS = _("%(name)s shares this with you")
    BUTTON = _("Have a look")
    Form = ShareForm
    OBSERVES = True

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = [
            ConfigFault(str(key), _("A share has no such setting.")) for key in config if key not in {"count", "items"}
        ]
        count = config.get("count")
        if not isinstance(count, int) or isinstance(count, bool) or not 0 < count <= MOST:
            found.append(ConfigFault("count", _("This must be a whole number from 1 to 100.")))
        if "items" in config and not _are_texts(config["items"]):
            found.append(ConfigFault("items", _("This must be a list of texts, not an empty one.")))
        return found

    def target(self, config: Mapping[str, Any]) -> int:
        count: int = config["count"]
        return count

    def events(self, config: Mapping[str, Any]) -> Collection[str]:
        return (EVENT,)

    def write(self, config: Mapping[str, Any], payload: Mapping[str, Any], turn: Turn) -> None:
        """Note that the member shared just now."""
        uid = Member.objects.values_list("uid", flat=True).get(pk=turn.member_id)
        moment = turn.now.astimezone(UTC)
        event_id = f"share-{turn.enrolment_id}-{turn.task.key}-{int(moment.timestamp() * 1_000_000)}"
        ingest_events([EventRow(event_id, uid, EVENT, moment, item=turn.campaign)], now=turn.now)

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        items = {"", turn.campaign, *config.get("items", ())}
        shared = event_counts.count(
            turn.member_id,
            EVENT,
            since=max(turn.window.since, turn.window.joined_at),
            until=turn.window.until,
            zone=turn.zone,
            where={"item": items},
        )
        return {"shared": shared}

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        # Of a task that may be done several times, each time takes as many as it asks for.
        new = payload["shared"] - earlier_times(turn.period) * config["count"]
        return Moved(count=min(max(0, new), config["count"]), data={})

    def about(self, task: Task) -> str:
        """The campaign itself, which the page and the poster name already."""
        return ""


def _are_texts(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(each, str) and each for each in values)


KIND = Share()

"""What `members` shows of a member's behaviour events: a panel of habits, and the events in the timeline."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from members.event_habits import Frequent, event_habits_of
from members.habits_charts import hours_chart
from members.models import Event
from members.portrait import Panel, Said, Source, Visit, register
from operations.charts import Bar, Bars, share

# The types that shops commonly send; any other is told by its own name.
TYPES: dict[str, str | Promise] = {
    "view": pgettext_lazy("event", "viewed"),
    "favourite": pgettext_lazy("event", "favourited"),
    "cart": pgettext_lazy("event", "put into the cart"),
    "search": pgettext_lazy("event", "searched"),
    "click": pgettext_lazy("event", "clicked"),
    "share": pgettext_lazy("event", "shared"),
    "login": pgettext_lazy("event", "logged in"),
}


def register_own() -> None:
    register(
        Panel(
            name="events",
            position=210,
            title=gettext_lazy("Behaviour in the last 90 days"),
            template="admin/members/member/events.html",
            permissions=("members.view_event",),
            show=behaviour,
            wide=True,
        ),
        Source(
            kind="event",
            title=gettext_lazy("Events"),
            icon="ads_click",
            position=30,
            permissions=("members.view_event",),
            rows=lambda member_id: Event.objects.filter(member=member_id),
            at="occurred_at",
            key="event_id",
            details={"did": "type", "what": "item", "of": "category", "words": "keyword"},
            say=_event,
        ),
    )


def behaviour(visit: Visit) -> Mapping[str, Any]:
    habits = event_habits_of(visit.member.pk, now=visit.now)
    named = {str(key): str(words) for key, words in TYPES.items()}
    return {
        "hours": hours_chart(habits.hours, title=_("Events by weekday and hour")),
        "shares": [
            _bars(_("Events by type"), habits.types, named),
            _bars(_("Events by category"), habits.categories, {}),
            _bars(_("Keywords searched for"), habits.keywords, {}),
        ],
    }


def _bars(caption: str, frequent: Sequence[Frequent], named: Mapping[str, str]) -> Bars:
    most = max((each.events for each in frequent), default=0)
    return Bars(
        caption,
        tuple(
            Bar(
                label=_others(each.others) if each.step is None else named.get(each.step, each.step),
                share=share(each.events, most),
                shown=number_format(each.events, use_l10n=True, force_grouping=True),
            )
            for each in frequent
        ),
    )


def _others(count: int) -> str:
    return ngettext("%(count)s other", "%(count)s others", count) % {"count": count}


def _event(told: Mapping[str, Any]) -> Said:
    did = str(TYPES.get(told["did"], told["did"]))
    keyword = _("“%(words)s”") % {"words": told["words"]} if told["words"] else ""
    words = " ".join(filter(None, [did[:1].upper() + did[1:], keyword or told["what"]]))
    detail = [told["what"] if keyword else "", told["of"]]
    return Said(words, " · ".join(filter(None, detail)))

"""What the API says of an explanation: every clause in codes and in words. Queries names and how fresh segments are."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import answers
from campaigns.audience_field import LABELS, AudienceChoices
from campaigns.definition import AUDIENCE_BOUNDS
from campaigns.explaining import Clause, Explained, Explanation
from operations.sentences import listed
from segmentation.models import Segment

PER = {
    "all": gettext_lazy("Done fewer than %(needed)s times by everyone together"),
    "day": gettext_lazy("Done fewer than %(needed)s times today by everyone together"),
    "week": gettext_lazy("Done fewer than %(needed)s times this week by everyone together"),
    "month": gettext_lazy("Done fewer than %(needed)s times this month by everyone together"),
}
# Of a gate: what is asked. `needed` is filled in.
GATE_WORDS: dict[str, str | Promise] = {
    "standing": gettext_lazy("Not done yet, or its reward can be claimed"),
    "opens_at": gettext_lazy("Open from %(needed)s"),
    "closes_at": gettext_lazy("Open until %(needed)s"),
    "paused": gettext_lazy("Not paused"),
    "campaign": gettext_lazy("The campaign is open and for this member"),
    "skip": gettext_lazy("The step does not fall away for this member"),
    "chain": gettext_lazy("The chain “%(needed)s” is for this member"),
    "chain_until": gettext_lazy("The time for the chain ends at %(needed)s"),
    "step": gettext_lazy("The step “%(needed)s” comes first"),
    "finish_until": gettext_lazy("To be finished before %(needed)s"),
    "slot": gettext_lazy("The place “%(needed)s” shows this one to the member"),
    "score_gate": gettext_lazy("A campaign score that may draw"),
}
AddressOf = Callable[[str], str | None]


class Known:
    """What explanations are told with, read once for all of them: names, and when each segment was computed."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._choices = AudienceChoices()
        self._names: dict[str, Mapping[str, str]] = {}

    def named(self, part: str, keys: Iterable[str]) -> str:
        """The keys of a part of an audience by their names; those that are gone by the key."""
        what = "tags" if part.startswith("tags") else part
        if what not in self._names:
            self._names[what] = dict(self._choices.of(what))
        return listed(str(self._names[what].get(key, key)) for key in keys)

    @cached_property
    def computed_at(self) -> Mapping[str, datetime | None]:
        return dict(Segment.objects.values_list("slug", "refreshed_at"))


def explanation(explained: Explanation, known: Known) -> dict[str, Any]:
    """All parts of a campaign for one member. A stranger, whose uid is "", has no address that says why."""
    uid = explained.subject.uid

    def why(segment: str) -> str | None:
        return f"{known.site}{reverse('segment-member', args=[segment, uid])}" if uid else None

    return {
        "profiling_refused": explained.subject.profiling_refused,
        "campaign": _part(explained.campaign, known, why),
        "tasks": [_keyed(each, known, why) for each in explained.tasks],
        "chains": [_keyed(each, known, why) for each in explained.chains],
        "pools": [_keyed(each, known, why) for each in explained.pools],
    }


def _keyed(explained: Explained, known: Known, why: AddressOf) -> dict[str, Any]:
    key = getattr(explained.part, "key", None) or getattr(explained.part, "slug", None)
    state = {"state": explained.state.value} if explained.state else {}
    return {"key": key, **state, **_part(explained, known, why)}


def _part(explained: Explained, known: Known, why: AddressOf) -> dict[str, Any]:
    return {
        "eligible": explained.first_refusal is None,
        "reason": answers.reason(explained.refusal),
        "clauses": [_clause(each, known, why) for each in explained.clauses],
    }


def _clause(clause: Clause, known: Known, why: AddressOf) -> dict[str, Any]:
    return {
        "asks": clause.asks,
        "held": clause.refusal is None,
        "asked": not clause.waived,
        "reason": answers.reason(clause.refusal),
        "needed": clause.needed,
        "value": clause.value,
        "words": _words(clause, known),
        "told": _told(clause, known),
        "segments": _segments(clause, known, why) if clause.asks.startswith("segments") else None,
    }


def _segments(clause: Clause, known: Known, why: AddressOf) -> list[dict[str, Any]]:
    """Each segment named, how fresh what is said of it is, and where it says why. `is_member` is null if not asked."""
    held = clause.value if isinstance(clause.value, tuple) else None
    keys = clause.needed if isinstance(clause.needed, tuple) else ()
    return [
        {
            "segment": key,
            "is_member": None if held is None else key in held,
            "as_of": known.computed_at.get(key),
            "why": why(key),
        }
        for key in keys
    ]


def _words(clause: Clause, known: Known) -> str:
    """What is asked."""
    if clause.quota is not None:
        return str(PER[clause.quota.per]) % {"needed": clause.needed}
    if clause.asks in GATE_WORDS:
        return str(GATE_WORDS[clause.asks]) % {"needed": _shown(clause.needed)}
    needed = known.named(clause.asks, clause.needed) if isinstance(clause.needed, tuple) else str(clause.needed)
    return _("%(label)s: %(needed)s") % {"label": LABELS[clause.asks], "needed": needed}


def _told(clause: Clause, known: Known) -> str:
    """What the member has of it, "" where that is nothing of theirs."""
    if clause.asks in AUDIENCE_BOUNDS or clause.asks == "score_gate":
        return _("has %(score)s") % {"score": clause.value}
    if clause.quota is not None:
        return "" if clause.value is None else _("%(taken)s times done") % {"taken": clause.value}
    if clause.asks not in LABELS:
        return ""
    if clause.value is None:
        return _("not looked at: the member has refused profiling")
    if not isinstance(clause.value, tuple) or not clause.value:
        return _("has none")
    # Of a group that is asked for, the tags that the member has in it are told.
    part = "tags_any" if clause.asks == "tag_groups" else clause.asks
    return _("has %(names)s") % {"names": known.named(part, clause.value)}


def _shown(needed: object) -> str:
    if isinstance(needed, datetime):
        return str(formats.date_format(timezone.localtime(needed), "SHORT_DATETIME_FORMAT"))
    return str(needed)

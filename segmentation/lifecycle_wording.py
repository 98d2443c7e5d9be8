"""What stages mean, in words: the definitions of a version, and why one member is in a stage."""

from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from operations.sentences import clauses, listed
from segmentation import lifecycle_stages
from segmentation.facts import clock
from segmentation.lifecycle_stages import STAGES, Definition, Traces
from segmentation.past_facts import DAY, NEVER
from segmentation.wording import STAGE_NAMES, days_ago

# How far ahead a member's page looks for what time alone will bring.
AHEAD = 800 * DAY


def meanings(definition: Definition) -> dict[str, str]:
    """Return what each stage means, in the order in which stages are shown."""
    words = lifecycle_stages.as_json(definition) | {"events": listed(definition.interested_events)}
    told = {
        "prospect": _("Never ordered, and none of the others."),
        "interested": _("%(events)s within %(interested_days)s days, and no order in them."),
        "new": _("One order within %(new_days)s days, and no other in %(new_years)s years of 365 days."),
        "repurchase": _(
            "Bought of a category that is bought again, and now is from %(due_from)s %% to %(due_until)s %% of its "
            "cycle after the last purchase."
        ),
        "active": _("The last order within %(active_days)s days."),
        "sleeping": _("The last order more than %(active_days)s days ago, within %(sleeping_days)s days."),
        "lost": _("The last order more than %(sleeping_days)s days ago."),
    }
    return {stage: told[stage] % words for stage in STAGES}


def why(traces: Traces, definition: Definition, now: int) -> dict[str, Any]:
    """Return the stage of the one member in `traces`, why, and what time alone will bring next."""
    anchors = lifecycle_stages.anchors_of(traces, definition)
    stage = STAGES[int(lifecycle_stages.stages(anchors, definition, now)[0])]
    coming = lifecycle_stages.changes(anchors, definition, now, now + AHEAD)
    return {
        "stage": stage,
        "name": STAGE_NAMES[stage],
        "because": _because(stage, traces, definition, now),
        "next": _next(coming),
    }


def _because(stage: str, traces: Traces, definition: Definition, now: int) -> str:
    last, interest = int(traces.last[0]), int(traces.interest[0])
    words = lifecycle_stages.as_json(definition) | {
        "ago": "" if last == NEVER else days_ago((now - last) // DAY),
        "interest": "" if interest == NEVER else days_ago((now - interest) // DAY),
    }
    match stage:
        case "interested":
            told = _("Showed interest %(interest)s, and did not order in the last %(interested_days)s days.")
        case "new":
            told = _("The only order of %(new_years)s years was %(ago)s; that is new for %(new_days)s days.")
        case "repurchase":
            return _due_words(traces, definition, now)
        case "active":
            told = _("Last order %(ago)s; sleeping begins after %(active_days)s.")
        case "sleeping":
            told = _("Last order %(ago)s; sleeping begins after %(active_days)s, lost after %(sleeping_days)s.")
        case "lost":
            told = _("Last order %(ago)s; lost begins after %(sleeping_days)s.")
        case _:
            told = _("Never ordered, and showed no interest in the last %(interested_days)s days.")
    return told % words


def _due_words(traces: Traces, definition: Definition, now: int) -> str:
    told = []
    for code, moment in zip(traces.category.tolist(), traces.moment.tolist(), strict=True):
        category = traces.categories.texts[code]
        days = definition.cycles.get(category, 0)
        if (
            days
            and moment + days * DAY * definition.due_from // 100
            <= now
            <= moment + days * DAY * definition.due_until // 100
        ):
            words = {"category": category, "ago": days_ago((now - moment) // DAY), "days": days}
            told.append(_("%(category)s bought %(ago)s, its cycle is %(days)s days") % words)
    return clauses(told) + _(".")


def _next(coming: lifecycle_stages.Changes) -> str:
    """Return what comes next by time alone, or nothing where all stays as it is."""
    if not coming.moment.size:
        return ""
    moment, after = int(coming.moment[0]), STAGES[int(coming.stage[0])]
    day = date_format(localtime(clock.when(moment)), "SHORT_DATE_FORMAT")
    return _("Without an order or an event: %(stage)s from %(day)s.") % {"stage": STAGE_NAMES[after], "day": day}

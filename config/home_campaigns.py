"""The campaigns of today on the first page: time left, who takes part, what is spent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import at_a_glance
from campaigns.at_a_glance import Glance
from campaigns.entering import scope_of_slug
from campaigns.models import Campaign
from campaigns.states import State
from operations.charts import Meter, share
from operations.models import AuditRecord
from rewards import budgets
from rewards.budget_words import moment_words
from rewards.models import Budget
from rewards.money import short_money

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign in words. `gone` is how much of its time is over; `note` says why it stands still, or who ended it.

    `reach_link` answers with how many members it is for: counted behind the page, "" of what is over.
    """

    name: str
    link: str
    state: str
    state_name: str
    when: str
    dates: str
    people: str
    joined: str
    gone: Meter | None
    budget: Meter | None
    note: str
    reach_link: str

    @property
    def is_to_come(self) -> bool:
        return self.state == State.SCHEDULED


@dataclass(frozen=True, slots=True)
class Campaigns:
    """`more` says in words that others run that are not listed."""

    running: tuple[Row, ...]
    soon: tuple[Row, ...]
    ended: tuple[Row, ...]
    more: str


def campaigns(user: Any, *, now: datetime) -> Campaigns | None:
    """Return the campaigns of today for whoever may see campaigns; their budgets for whoever may see those."""
    if not user.has_perm("campaigns.view_campaign"):
        return None
    today = at_a_glance.today(now=now)
    live = [glance.campaign for glance in (*today.running, *today.soon)]
    meters = budget_meters(live, now=now) if live and user.has_perm("rewards.view_budget") else {}
    running, soon, ended = (
        tuple(_row(each, meters, now=now) for each in group) for group in (today.running, today.soon, today.ended)
    )
    hidden = today.count - len(running) - len(soon)
    words = ngettext("%(count)d more campaign", "%(count)d more campaigns", hidden) % {"count": hidden}
    return Campaigns(running, soon, ended, words if hidden > 0 else "")


def budget_meters(found: Iterable[Campaign], *, now: datetime) -> Mapping[str, Meter]:
    """Return {slug: how far the budget in all of the campaign is spent}. Two statements."""
    scopes = {scope_of_slug(each.slug): each.slug for each in found}
    rows = list(Budget.objects.filter(active=True, per=Budget.Per.TOTAL, scope__in=scopes))
    spent = budgets.spent_of(rows, day=timezone.localtime(now).date()) if rows else {}
    return {scopes[row.scope]: _budget_meter(row, spent.get(row.pk, {})) for row in rows}


def _budget_meter(budget: Budget, spent: Mapping[str, int]) -> Meter:
    cents = spent.get("drawn", 0) + spent.get("promised", 0)
    words = {"spent": short_money(cents), "allowed": short_money(budget.cents)}
    return Meter(_("Budget"), share(cents, budget.cents), _("%(spent)s of %(allowed)s") % words)


def _row(glance: Glance, meters: Mapping[str, Meter], *, now: datetime) -> Row:
    campaign = glance.campaign
    opens_at, closes_at = glance.opens_at, glance.closes_at
    begun = opens_at <= now
    over = closes_at <= now or campaign.state == State.ENDED
    state = State.ENDED if over else State.LIVE if campaign.state == State.SCHEDULED and begun else campaign.state
    gone = Meter(_("Time"), share((now - opens_at).total_seconds(), (closes_at - opens_at).total_seconds()), "")
    return Row(
        name=campaign.name,
        link=reverse("admin:campaigns_campaign_change", args=[campaign.pk]),
        state=state,
        state_name=str(State(state).label),
        when=_when(opens_at, closes_at, over=over, now=now),
        dates=f"{_short(opens_at)} – {_short(closes_at)}",
        people=f"{at_a_glance.COUNTED:,}+" if glance.more else f"{glance.people:,}",
        joined=f"{glance.joined:,}",
        gone=gone if begun and not over else None,
        budget=meters.get(campaign.slug),
        note=_note(glance.record, now=now) if over or state == State.PAUSED else "",
        reach_link="" if over else reverse("admin:campaigns_campaign_reach", args=[campaign.pk]),
    )


def _short(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def _when(opens_at: datetime, closes_at: datetime, *, over: bool, now: datetime) -> str:
    if over:
        return _("ended")
    if opens_at > now:
        return _("opens in %(time)s") % {"time": span_words(opens_at - now)}
    return _("%(time)s left") % {"time": span_words(closes_at - now)}


def span_words(span: timedelta) -> str:
    """Return a span by its largest unit, rounded down: 3 days, 5 hours, 12 minutes."""
    if span >= DAY:
        count = span // DAY
        return ngettext("%(count)s day", "%(count)s days", count) % {"count": f"{count:,}"}
    if span >= HOUR:
        count = span // HOUR
        return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": count}
    count = max(span // timedelta(minutes=1), 1)
    return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}


def _note(record: AuditRecord | None, *, now: datetime) -> str:
    """Return who paused or ended it, when, and why where they said so; "" for what the clock ended."""
    if record is None:
        return ""
    words = {"user": record.actor_name, "at": moment_words(record.occurred_at, now=now)}
    if not record.actor_name:
        return ""
    if record.action == "campaign.ended":
        told = _("Ended by %(user)s, %(at)s.") % words
    else:
        told = _("Paused by %(user)s, %(at)s.") % words
    return f"{told} {record.reason}".strip()

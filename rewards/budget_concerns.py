"""Budgets that are nearly spent, or that will be before what they pay for has ended."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from operations.concerns import Concern, Severity
from rewards import budget_warnings, budgets
from rewards.budget_words import moment_words, name_of, spent_words, warning_words
from rewards.budgets import Standing
from rewards.models import Award, Budget

# The rate by which the end is guessed: one day of awards is read from their index, whatever went before.
WATCHED = timedelta(days=1)
SEVERITIES = {50: Severity.NOTE, 80: Severity.WARNING, 100: Severity.ERROR}


def concerns(now: datetime) -> Iterator[Concern]:
    """Yield the shared budgets of what runs now: half spent or more, or not lasting until the end.

    A budget's own page tells the end with its range (`rewards.burning`).
    """
    found = budgets.standings(Budget.objects.filter(active=True, per__in=budgets.SHARED), now=now)
    running = [each for each in found if each.scope.running]
    early = {standing.budget.pk: at for standing, at in ending_early(running, now=now)}
    for standing in sorted(running, key=lambda each: (-budget_warnings.level_of(each), -each.percent)):
        level, at = budget_warnings.level_of(standing), early.get(standing.budget.pk)
        if at is not None:
            yield Concern(Severity.WARNING, early_words(standing, at, now=now), _page(standing))
        elif level:
            yield Concern(SEVERITIES[level], warning_words(standing, level), _page(standing))


def early_words(standing: Standing, at: datetime, *, now: datetime) -> str:
    """Return when the money is gone, and how much later the end is."""
    words = {
        "budget": name_of(standing),
        "spent": spent_words(standing),
        "at": moment_words(at, now=now),
        "ends": moment_words(standing.scope.ends_at or at, now=now),
    }
    return (
        _("%(budget)s: %(spent)s. At the rate of the last day it is used up about %(at)s; the end is %(ends)s.") % words
    )


def ending_early(running: Iterable[Standing], *, now: datetime) -> Iterator[tuple[Standing, datetime]]:
    """Yield the budgets in all, with something left, that the last day's rate uses up before their scope ends."""
    lasting = [
        each
        for each in running
        if each.budget.per == Budget.Per.TOTAL and each.scope.ends_at is not None and not each.is_dry
    ]
    rates = spent_lately({each.scope.key for each in lasting}, now=now) if lasting else {}
    for each in lasting:
        rate, ends_at = rates.get(each.scope.key, 0), each.scope.ends_at
        # In numbers first: a huge budget at a tiny rate lasts beyond the calendar.
        if ends_at and rate and (days := each.left / rate) < (ends_at - now) / WATCHED:
            yield each, now + days * WATCHED


def spent_lately(scopes: Iterable[str], *, now: datetime) -> dict[str, int]:
    """Return {scope: cents of its awards in the last day that were not taken back}."""
    lately = Award.objects.filter(granted_at__gte=now - WATCHED, scope__in=scopes, cost__gt=0)
    standing = lately.exclude(state=Award.State.REVERSED)
    return {row["scope"]: int(row["cents"]) for row in standing.values("scope").annotate(cents=Sum("cost")).order_by()}


def _page(standing: Standing) -> str:
    return reverse("admin:rewards_budget_change", args=[standing.budget.pk])

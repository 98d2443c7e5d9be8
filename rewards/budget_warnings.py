"""Operators are told when half of a budget is spent, when four fifths are, and when it is used up.

A job looks each minute. In the draw itself it would cost a statement more while the budget's one row is locked, at each
draw and for a warning that comes three times; and that nothing is left for any prize is no write that could tell of it.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from operations import jobs
from rewards import budgets
from rewards.budget_words import name_of, warning_words
from rewards.budgets import SHARED, Standing
from rewards.models import Budget, BudgetWarning
from rewards.periods import day_of

logger = logging.getLogger(__name__)

LEVELS = (50, 80, 100)
MAIL = "rewards.jobs.mail_budget_warning"

# Whoever comes second waits for the first, and is told nothing: one warning, one mail.
INSERT = """
INSERT INTO rewards_budgetwarning (budget_id, day, percent, allowed, spent, warned_at)
SELECT * FROM unnest(%s::bigint[], %s::date[], %s::smallint[], %s::bigint[], %s::bigint[], %s::timestamptz[])
ON CONFLICT DO NOTHING RETURNING id, budget_id, percent
"""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning just written: the highest of those that its budget reached at once."""

    id: int
    percent: int
    standing: Standing


def level_of(standing: Standing) -> int:
    """Return the highest of LEVELS that was reached, 0 for none. What is too little for any prize is used up."""
    if not standing.shared:
        return 0
    if standing.is_dry:
        return LEVELS[-1]
    return max((level for level in LEVELS if standing.percent >= level), default=0)


def warn(*, now: datetime, after: int = 0, limit: int = 500) -> int | None:
    """Warn of each shared budget that has reached a level, once; return the id to go on after, None at the end.

    Budgets a member are not warned of: they are there to be used up, and counted on their page.
    """
    found = list(Budget.objects.filter(active=True, per__in=SHARED, pk__gt=after).order_by("pk")[:limit])
    for warned in write_warnings(budgets.standings(found, now=now), now=now):
        tell(warned)
    return found[-1].pk if len(found) == limit else None


def write_warnings(standings: Sequence[Standing], *, now: datetime) -> list[Warned]:
    """Write each warning that was not written yet; return the highest new one of each budget."""
    today = day_of(now)
    rows = [
        (each.budget.pk, _day_of(each.budget, today), level, each.allowed, each.spent, now)
        for each in standings
        for level in LEVELS
        if level <= level_of(each)
    ]
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [list(column) for column in zip(*rows, strict=True)])
        written = cursor.fetchall()
    by_budget = {each.budget.pk: each for each in standings}
    highest: dict[int, Warned] = {}
    for pk, budget, percent in sorted(written, key=lambda row: row[2]):
        highest[budget] = Warned(pk, percent, by_budget[budget])
    return list(highest.values())


def _day_of(budget: Budget, today: date) -> date | None:
    return today if budget.per == Budget.Per.DAY else None


def tell(warned: Warned) -> None:
    """Log a warning, and send it by mail where the site sends any."""
    standing = warned.standing
    logger.warning(
        "budget %s of %s (%s) is spent by %s percent: %s of %s cents",
        standing.budget.pk,
        standing.budget.scope,
        standing.budget.per,
        warned.percent,
        standing.spent,
        standing.allowed,
    )
    if settings.EMAIL_URL:
        jobs.enqueue(MAIL, key=f"budget-warning:{warned.id}", arguments={"warning_id": warned.id})


def mail(warning_id: int, *, now: datetime) -> int:
    """Send a warning to every operator who may see budgets and has an address; return to how many."""
    warning = BudgetWarning.objects.select_related("budget").get(pk=warning_id)
    addresses = sorted({user.email for user in operators() if user.email})
    if not addresses:
        return 0
    with translation.override(settings.LANGUAGE_CODE):
        (standing,) = budgets.standings([warning.budget], now=now)
        words = warning_words(standing, warning.percent)
        subject = _("Budget: %(percent)d %% of %(budget)s") % {
            "percent": warning.percent,
            "budget": name_of(standing),
        }
        # Nobody learns who else is told.
        EmailMessage(subject, words, bcc=addresses).send()
    return len(addresses)


def operators() -> Iterable[User]:
    """Return the active staff who may see budgets."""
    backend = "django.contrib.auth.backends.ModelBackend"
    may = User.objects.with_perm("rewards.view_budget", backend=backend)
    return may.filter(is_staff=True)


def concerning(*, now: datetime) -> list[Standing]:
    """Return the shared budgets of what runs now that have reached a level, the most spent first."""
    found = budgets.standings(Budget.objects.filter(active=True, per__in=SHARED), now=now)
    reached = [each for each in found if each.scope.running and level_of(each)]
    return sorted(reached, key=lambda each: (-level_of(each), -each.percent))

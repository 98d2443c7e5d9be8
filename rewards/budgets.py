"""Where budgets stand: what was spent of each, by whom, by the hour, and what can still be won with what is left."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Count, F, Min, Q, QuerySet, Sum
from django.utils import timezone

from rewards.models import Budget, BudgetUse, Draw, PoolVersionPrize
from rewards.periods import day_of
from rewards.scopes import Scope, named

# Budgets that are of everybody: for them it can be told when they are used up. The others are one a member.
SHARED = (Budget.Per.TOTAL, Budget.Per.DAY)
DAILY = (Budget.Per.DAY, Budget.Per.MEMBER_DAY)

# What was charged to budgets by the site's hour. Reversed awards have given back. `granted_at` finds the awards.
CHARGED = """
SELECT used.budget_id, date_trunc('hour', award.granted_at AT TIME ZONE %s) AS hour, sum((charge ->> 1)::bigint)::bigint
FROM rewards_award award
CROSS JOIN LATERAL (
    SELECT jsonb_array_elements(award.taken -> 'budgets')
    UNION ALL SELECT jsonb_array_elements(award.taken -> 'promised')
) AS charged (charge)
JOIN rewards_budgetuse used ON used.id = (charge ->> 0)::bigint AND used.budget_id = ANY(%s)
WHERE award.granted_at >= %s AND award.state <> 'reversed'
GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget and what was spent of it, in cents: in all, or on this day where it is one a day.

    Of a budget a member, `drawn` and `promised` are of all members together, `members` how many have spent of it,
    `members_done` how many have nothing left. `cheapest` is the least that a prize of its pools costs that costs
    anything, None where there is none or where one costs nothing and can always be won.
    """

    budget: Budget
    scope: Scope
    drawn: int = 0
    promised: int = 0
    members: int = 0
    members_done: int = 0
    cheapest: int | None = None

    @property
    def shared(self) -> bool:
        return self.budget.per in SHARED

    @property
    def allowed(self) -> int:
        return self.budget.cents

    @property
    def spent(self) -> int:
        return self.drawn + self.promised

    @property
    def left(self) -> int:
        """Return what draws can still take, in cents: never below 0, though promises may pass what is allowed."""
        return max(self.allowed - self.spent, 0)

    @property
    def is_dry(self) -> bool:
        """Tell whether what is left is too little for any prize: each draw gives the consolation prize."""
        return self.shared and (self.left == 0 or (self.cheapest is not None and self.left < self.cheapest))

    @property
    def percent(self) -> int:
        """Return what was spent in whole per cent, rounded down: 100 is reached and not nearly so."""
        return 100 * self.spent // self.allowed


def standings(budgets: Iterable[Budget], *, now: datetime) -> list[Standing]:
    """Return where each budget stands now. Six queries at most, whatever their number."""
    budgets = list(budgets)
    scopes = named(budget.scope for budget in budgets)
    spent = spent_of(budgets, day=day_of(now))
    cheapest = cheapest_prizes(slug for scope in scopes.values() for slug in scope.pools)
    return [
        Standing(
            budget,
            (scope := scopes[budget.scope]),
            cheapest=min((cheapest[slug] for slug in scope.pools if slug in cheapest), default=None) or None,
            **spent.get(budget.pk, {}),
        )
        for budget in budgets
    ]


def spent_of(budgets: Collection[Budget], *, day: date) -> dict[int, dict[str, int]]:
    """Return {id of the budget: the figures of a Standing}, of budgets a day those of `day`."""
    of_day = Q(budget__per__in=DAILY, day=day) | Q(budget__in=[each for each in budgets if each.per not in DAILY])
    uses = BudgetUse.objects.filter(of_day, budget__in=budgets).order_by().values("budget_id")
    done = Q(drawn__gte=F("budget__cents") - F("promised"))
    found = uses.annotate(
        drawn_sum=Sum("drawn"), promised_sum=Sum("promised"), people=Count("member"), done=Count("member", filter=done)
    )
    return {
        row["budget_id"]: {
            "drawn": int(row["drawn_sum"]),
            "promised": int(row["promised_sum"]),
            "members": row["people"],
            "members_done": row["done"],
        }
        for row in found
    }


def prizes_to_win(pools: Iterable[str]) -> QuerySet[PoolVersionPrize]:
    """Return the prizes with odds, but for the consolation, of the versions of these pools that are live."""
    prizes = PoolVersionPrize.objects.filter(version=F("version__pool__current"), version__pool__slug__in=set(pools))
    return prizes.filter(consolation=False, ceiling__gt=F("floor"))


def cheapest_prizes(pools: Iterable[str]) -> dict[str, int]:
    """Return {pool: what its cheapest prize costs in cents}."""
    cheapest = prizes_to_win(pools).order_by().values_list("version__pool__slug").annotate(least=Min("cost"))
    return dict(cheapest)


def spent_by_hour(budgets: Collection[int], *, since: datetime) -> dict[int, dict[datetime, int]]:
    """Return {id of the budget: {hour in the site's zone: cents}} of awards since then that were not reversed."""
    zone = timezone.get_default_timezone()
    with connection.cursor() as cursor:
        cursor.execute(CHARGED, [str(zone), list(budgets), since])
        rows = cursor.fetchall()
    found: dict[int, dict[datetime, int]] = {budget: {} for budget in budgets}
    for budget, hour, cents in rows:
        found[budget][hour.replace(tzinfo=zone)] = cents
    return found


def by_day(hours: Mapping[datetime, int], days: Sequence[date]) -> dict[date, int]:
    """Return the cents of each of the days."""
    totals = dict.fromkeys(days, 0)
    for hour, cents in hours.items():
        if hour.date() in totals:
            totals[hour.date()] += cents
    return totals


def fallen_draws(scope: Scope, *, since: datetime, now: datetime) -> tuple[int, int]:
    """Return how many draws of a scope gave the consolation prize because a budget had no room: since then, and today.

    A draw is charged to the budgets of its campaign and of its pool; which of them had no room is not recorded.
    """
    within = Q(version__pool__slug__in=scope.pools) if scope.key.startswith("pool:") else Q(scope=scope.key)
    fallen = Draw.objects.filter(within, drawn_at__gte=since, fallback=Draw.Fallback.BUDGET)
    counted = fallen.aggregate(all=Count("pk"), today=Count("pk", filter=Q(drawn_at__gte=midnight(now))))
    return counted["all"], counted["today"]


def midnight(now: datetime) -> datetime:
    """Return when the site's day of `now` began."""
    return timezone.localtime(now, timezone.get_default_timezone()).replace(hour=0, minute=0, second=0, microsecond=0)


def next_midnight(now: datetime) -> datetime:
    return midnight(now) + timedelta(days=1)

"""The guarded fields of gifts, budgets, mall items, earning rules, units and levels."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from members.models import Level
from operations import guarded_fields
from operations.four_eyes import BUDGET, POINTS, STOCK, VALUE
from operations.guarded_fields import (
    Field,
    Guard,
    earlier,
    higher,
    lower,
    more,
    shown_limit,
    shown_time,
    shown_yes,
)
from operations.sentences import listed
from rewards import fixed_gifts
from rewards.models import Budget, EarningRule, Gift, MallItem, Unit
from rewards.money import as_cents, money, short_money
from rewards.scopes import named

TO_APPROVE = {
    STOCK: "rewards.approve_stock",
    BUDGET: "rewards.approve_budget",
    VALUE: "rewards.approve_value",
    POINTS: "rewards.approve_adjustment",
}


def shown_money(value: Any) -> str:
    return "–" if value is None else short_money(as_cents(value))


def shown_number(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else f"{value:,}"


def switched_off(now: bool, then: bool) -> bool:
    """A budget that does not hold any more stops nobody: that is as if it were raised without limit."""
    return now and not then


def switched_on(now: bool, then: bool) -> bool:
    return then and not now


def shorter(now: str, then: str) -> bool:
    """So many for a member each month are more than so many in all, and each day more than each month."""
    order = (MallItem.Period.ALL, MallItem.Period.MONTH, MallItem.Period.DAY)
    return order.index(MallItem.Period(then)) > order.index(MallItem.Period(now))


def shown_period(value: str) -> str:
    return str(MallItem.Period(value).label)


def wider(now: Sequence[str], then: Sequence[str]) -> bool:
    """A rule without categories is for all of them."""
    return bool(now) and (not then or not set(then) <= set(now))


def shown_categories(value: Sequence[str]) -> str:
    return listed(value) or pgettext("no narrowing", "all")


def _matters(item: Any) -> bool:
    return item.state != MallItem.State.DRAFT or item.orders.exists()


def _earns(rule: Any) -> bool:
    return rule.enabled or rule.earnings.exists()


def _whose(budget: Any) -> str:
    words = {"scope": named([budget.scope])[budget.scope], "per": budget.get_per_display()}
    return _("%(scope)s, %(per)s") % words


def _gives(rule: Any) -> str:
    """Say what a rule gives, for who is asked to let it begin."""
    amount = shown_number(rule.amount if rule.rate is None else rule.rate)
    words = {"unit": str(rule.unit), "amount": amount}
    if rule.rate is None:
        return _("It gives %(amount)s %(unit)s for each event.") % words
    return _("It gives %(amount)s %(unit)s for each unit of money paid.") % words


def register_own() -> None:
    guarded_fields.register(
        Guard(
            Gift,
            STOCK,
            gettext_lazy("More stock of a gift"),
            (Field("stock", more, shown_limit), Field("per_member", more, shown_limit)),
            (TO_APPROVE[STOCK],),
            counts=fixed_gifts.in_use,
        ),
        Guard(
            MallItem,
            STOCK,
            gettext_lazy("More stock in the mall"),
            (
                Field("stock", more, shown_limit),
                Field("per_member", more, shown_limit),
                Field("per_member_period", shorter, shown_period),
                Field("opens_at", earlier, shown_time),
                Field("closes_at", more, shown_time),
            ),
            (TO_APPROVE[STOCK],),
            counts=_matters,
        ),
        Guard(
            Budget,
            BUDGET,
            gettext_lazy("A higher budget"),
            (Field("cents", higher, money, words=gettext_lazy("amount")), Field("active", switched_off, shown_yes)),
            (TO_APPROVE[BUDGET],),
            counts=lambda budget: budget.active,
            called=_whose,
        ),
        Guard(
            Gift,
            VALUE,
            gettext_lazy("A gift worth more"),
            (
                Field("face_value", higher, shown_money),
                Field("cost", higher, shown_money),
                Field("amount", higher, shown_number),
                Field("threshold", lower, shown_money),
                Field("valid_days", more, shown_limit),
                Field("valid_from", earlier, shown_time),
                Field("valid_until", more, shown_time),
            ),
            (TO_APPROVE[VALUE],),
            counts=fixed_gifts.in_use,
        ),
        Guard(
            MallItem,
            VALUE,
            gettext_lazy("A lower price in the mall"),
            (Field("price", lower, shown_number),),
            (TO_APPROVE[VALUE],),
            counts=_matters,
        ),
        Guard(
            EarningRule,
            POINTS,
            gettext_lazy("More points by an earning rule"),
            (
                Field("rate", higher, shown_number),
                Field("amount", higher, shown_number),
                Field("cap_per_day", more, shown_limit),
                Field("uses_multiplier", switched_on, shown_yes),
                Field("categories", wider, shown_categories),
                Field("starts_at", earlier, shown_time),
                Field("ends_at", more, shown_time),
            ),
            (TO_APPROVE[POINTS],),
            counts=_earns,
        ),
        Guard(
            EarningRule,
            POINTS,
            gettext_lazy("An earning rule in force"),
            (Field("enabled", switched_on, shown_yes, new=False),),
            (TO_APPROVE[POINTS],),
            name="points.earningrule_in_force",
            more=_gives,
        ),
        Guard(
            Unit,
            POINTS,
            gettext_lazy("More to adjust alone"),
            (Field("adjustment_limit", higher, shown_number),),
            (TO_APPROVE[POINTS],),
        ),
        Guard(
            Level,
            POINTS,
            gettext_lazy("More by a level"),
            (Field("points_multiplier", higher, shown_number), Field("extra_chances", higher, shown_number)),
            (TO_APPROVE[POINTS],),
        ),
    )

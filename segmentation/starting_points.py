"""The models of the trade as rules to start from: 拉新, 老用户回归, 首单, 复购 and their like. Pure but for the words.

A starting point asks an operator for a few values and makes ordinary rules of them, which may be changed afterwards.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from segmentation.fields import RFM_CLASSES
from segmentation.wording import RFM_CLASS_NAMES

Text = str | Promise
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an operator fills in. `kind` is category, days, amount (in the shop's money) or rfm_model."""

    name: str
    label: Text
    kind: str
    default: Any = None


@dataclass(frozen=True, slots=True)
class Made:
    """A segment as it would be created: `key` is the beginning of its slug."""

    key: str
    name: str
    description: str
    rule: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StartingPoint:
    key: str
    title: Text
    purpose: Text
    icon: str
    parameters: tuple[Parameter, ...]
    make: Callable[[Values], tuple[Made, ...]]


def _all(*clauses: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "combinator": "and", "rules": list(clauses)}


def _orders(operator: str, value: int, category: str = "") -> dict[str, Any]:
    clause: dict[str, Any] = {"field": "orders.count", "operator": operator, "value": value}
    return clause | ({"where": {"category": [category]}} if category else {})


def _last_order(low: int, high: int, category: str = "") -> dict[str, Any]:
    clause: dict[str, Any] = {"field": "orders.last.days_ago", "operator": "between", "value": [low, high]}
    return clause | ({"where": {"category": [category]}} if category else {})


def _newcomers(values: Values) -> tuple[Made, ...]:
    """The three-way model: who never bought A, of them who showed interest, and who buys B instead."""
    a, b, days = values["category"], values["other"], values["days"]
    interest = {
        "field": "events.count",
        "operator": ">=",
        "value": 1,
        "where": {"type": ["favourite", "cart", "search"], "category": [a]},
        "window": {"last_days": days},
    }
    shown = ngettext(
        "Favourited, carted or searched %(category)s in the last %(days)s day, and never bought it.",
        "Favourited, carted or searched %(category)s in the last %(days)s days, and never bought it.",
        days,
    )
    words = {"category": a, "other": b, "days": days}
    never = _orders("=", 0, a)
    told = _("No order of %(category)s ever.") % words
    return (
        Made("never-bought", _("Never bought %(category)s") % words, told, _all(never)),
        Made("interested", _("Interested in %(category)s, not bought") % words, shown % words, _all(never, interest)),
        Made(
            "buys-other",
            _("Buys %(other)s, not %(category)s") % words,
            _("Bought %(other)s, and never %(category)s.") % words,
            _all(_orders(">=", 1, b), never),
        ),
    )


def _lapsed(values: Values) -> tuple[Made, ...]:
    worthy = ["important_keep", "important_winback"]
    classes = {"field": f"rfm.{values['model']}.class", "operator": "in", "value": worthy}
    quiet = {"field": "orders.last.days_ago", "operator": ">=", "value": values["days"]}
    told = _("Of high value by RFM, without an order for %(days)s days or more.") % values
    return (Made("lapsed-high-value", _("High-value customers to win back"), told, _all(classes, quiet)),)


def _first_order(_values: Values) -> tuple[Made, ...]:
    return (Made("first-order", _("First order to come"), _("Members without any order yet."), _all(_orders("=", 0))),)


def _new_members(values: Values) -> tuple[Made, ...]:
    joined = {"field": "profile.joined.days_ago", "operator": "<=", "value": values["days"]}
    told = _("Joined in the last %(days)s days and has not ordered yet.") % values
    return (Made("new-without-order", _("New members without an order"), told, _all(joined, _orders("=", 0))),)


def _repurchase(values: Values) -> tuple[Made, ...]:
    words = {"category": values["category"], "low": values["low"], "high": values["high"]}
    name = _("Due to buy %(category)s again") % words
    told = _("Last bought %(category)s between %(low)s and %(high)s days ago.") % words
    rule = _all(_last_order(values["low"], values["high"], values["category"]))
    return (Made("repurchase-due", name, told, rule),)


def _sleeping(values: Values) -> tuple[Made, ...]:
    told = _("Last order between %(low)s and %(high)s days ago.") % values
    return (Made("sleeping", _("Sleeping customers"), told, _all(_last_order(values["low"], values["high"]))),)


def _big_spenders(values: Values) -> tuple[Made, ...]:
    spent = {
        "field": "orders.amount.sum",
        "operator": ">=",
        "value": str(values["amount"]),
        "window": {"last_days": values["days"]},
    }
    told = _("Spent %(amount)s or more in the last %(days)s days.") % values
    return (Made("big-spenders", _("Big spenders"), told, _all(spent)),)


def _rfm_classes(values: Values) -> tuple[Made, ...]:
    def made(key: str) -> Made:
        clause = {"field": f"rfm.{values['model']}.class", "operator": "in", "value": [key]}
        words = {"class": RFM_CLASS_NAMES[key]}
        told = _("The RFM class “%(class)s”, as last computed.") % words
        return Made(f"rfm-{key.replace('_', '-')}", _("RFM %(class)s") % words, told, _all(clause))

    return tuple(made(key) for key in RFM_CLASSES)


CATEGORY = Parameter("category", gettext_lazy("Category A"), "category")
MODEL = Parameter("model", gettext_lazy("RFM model"), "rfm_model")
FROM_DAYS, TO_DAYS = gettext_lazy("From days ago"), gettext_lazy("To days ago")

STARTING_POINTS: tuple[StartingPoint, ...] = (
    StartingPoint(
        "newcomers",
        gettext_lazy("New customers for a category"),
        gettext_lazy(
            "Three segments for one push: who never bought the category, who looked for it lately, and who buys "
            "another category but not this one."
        ),
        "person_add",
        (
            CATEGORY,
            Parameter("other", gettext_lazy("Category B"), "category"),
            Parameter("days", gettext_lazy("Interest in the last days"), "days", 30),
        ),
        _newcomers,
    ),
    StartingPoint(
        "lapsed",
        gettext_lazy("High-value customers to win back"),
        gettext_lazy("Old customers who were worth much and have gone quiet: for a come-back offer."),
        "undo",
        (MODEL, Parameter("days", gettext_lazy("Without an order for days"), "days", 90)),
        _lapsed,
    ),
    StartingPoint(
        "first_order",
        gettext_lazy("First order"),
        gettext_lazy("Everyone who has not bought yet: for a first-order coupon."),
        "shopping_bag",
        (),
        _first_order,
    ),
    StartingPoint(
        "new_members",
        gettext_lazy("New members without an order"),
        gettext_lazy("Joined lately and has not bought yet: for a welcome, while they still remember the shop."),
        "waving_hand",
        (Parameter("days", gettext_lazy("Joined in the last days"), "days", 30),),
        _new_members,
    ),
    StartingPoint(
        "repurchase",
        gettext_lazy("Repurchase due"),
        gettext_lazy("What they bought is about to run out: a reminder at the right moment."),
        "autorenew",
        (CATEGORY, Parameter("low", FROM_DAYS, "days", 21), Parameter("high", TO_DAYS, "days", 45)),
        _repurchase,
    ),
    StartingPoint(
        "sleeping",
        gettext_lazy("Sleeping customers"),
        gettext_lazy("Bought once, and not for a good while: to be woken before they are lost."),
        "bedtime",
        (Parameter("low", FROM_DAYS, "days", 90), Parameter("high", TO_DAYS, "days", 365)),
        _sleeping,
    ),
    StartingPoint(
        "big_spenders",
        gettext_lazy("Big spenders"),
        gettext_lazy("Who spent the most: for previews, thanks and gifts."),
        "diamond",
        (
            Parameter("amount", gettext_lazy("Spent at least"), "amount", 1000),
            Parameter("days", gettext_lazy("In the last days"), "days", 365),
        ),
        _big_spenders,
    ),
    StartingPoint(
        "rfm_classes",
        gettext_lazy("The eight RFM classes"),
        gettext_lazy("One segment for each class of an RFM model, to address each in its own way."),
        "grid_view",
        (MODEL,),
        _rfm_classes,
    ),
)
BY_KEY = {each.key: each for each in STARTING_POINTS}

"""Purchase (购买任务): orders, an amount, or units, within the campaign's window.

The configuration is one of {"orders": n}, {"amount": "100"} or {"units": n}, with the options {"categories": […],
"skus": […], "order_from": "50", "within_days": n, "link": "https://…"}; the link leads to the shop. Progress and target
of an amount are counted in hundredths. With `order_from` only orders count of which at least so much counts by itself.

Orders paid from the campaign's opening on count, also those from before the member entered: who has bought already is
not asked to buy again. `within_days` ends the window so many days after the member entered.

Progress is what the orders come to now, so a refund takes it back. Once the task is done, a refund that leaves less
than it asked for withdraws the completion, or takes back the reward that was given (`campaigns.taking_back`).
"""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns import order_totals
from campaigns.config_checks import is_link
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm, TextsField
from campaigns.models import TakenBack
from campaigns.periods import earlier_times

MEASURES = {"orders": _("number of orders"), "amount": _("amount in all"), "units": _("number of articles")}
OPTIONS = ("categories", "skus", "order_from", "within_days", "link")
MOST = 2_000_000_000
MOST_DAYS = 3_650
AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?", re.ASCII)


class PurchaseForm(ConfigForm):
    """One measure and its value, instead of three fields of which one may be filled in."""

    measure = forms.ChoiceField(
        label=_("what counts"),
        choices=list(MEASURES.items()),
    )
    value = forms.DecimalField(label=_("how much"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2)
    order_from = forms.DecimalField(
        label=_("only orders of at least"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=12,
        decimal_places=2,
        help_text=_("In one order, net of refunds. Empty: an order of any amount counts."),
    )
    categories = TextsField(label=_("only of these categories"))
    skus = TextsField(label=_("only these SKUs"))
    within_days = forms.IntegerField(
        label=_("within days of entering"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=_("Empty: as long as the campaign is open."),
    )
    link = forms.URLField(label=_("where to buy it"), required=False, assume_scheme="https", max_length=2_000)

    @classmethod
    def initial_of(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        measured = next((each for each in MEASURES if each in config), "orders")
        return dict(config) | {"measure": measured, "value": config.get(measured)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        value = cleaned.get("value")
        if value is not None and cleaned.get("measure") != "amount" and value != int(value):
            self.add_error("value", _("Orders and articles are whole numbers."))
        return cleaned

    def config(self) -> dict[str, Any]:
        given = super().config()
        measured, value = given.pop("measure"), given.pop("value")
        if "order_from" in given:
            given["order_from"] = f"{given['order_from']:f}"
        return {measured: f"{value:f}" if measured == "amount" else int(value)} | given


class Purchase(Kind):
    LABEL = _("purchase")
    GROUP = Group.PURCHASE
    Form = PurchaseForm
    FOLLOWS = ("order.paid", "order.refunded", "order.corrected", "order.items")
    OBSERVES = True
    TAKES_BACK = ("order.refunded", "order.corrected", "order.items")

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        known = {*MEASURES, *OPTIONS}
        found = [ConfigFault(str(key), _("A purchase has no such setting.")) for key in config if key not in known]
        if "link" in config and not is_link(config["link"]):
            found.append(ConfigFault("link", _("This must be a web address such as https://shop.example/new.")))
        asked = [measure for measure in MEASURES if measure in config]
        if len(asked) != 1:
            found.append(ConfigFault("", _("A purchase asks for one of: orders, amount, units.")))
        found += [
            ConfigFault(key, _("This must be a whole number above 0."))
            for key in ("orders", "units")
            if key in config and not _is_count(config[key])
        ]
        if "within_days" in config and not (_is_count(config["within_days"]) and config["within_days"] <= MOST_DAYS):
            # A later day than the calendar has would stop every member's task.
            found.append(ConfigFault("within_days", _("This must be a whole number of days from 1 to 3,650.")))
        found += [
            ConfigFault(key, _("This must be an amount above 0 such as 99.50, as a text."))
            for key in ("amount", "order_from")
            if key in config and not _is_amount(config[key])
        ]
        found += [
            ConfigFault(key, _("This must be a list of texts, not an empty one."))
            for key in ("categories", "skus")
            if key in config and not _is_names(config[key])
        ]
        return found

    def target(self, config: Mapping[str, Any]) -> int:
        return _counted(measure(config), Decimal(config[measure(config)]))

    def counts_less(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        return (
            measure(before) != measure(after)
            or _order_from(after) > _order_from(before)
            or any(_narrower(before.get(name), after.get(name)) for name in ("categories", "skus"))
            or int(after.get("within_days") or MOST_DAYS) < int(before.get("within_days") or MOST_DAYS)
        )

    def show(self, config: Mapping[str, Any], count: int) -> str:
        return _money(count) if measure(config) == "amount" else str(count)

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        until = turn.window.until
        if "within_days" in config:
            until = min(until, turn.window.joined_at + timedelta(days=int(config["within_days"])))
        return order_totals.load(
            turn.member_id,
            since=turn.window.since,
            until=until,
            categories=config.get("categories", ()),
            skus=config.get("skus", ()),
            order_from=_order_from(config),
        )

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        """The payload is what `observe` loaded: orders, amount and units, net of refunds."""
        measured = measure(config)
        # Of a task that may be done several times, each time takes as much as it asks for.
        used = earlier_times(turn.period) * self.target(config)
        count = max(0, _counted(measured, Decimal(payload[measured])) - used)
        return Moved(count=count, data={each: str(payload[each]) for each in MEASURES})

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        options = {name: config.get(name) for name in OPTIONS}
        missing = self.target(config) - standing.count
        taken_back = TakenBack.objects.filter(
            completion__enrolment=turn.enrolment_id, completion__task_key=turn.task.key, completion__period=turn.period
        )
        return {
            "goal": goal(config),
            "missing": missing_words(config, missing) if missing > 0 else "",
            "each_order": each_order(config) if "order_from" in config else "",
            "taken_back": standing.count > 0 and taken_back.exists(),
            **options,
        }


def measure(config: Mapping[str, Any]) -> str:
    return next(each for each in MEASURES if each in config)


def goal(config: Mapping[str, Any]) -> str:
    """What a purchase asks for, as a heading."""
    if "orders" in config:
        return ngettext("Place %d order", "Place %d orders", int(config["orders"])) % int(config["orders"])
    if "units" in config:
        return ngettext("Buy %d article", "Buy %d articles", int(config["units"])) % int(config["units"])
    return gettext("Spend ¥%s in all") % config["amount"]


def each_order(config: Mapping[str, Any]) -> str:
    """The least amount of an order that counts, in words."""
    return gettext("each order from ¥%s") % _money(_counted("amount", _order_from(config)))


def missing_words(config: Mapping[str, Any], missing: int) -> str:
    """What is still to be bought, of an amount in hundredths."""
    if "orders" in config:
        return ngettext("%d order more, and it is done.", "%d orders more, and it is done.", missing) % missing
    if "units" in config:
        return ngettext("%d article more, and it is done.", "%d articles more, and it is done.", missing) % missing
    return gettext("¥%s more, and it is done.") % _money(missing)


def _money(hundredths: int) -> str:
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)


def _counted(measured: str, value: Decimal) -> int:
    hundredths = value * 100 if measured == "amount" else value
    return min(int(hundredths), MOST)


def _order_from(config: Mapping[str, Any]) -> Decimal:
    return Decimal(config.get("order_from", 0))


def _narrower(before: Collection[str] | None, after: Collection[str] | None) -> bool:
    """None is everything."""
    return after is not None and (before is None or not set(before) <= set(after))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST


def _is_amount(value: Any) -> bool:
    if not isinstance(value, str) or not AMOUNT.fullmatch(value):
        return False
    return 0 < Decimal(value) * 100 <= MOST


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) and each for each in value)


KIND = Purchase()

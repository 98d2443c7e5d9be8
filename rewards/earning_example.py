"""A rule told by an example, in the words of the trade: what an order or an event would earn members of each level."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Level
from operations.sentences import listed
from rewards.earning_amounts import earned
from rewards.models import EarningRule

MONEY = Decimal(199)
SHOWN_LEVELS = 6


@dataclass(frozen=True, slots=True)
class Example:
    """`rows` are (who, multiplier, how much of what); `notes` say when it can be spent and what caps it."""

    headline: str
    rows: list[tuple[str, str, str]]
    notes: list[str]


def example_of(rule: EarningRule) -> Example:
    """Return what the rule gives, saved or not; it needs its unit and its rate or amount."""
    net, rate = (Decimal(1), Decimal(rule.amount)) if rule.amount else (MONEY, rule.rate or Decimal(0))
    people = [*_levels()] if rule.uses_multiplier else [(_("any member"), Decimal(1))]
    capped = False
    rows = []
    for who, multiplier in people:
        whole = earned(net, rate, multiplier)
        given = whole if rule.cap_per_day is None else min(whole, rule.cap_per_day)
        capped = capped or given < whole
        amount = _("%(amount)s %(unit)s") % {"amount": number_format(given, force_grouping=True), "unit": rule.unit}
        rows.append((who, f"×{multiplier.normalize():f}", amount))
    return Example(_headline(rule), rows, [*_notes(rule, capped)])


def _levels() -> Iterator[tuple[str, Decimal]]:
    yield _("a member without a level"), Decimal(1)
    for level in Level.objects.order_by("rank")[:SHOWN_LEVELS]:
        yield str(level), level.points_multiplier


def _headline(rule: EarningRule) -> str:
    words = {"money": MONEY, "categories": listed(rule.categories), "event": rule.event_type}
    if rule.amount and rule.categories:
        return _("One “%(event)s” of %(categories)s earns:") % words
    if rule.amount:
        return _("One “%(event)s” earns:") % words
    if rule.categories:
        return _("An order with ¥%(money)s of %(categories)s earns:") % words
    return _("An order of ¥%(money)s earns:") % words


def _notes(rule: EarningRule, capped: bool) -> Iterator[str]:
    days = rule.matures_after_days
    if days:
        yield ngettext(
            "It is pending first, and can be spent %(days)d day after the order was paid or the event happened.",
            "It is pending first, and can be spent %(days)d days after the order was paid or the event happened.",
            days,
        ) % {"days": days}
    else:
        yield _("It can be spent at once.")
    if capped:
        yield _("The cap of the day cuts it.")
    if rule.rate is not None:
        yield _("A refund takes its share back.")

"""What tiers and degrees mean, in words: each definition in one place, with the numbers of the version."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from operations.sentences import listed
from segmentation.value_facts import UNUSED, Figures, Settings
from segmentation.value_scale import HIGHEST, Scale, Tiering, expected_gap
from segmentation.wording import days_ago

PART_NAMES = {
    "amount": gettext_lazy("amount"),
    "frequency": pgettext_lazy("value", "frequency"),
    "interaction": pgettext_lazy("value", "interaction"),
    "reputation": pgettext_lazy("value", "reputation"),
}


def money(hundredths: int) -> str:
    return number_format(Decimal(hundredths) / 100, decimal_pos=2, force_grouping=True)


def meanings(settings: Settings, tiering: Tiering, scale: Scale) -> Iterator[tuple[str, str]]:
    """Yield what is told of a member, and what it means in this version."""
    weights = listed(f"{name} {tiering.weights[part]} %" for part, name in PART_NAMES.items())
    yield (
        _("Value score"),
        _(
            "0 to 1000 over the last %(days)s days: %(weights)s. Each part gives its share of the thousand by the "
            "percentile among the members who have any of it; members who are level share the middle of their place."
        )
        % {"days": settings.window_days, "weights": weights},
    )
    yield (
        _("Reputation"),
        _("One point for each 30 days as a member, 60 at most, and %(points)s for each of these events: %(events)s.")
        % {"points": settings.reputation_event_points, "events": listed(settings.reputation_events) or "–"},
    )
    yield _("Tier"), _tiers(scale)
    yield _("Spending power"), _spending(tiering, scale)
    yield (
        _("Churn risk"),
        _(
            "Days since the last order against the expected gap: above %(high)s %% of it high, above %(middle)s %% "
            "middle, else low. The gap is the member's own average from %(orders)s days with orders on; before, the "
            "shortest learned gap among the categories of the last order (%(gaps)s), or the usual gap of all orders "
            "(%(usual)s)."
        )
        % {
            "high": tiering.churn_high,
            "middle": tiering.churn_middle,
            "orders": tiering.own_gap_orders,
            "gaps": listed(f"{name} {days}" for name, days in list(scale.gaps.items())[:12]) or _("none learned"),
            "usual": _("none learned") if scale.usual_gap is None else scale.usual_gap,
        },
    )
    yield (
        _("Loyalty"),
        _(
            "Over all orders. High: orders on %(orders)s days or more, over %(span)s days or more, and the deviation "
            "of the gaps at most %(spread)s %% of their average. Middle: orders on %(returning)s days or more. Else "
            "low."
        )
        % {
            "orders": tiering.loyal_orders,
            "span": tiering.loyal_span_days,
            "spread": tiering.loyal_spread,
            "returning": tiering.returning_orders,
        },
    )


def churn_words(figures: Figures, tiering: Tiering, scale: Scale) -> str:
    """Return why the one member's churn risk is what it is; nothing without an order."""
    silent = int(figures.silent[0])
    if silent == UNUSED:
        return ""
    days, divisor = (int(column[0]) for column in expected_gap(figures, tiering, scale))
    if days == UNUSED:
        return _("Last order %(ago)s; too few gaps are known to expect the next one.") % {"ago": days_ago(silent)}
    gap = number_format(round(days / divisor, 1), decimal_pos=1)
    return _("Last order %(ago)s; one was to be expected every %(gap)s days.") % {"ago": days_ago(silent), "gap": gap}


def loyalty_words(figures: Figures) -> str:
    visits, span = int(figures.visits[0]), int(figures.span[0])
    return (
        _("Orders on %(visits)s days over %(span)s days.") % {"visits": visits, "span": max(span, 0)} if visits else ""
    )


def _tiers(scale: Scale) -> str:
    core, high = (_("nobody") if cut is None else _("from %(score)s") % {"score": cut} for cut in scale.tier_cuts)
    return _("By the score of %(most)s: core %(core)s, high-potential %(high)s, ordinary below.") % {
        "most": HIGHEST,
        "core": core,
        "high": high,
    }


def _spending(tiering: Tiering, scale: Scale) -> str:
    averages, amounts = (
        [_("nobody") if cut is None else _("from %(score)s") % {"score": money(cut)} for cut in cuts]
        for cuts in (scale.average_cuts, scale.amount_cuts)
    )
    by_average = _("Average order in the window: high %(high)s, middle %(middle)s.") % dict(
        zip(("high", "middle"), averages, strict=True)
    )
    by_amount = _("Amount in the window: high %(high)s, middle %(middle)s.") % dict(
        zip(("high", "middle"), amounts, strict=True)
    )
    both = _("The lower of the two counts.")
    return {"average": by_average, "amount": by_amount, "both": f"{by_average} {by_amount} {both}"}[tiering.spending_by]

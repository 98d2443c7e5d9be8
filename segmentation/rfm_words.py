"""The scale of an RFM version in words: what a score stands for, and why there are fewer than were asked for."""

from decimal import Decimal
from math import ceil, floor

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from segmentation import rfm
from segmentation.models import RfmVersion
from segmentation.rfm_scale import Scale

DIMENSIONS = {"r": gettext_lazy("Recency"), "f": gettext_lazy("Frequency"), "m": gettext_lazy("Monetary value")}

SPREADS = {
    "r": gettext_lazy("Members by days since the last order"),
    "f": gettext_lazy("Members by number of orders"),
    "m": gettext_lazy("Members by amount of orders"),
}


def scores_there_are(scale: Scale, key: str) -> list[int]:
    """Return the scores of a dimension, the highest first."""
    return list(range(len(getattr(scale, key).cuts) + 1, 0, -1))


def score_words(scale: Scale, key: str, score: int) -> str:
    """Return which values have the score, such as "13 to 43 days ago"."""
    cuts = getattr(scale, key).cuts
    place = len(cuts) + 1 - score if key == "r" else score - 1
    low, high = (cuts[place - 1] if place else None), (cuts[place] if place < len(cuts) else None)
    if low is None and high is None:
        return _("all values")
    if key == "m":
        return _money_words(low, high, scale.thresholds)
    first, last = _whole(low, scale.thresholds, 1), _whole(high, scale.thresholds, 0)
    return _days_words(first, last) if key == "r" else _orders_words(first, last)


def lost_words(version: RfmVersion) -> list[str]:
    """Return a sentence for each dimension that was cut into fewer parts than asked for."""
    return [_lost(version, key, asked, there) for key, (asked, there) in rfm.parts_lost(version).items()]


def bin_words(key: str, start: float, end: float | None) -> str:
    """Return the bounds of a bin, its end not included; the last has none."""
    if end is None:
        return f"{intcomma(int(start))} +"
    last = int(end) if key == "m" else int(end) - 1
    return intcomma(int(start)) if last == start else f"{intcomma(int(start))} – {intcomma(last)}"


def _lost(version: RfmVersion, key: str, asked: int, there: int) -> str:
    words = {"dimension": DIMENSIONS[key], "asked": asked, "there": there}
    value, count = version.summary.get("common", {}).get(key, (None, 0))
    if value is None:
        told = _("%(dimension)s was cut into %(there)s parts instead of %(asked)s, because cut points coincide.")
        return told % words
    share = number_format(round(100 * count / version.size, 1), decimal_pos=1)
    told = _(
        "%(dimension)s was cut into %(there)s parts instead of %(asked)s, because %(share)s %% of the members have "
        "the same value (%(value)s) and equal values always score alike."
    )
    return told % (words | {"share": share, "value": _value_words(key, value)})


def _value_words(key: str, value: float) -> str:
    if key == "m":
        return _money(value)
    return _days_words(int(value), int(value)) if key == "r" else _orders_words(int(value), int(value))


def _whole(cut: float | None, thresholds: bool, above: int) -> int | None:
    """Return the whole number next above the cut (`above` = 1) or next below it: a threshold is the first above."""
    if cut is None:
        return None
    return (ceil(cut) if thresholds else floor(cut) + 1) - (1 - above)


def _days_words(first: int | None, last: int | None) -> str:
    if first == last:
        return _on_one_day(first or 0)
    if first is None or (first == 0 and last is not None):
        return ngettext("up to %(days)s day ago", "up to %(days)s days ago", last or 0) % {"days": intcomma(last)}
    if last is None:
        return ngettext("%(days)s day ago or more", "%(days)s days ago or more", first) % {"days": intcomma(first)}
    return _("%(first)s to %(last)s days ago") % {"first": intcomma(first), "last": intcomma(last)}


def _on_one_day(days: int) -> str:
    return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": intcomma(days)} if days else _("today")


def _orders_words(first: int | None, last: int | None) -> str:
    if first == last or (first is None and last == 1):
        return ngettext("%(orders)s order", "%(orders)s orders", last or 0) % {"orders": intcomma(last)}
    if first is None:
        return ngettext("up to %(orders)s order", "up to %(orders)s orders", last or 0) % {"orders": intcomma(last)}
    if last is None:
        return ngettext("%(orders)s order or more", "%(orders)s orders or more", first) % {"orders": intcomma(first)}
    return _("%(first)s to %(last)s orders") % {"first": intcomma(first), "last": intcomma(last)}


def _money_words(low: float | None, high: float | None, thresholds: bool) -> str:
    words = {"low": _money(low), "high": _money(high)}
    if low is None:
        return (_("less than %(high)s") if thresholds else _("up to %(high)s")) % words
    if high is None:
        return (_("%(low)s or more") if thresholds else _("more than %(low)s")) % words
    return (_("%(low)s to less than %(high)s") if thresholds else _("more than %(low)s, up to %(high)s")) % words


def _money(amount: float | None) -> str:
    """Amounts have two decimals; a cut point between two of them may have more."""
    if amount is None:
        return ""
    return number_format(Decimal(str(amount)).quantize(Decimal("0.01")), decimal_pos=2, force_grouping=True)

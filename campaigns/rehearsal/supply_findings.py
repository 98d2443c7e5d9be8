"""What runs out before the campaign ends: stocks, codes, budgets."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns.rehearsal.findings import Finding, Place, Severity
from campaigns.rehearsal.rates import Level
from campaigns.rehearsal.running_out import Lasting, Supply
from rewards.money import money


def of(lastings: Iterable[Lasting], *, begins: date) -> Iterator[Finding]:
    """A warning of what runs out as expected, a note of what does if many take part."""
    for each in lastings:
        place = place_of(each.supply)
        expected, most = each.on[Level.EXPECTED], each.on[Level.HIGH]
        if expected is not None:
            told = _told(each, expected, begins)
            yield Finding(Severity.WARNING, f"runs_out:{each.supply.id}", told, place)
        elif most is not None:
            told = _("If many take part: %(told)s") % {"told": _told(each, most, begins)}
            yield Finding(Severity.NOTE, f"may_run_out:{each.supply.id}", told, place)


def _told(each: Lasting, day: int, begins: date) -> str:
    supply = each.supply
    words = {
        "what": name_of(supply),
        "left": left_of(supply),
        "day": date_format(begins + timedelta(days=day), "MONTH_DAY_FORMAT"),
    }
    if not supply.left:
        return _("%(what)s: nothing is left.") % words
    if supply.daily:
        return _("%(what)s: %(left)s a day is too little, from %(day)s on.") % words
    return _("%(what)s: what is left, %(left)s, is used up on %(day)s.") % words


def name_of(supply: Supply) -> str:
    words = {"name": supply.name, "pool": supply.pool_name}
    match supply.kind:
        case "prize":
            return _("Prize “%(name)s” of “%(pool)s”") % words
        case "gift":
            return _("Gift “%(name)s”") % words
        case "offer":
            return _("Offer “%(name)s”") % words
    if supply.pool:
        return (_("Daily budget of “%(pool)s”") if supply.daily else _("Budget of “%(pool)s”")) % words
    return _("Daily budget of the campaign") if supply.daily else _("Budget of the campaign")


def left_of(supply: Supply) -> str:
    return money(supply.left) if supply.money else f"{supply.left:,}"


def place_of(supply: Supply) -> Place:
    return Place("pool", supply.pool) if supply.kind == "prize" else Place(supply.kind, supply.key)

"""What is said of a budget, in one place: its name, how far it is spent, and how long it lasts."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rewards.budgets import Standing
from rewards.burning import Outlook, Verdict
from rewards.models import Budget
from rewards.money import money

# So far ahead the hour is told, and not only the day.
HOURS_TOLD = timedelta(hours=36)


def name_of(standing: Standing) -> str:
    """Return such as: Campaign “Double Eleven”, a day."""
    return _("%(scope)s, %(per)s") % {"scope": standing.scope, "per": standing.budget.get_per_display()}


def spent_words(standing: Standing) -> str:
    """Return such as: ¥812.00 of ¥1,000.00 (81 %)."""
    words = {"spent": money(standing.spent), "allowed": money(standing.allowed), "percent": standing.percent}
    if standing.shared:
        return _("%(spent)s of %(allowed)s (%(percent)s %%)") % words
    people = ngettext("%(count)s member", "%(count)s members", standing.members) % {"count": f"{standing.members:,}"}
    return _("%(spent)s by %(members)s, %(allowed)s each at most") % (words | {"members": people})


def warning_words(standing: Standing, percent: int) -> str:
    """Return one sentence for the start page and for mail. `percent` is the level of the warning."""
    words = {"budget": name_of(standing), "spent": spent_words(standing), "left": money(standing.left)}
    if percent < 100:
        return _("%(budget)s: %(spent)s is spent.") % words
    if standing.left == 0:
        return _("%(budget)s is used up: %(spent)s. Draws give the consolation prize.") % words
    return _("%(budget)s: the %(left)s left are too little for any prize. Draws give the consolation prize.") % words


def dry_words(standing: Standing) -> str:
    """Return why all draws give the consolation prize now; "" while any prize can be won."""
    if not standing.is_dry:
        return ""
    if standing.cheapest is None:
        return _("Nothing is left: all draws that cost anything give the consolation prize now.")
    return _(
        "All draws give the consolation prize now: %(left)s are left, and the cheapest prize costs %(cheapest)s."
    ) % {"left": money(standing.left), "cheapest": money(standing.cheapest)}


def outlook_words(standing: Standing, outlook: Outlook, *, now: datetime) -> str:
    """Return how long it lasts, in a sentence or two."""
    words = {"rate": money(outlook.rate), "left": money(outlook.left_then)}
    match outlook.verdict:
        case Verdict.SPENT:
            return _("It is used up.")
        case Verdict.IDLE:
            return _("Nothing was spent of it in the last two weeks, so it will not be used up at this rate.")
        case Verdict.EARLY:
            return _("It is too early to say how long it lasts.")
        case Verdict.LASTS:
            return _lasts(standing, outlook, words, now=now)
        case Verdict.RUNS_OUT:
            return _runs_out(standing, outlook, now=now)


def _runs_out(standing: Standing, outlook: Outlook, *, now: datetime) -> str:
    words = {"at": moment_words(outlook.at or outlook.until, now=now), "rate": money(outlook.rate)}
    if standing.budget.per == Budget.Per.DAY:
        told = _("Today's budget will be used up at about %(at)s.") % words
    else:
        told = _("At %(rate)s a day it will be used up about %(at)s.") % words
    return " ".join(part for part in (told, _range(outlook, now=now)) if part)


def _range(outlook: Outlook, *, now: datetime) -> str:
    if outlook.earliest is None:
        return _("Fewer than three days were seen: that is a rough guess.")
    words = {"earliest": moment_words(outlook.earliest, now=now)}
    if outlook.latest is None:
        return _("In eight cases of ten not before %(earliest)s; it may also last.") % words
    words["latest"] = moment_words(outlook.latest, now=now)
    if words["earliest"] == words["latest"]:
        return ""
    return _("In eight cases of ten between %(earliest)s and %(latest)s.") % words


def _lasts(standing: Standing, outlook: Outlook, words: dict[str, str], *, now: datetime) -> str:
    if standing.budget.per == Budget.Per.DAY:
        told = _("At this rate it is not used up today; about %(left)s will be left.") % words
    elif outlook.until == standing.scope.ends_at:
        words["until"] = moment_words(outlook.until, now=now)
        told = _("At %(rate)s a day it lasts until the end on %(until)s; about %(left)s will be left then.") % words
    else:
        told = _("At %(rate)s a day it lasts for more than a year.") % words
    if outlook.earliest is None:
        return told
    maybe = _("If more goes than usual, it may be used up from %(at)s on.")
    return f"{told} {maybe % {'at': moment_words(outlook.earliest, now=now)}}"


def moment_words(moment: datetime, *, now: datetime) -> str:
    """Return the hour of what is near, as of a day, and the day of what is far. Minutes are told by tens."""
    zone = timezone.get_default_timezone()
    moment, today = timezone.localtime(moment, zone), timezone.localtime(now, zone)
    if moment - today > HOURS_TOLD:
        return date_format(moment, "DATE_FORMAT")
    tens = moment.replace(minute=moment.minute // 10 * 10)
    if moment.date() == today.date():
        return time_format(tens, "H:i")
    return f"{date_format(moment, 'MONTH_DAY_FORMAT')} {time_format(tens, 'H:i')}"

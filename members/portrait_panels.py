"""What `members` itself shows on a member's page: orders, level, profile and habits."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, TextField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, JSONObject
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members import attribute_values, habits, habits_charts, portrait_events
from members.bilingual import in_reader_language
from members.level_progress import LevelProgress, progress_of
from members.models import Attribute, AttributeValue, Level, MemberMetrics, PaidPeriod
from members.portrait import Figure, Figures, Panel, Visit, register
from operations.charts import Meter

SHOWN_PERIODS = 5


def register_own() -> None:
    portrait_events.register_own()
    register(
        Figures(name="orders", position=10, permissions=("members.view_order",), show=order_figures),
        Panel(
            name="profile",
            position=10,
            title=gettext_lazy("Profile"),
            template="admin/members/member/profile.html",
            show=profile,
            reads=_values,
        ),
        Panel(
            name="level",
            position=20,
            title=gettext_lazy("Level"),
            template="admin/members/member/level.html",
            show=level,
            reads=_levels,
        ),
        Panel(
            name="habits",
            position=200,
            title=gettext_lazy("Habits"),
            template="admin/members/member/habits.html",
            permissions=("members.view_order",),
            show=own_habits,
            wide=True,
        ),
    )


def money(amount: Decimal) -> str:
    return number_format(round(amount, 2), decimal_pos=2, use_l10n=True, force_grouping=True)


def whole(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)


def order_figures(visit: Visit) -> Iterator[Figure]:
    metrics = getattr(visit.member, "metrics", None) or MemberMetrics()
    yield Figure(_("Orders"), whole(metrics.orders))
    yield Figure(_("Net amount"), money(metrics.amount))
    average = money(metrics.amount / metrics.orders) if metrics.orders else "–"
    yield Figure(_("Average order"), average)
    if metrics.last_paid_at is None:
        yield Figure(_("Days since the last order"), "–")
        return
    last = localtime(metrics.last_paid_at).date()
    days = max((localtime(visit.now).date() - last).days, 0)
    yield Figure(_("Days since the last order"), whole(days), date_format(last, "SHORT_DATE_FORMAT"))


def _values(_now: datetime) -> Combinable:
    values = AttributeValue.objects.filter(member=OuterRef("pk")).order_by("attribute__slug")
    declared = {name: f"attribute__{name}" for name in ("slug", "label", "label_en", "kind", "choice_labels")}
    stored = {"text": "text", "number": Cast("number", TextField()), "day": "day", "boolean": "boolean"}
    told = JSONObject(declared=JSONObject(**declared), stored=JSONObject(**stored))
    return ArraySubquery(values.values(told=told))


def profile(visit: Visit) -> Mapping[str, Any]:
    attributes = [attribute_values.shown_value(_stored(**each)) for each in visit.facts]
    age = _age(visit.member.birthday, localtime(visit.now).date())
    return {"member": visit.member, "age": age, "attributes": attributes}


def _stored(declared: dict[str, Any], stored: dict[str, Any]) -> AttributeValue:
    number = Decimal(stored["number"]) if stored["number"] is not None else None
    day = date.fromisoformat(stored["day"]) if stored["day"] else None
    return AttributeValue(attribute=Attribute(**declared), **stored | {"number": number, "day": day})


def _age(birthday: date | None, today: date) -> int | None:
    if birthday is None or birthday > today:
        return None
    return today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))


def _levels(_now: datetime) -> Combinable:
    of_level = ("id", "slug", "name", "name_en", "kind", "rank", "growth_needed", "valid_months", "downgrade")
    levels = Level.objects.values(told=JSONObject(**{name: name for name in of_level}))
    bought = PaidPeriod.objects.filter(member=OuterRef("pk")).order_by("-starts_at", "-pk")
    periods = bought.values(
        told=JSONObject(
            name="level__name",
            name_en="level__name_en",
            starts_at="starts_at",
            ends_at="ends_at",
            revoked_at="revoked_at",
            order_id="order_id",
        )
    )
    return JSONObject(levels=ArraySubquery(levels), periods=ArraySubquery(periods[:SHOWN_PERIODS]))


def level(visit: Visit) -> Mapping[str, Any]:
    """The level that counts, how far the next is, how long it holds, and the paid periods, newest first."""
    levels = [Level(**told) for told in visit.facts["levels"]]
    progress = progress_of(visit.member, now=visit.now, levels=levels)
    return {
        "progress": progress,
        "meter": _to_next(progress),
        "periods": [_period(each, visit.now) for each in visit.facts["periods"]],
    }


def _to_next(progress: LevelProgress) -> Meter | None:
    """How far the member is from the level by growth to the next one; None at the top and where there is no ladder."""
    if progress.next_level is None:
        return None
    words = {"level": progress.next_level, "missing": whole(progress.missing)}
    return Meter(
        label=_("Growth value until %(level)s") % words,
        share=progress.share,
        shown=_("%(missing)s more until %(level)s") % words,
    )


def _period(told: dict[str, Any], now: datetime) -> dict[str, Any]:
    starts, ends, revoked = (_moment(told[name]) for name in ("starts_at", "ends_at", "revoked_at"))
    if revoked is not None:
        state, words = "revoked", _("taken back")
    elif starts is not None and starts > now:
        state, words = "upcoming", _("to come")
    elif ends is not None and ends <= now:
        state, words = "ended", _("ended")
    else:
        state, words = "running", _("running")
    # It ends at a midnight: its last day is the one before, as people say it.
    last = ends - timedelta(microseconds=1) if ends else None
    return {"name": _name(told), "starts": starts, "last": last, "state": state, "words": words} | {
        "order_id": told["order_id"]
    }


def _name(told: Mapping[str, Any]) -> str:
    return in_reader_language(told["name"], told["name_en"])


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def own_habits(visit: Visit) -> Mapping[str, Any]:
    now = localtime(visit.now)
    return habits_charts.charts(habits.habits_of(visit.member.pk, now=now), now=now)

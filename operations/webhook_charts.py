"""The tries of an endpoint hour by hour, as a chart."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from operations.charts import Stack, Stacks, stack
from operations.webhook_health import HOUR, Hour

# A label below every so many hours.
LABELLED = 12


def chart(hours: Sequence[Hour]) -> Stacks:
    """Draw the hours, oldest first: what was taken at the foot, what failed on top of it."""
    most = max((hour.delivered + hour.failed for hour in hours), default=0)
    kinds = (
        ("good", pgettext("webhook", "taken"), sum(hour.delivered for hour in hours)),
        ("bad", pgettext("webhook", "failed"), sum(hour.failed for hour in hours)),
    )
    caption = _("Tries of the last %(hours)d hours") % {"hours": len(hours)}
    return Stacks(caption, most, kinds, tuple(_stack(place, hour, most) for place, hour in enumerate(hours)))


def _stack(place: int, hour: Hour, most: int) -> Stack:
    begins = timezone.localtime(hour.begins)
    words = _("%(day)s, %(from)s to %(to)s: %(delivered)d taken, %(failed)d failed") % {
        "day": date_format(begins, "SHORT_DATE_FORMAT"),
        "from": begins.strftime("%H:%M"),
        "to": timezone.localtime(hour.begins + HOUR).strftime("%H:%M"),
        "delivered": hour.delivered,
        "failed": hour.failed,
    }
    label = f"{begins:%m-%d %H:%M}" if place % LABELLED == 0 else ""
    return stack(place, {"good": hour.delivered, "bad": hour.failed}, most, words=words, label=label)

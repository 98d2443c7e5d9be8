"""The part of a segment's form that says when it is computed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation import scheduling

SCHEDULE_FIELDS = ["follows", "every_minutes", "cron"]
# What `scheduling.check_cron` says, in words.
FAULTS = {
    "Wrong number of fields": gettext_lazy("Five fields are needed: minute, hour, day, month, weekday."),
    "Bad minute": gettext_lazy("The minute (the first field) cannot be read: 0 to 59."),
    "Bad hour": gettext_lazy("The hour (the second field) cannot be read: 0 to 23."),
    "Bad day-of-month": gettext_lazy("The day (the third field) cannot be read, or never comes: 1 to 31."),
    "Bad month": gettext_lazy("The month (the fourth field) cannot be read: 1 to 12."),
    "Bad day-of-week": gettext_lazy("The weekday (the fifth field) cannot be read: 0 to 7, where 0 and 7 are Sunday."),
    "Never": gettext_lazy("No such time ever comes."),
}
EVERY_HELP = gettext_lazy(
    "Empty, and no times by the clock: new facts are followed within seconds, and what moves with time alone, as a "
    "window of the last days, is computed each full hour."
)


class ScheduledForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if "every_minutes" in self.fields:
            self.fields["every_minutes"].help_text = EVERY_HELP

    def clean_every_minutes(self) -> int | None:
        minutes = self.cleaned_data["every_minutes"]
        least, most = scheduling.LEAST_MINUTES, scheduling.MOST_MINUTES
        if minutes is not None and not least <= minutes <= most:
            raise ValidationError(_("From %(least)s to %(most)s minutes.") % {"least": least, "most": most})
        return minutes

    def clean_cron(self) -> str:
        expression = " ".join(self.cleaned_data["cron"].split())
        if not expression:
            return ""
        try:
            scheduling.check_cron(expression, now=timezone.now())
        except scheduling.BadCron as error:
            often = _("At most once in %(least)s minutes.") % {"least": scheduling.LEAST_MINUTES}
            raise ValidationError(str(FAULTS.get(str(error), often))) from error
        return expression

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("every_minutes") and cleaned.get("cron"):
            self.add_error("cron", _("Either every so many minutes or by the clock, not both."))
        return cleaned

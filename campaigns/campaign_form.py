"""The form of a campaign's own fields, in the plain form of the admin and in the builder."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from campaigns.models import Campaign

# Far from the ends of the calendar, where a moment has no day in another time zone.
EARLIEST_YEAR, LATEST_YEAR = 2000, 2200


class CampaignForm(forms.ModelForm):
    class Meta:
        model = Campaign
        fields = "__all__"  # noqa: DJ007  the admin lists them

    def clean_opens_at(self) -> datetime:
        return _of_these_times(self.cleaned_data["opens_at"])

    def clean_closes_at(self) -> datetime:
        return _of_these_times(self.cleaned_data["closes_at"])


def _of_these_times(moment: datetime) -> datetime:
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        words = {"first": EARLIEST_YEAR, "last": LATEST_YEAR}
        raise ValidationError(_("The year is from %(first)d to %(last)d.") % words, code="year")
    return moment

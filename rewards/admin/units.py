"""The units that operators declare, and what members hold in them."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin, messages
from django.db import connection
from django.db.models import Count, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from operations.guarded_admin import GuardedAdmin
from rewards.models import Unit

POLICY = ("expiry", "expires_after", "time_zone")


def time_zones() -> list[tuple[str, str]]:
    """The time zones of places, and UTC; none of the old names that stand for others."""
    return [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith("Etc/")] + [
        ("UTC", "UTC")
    ]


class UnitForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zones,
        widget=UnfoldAdminSelectWidget,
        help_text=_("What expires does so at midnight there."),
    )

    class Meta:
        model = Unit
        fields = "__all__"  # noqa: DJ007  the admin lists them
        help_texts = {
            "expires_after": _(
                "Days, months, or years to the end of which it lasts; the day on which it is earned counts in full."
                " Empty if it never expires."
            ),
        }

    def clean_time_zone(self) -> str:
        # It is PostgreSQL that reckons with it, and its list of zones is its own.
        zone = self.cleaned_data["time_zone"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = %s)", [zone])
            (known,) = cursor.fetchone()
        if not known:
            raise forms.ValidationError(_("The database knows no such time zone."))
        return zone


@admin.register(Unit)
class UnitAdmin(GuardedAdmin):
    """A unit is never deleted: accounts, gifts and rules name it."""

    form = UnitForm
    list_display = ["__str__", "slug", "expiry", "expires_after", "time_zone", "notice_days", "adjustment_limit"]
    list_filter = ["expiry"]
    search_fields = ["slug", "name", "name_en"]
    fieldsets = [
        (None, {"fields": [("name", "name_en"), "slug"]}),
        (
            _("Expiry"),
            {
                "fields": [("expiry", "expires_after"), ("time_zone", "notice_days")],
                "description": _(
                    "A change holds for what comes in from then on. What members hold already keeps the day on which it"
                    " expires, or never does if the unit did not expire when it came in."
                ),
            },
        ),
        (_("Adjustments by hand"), {"fields": ["adjustment_limit"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Unit | None = None) -> list[str]:
        # Rules, gifts and the shop's own programs name a unit by its key.
        return ["slug"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Unit | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Unit, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and set(POLICY) & set(form.changed_data):
            self._explain(request, obj)

    def _explain(self, request: HttpRequest, unit: Unit) -> None:
        """Say what the new policy does not touch, in members and in amounts."""
        kept = unit.account_set.filter(balance__gt=0).aggregate(members=Count("pk"), held=Sum("balance"))
        if not kept["members"]:
            return
        text = _(
            "The new expiry holds for what comes in from now on. The %(amount)s that %(members)s members hold keep the"
            " expiry under which they came in."
        )
        words = {"amount": f"{kept['held']:,}", "members": f"{kept['members']:,}"}
        self.message_user(request, text % words, messages.WARNING)

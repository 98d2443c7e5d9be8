"""Outlets, and the awards that were checked off (核销)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rewards.models.awards import Award


class Outlet(models.Model):
    """A shop, a counter or a stall (门店) at which awards are used."""

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    address = models.CharField(_("address"), max_length=200, blank=True)
    active = models.BooleanField(
        _("active"), default=True, help_text=_("Nothing is checked off at an outlet that is not.")
    )
    staff = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="outlets",
        verbose_name=_("staff"),
        help_text=_("They check off awards here, if they have the permission to."),
    )

    class Meta:
        verbose_name = _("outlet")
        verbose_name_plural = _("outlets")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CheckOff(models.Model):
    """One use of one award: where, by whom and when. Written once, by `rewards.checking_off`.

    `by` is somebody on the staff, `client` the API client of a till; neither for what the system did.
    """

    award = models.OneToOneField(Award, models.PROTECT, related_name="check_off", verbose_name=_("award"))
    outlet = models.ForeignKey(
        Outlet, models.PROTECT, null=True, blank=True, related_name="check_offs", verbose_name=_("outlet")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    client = models.CharField(_("API client"), max_length=200, blank=True)
    at = models.DateTimeField(pgettext_lazy("time", "checked off"))
    request_key = models.CharField(_("request key"), max_length=200, unique=True)

    class Meta:
        verbose_name = _("check-off")
        verbose_name_plural = _("check-offs")

    def __str__(self) -> str:
        return f"#{self.award_id}"


class WrongNumbers(models.Model):
    """How many numbers that are no award's somebody on the staff has tried since a time: guesses have an end."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user"))
    since = models.DateTimeField(_("since"))
    tried = models.PositiveIntegerField(_("tried"))

    class Meta:
        verbose_name = _("wrong numbers")
        verbose_name_plural = _("wrong numbers")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.tried}"


class AwardNotice(models.Model):
    """That a member was told of an award about to expire: once for each."""

    award = models.OneToOneField(Award, models.PROTECT, primary_key=True, related_name="notice")
    told_at = models.DateTimeField(pgettext_lazy("time", "told"))

    class Meta:
        verbose_name = _("notice of an award's expiry")
        verbose_name_plural = _("notices of awards' expiry")

    def __str__(self) -> str:
        return f"#{self.award_id}"

"""What a campaign is expected to cost, and which warnings somebody has taken note of."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.models.draft import Campaign


class CostForecast(models.Model):
    """The rates that a rehearsal goes by, and the simulation of what the campaign costs with them.

    `basis` names all that the figures follow from; a simulation of another basis is out of date. A worker goes through
    `plan`, a list of {"level", "pool", "draws", "members"}, and appends to `runs`, one for each: {"mean", "sd",
    "costs"} in cents. `fixed` is scenario → [mean, variance] of what costs something without a draw.
    """

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="cost_forecast", verbose_name=_("campaign"))
    rates = models.JSONField(_("rates"), default=dict)
    basis = models.CharField(_("basis"), max_length=64, blank=True, default="")
    plan = models.JSONField(_("plan"), default=list)
    runs = models.JSONField(_("runs"), default=list)
    fixed = models.JSONField(_("fixed"), default=dict)
    asked_at = models.DateTimeField(_("asked for"), null=True)
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("forecast of costs")
        verbose_name_plural = _("forecasts of costs")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.campaign)

    @property
    def percent(self) -> int:
        """How far the simulation has come."""
        return 100 * len(self.runs) // len(self.plan) if self.plan else 100


class Acknowledgement(models.Model):
    """That a user has taken note of a warning about one version of a draft. Append-only.

    `draft` is the digest of the draft's file; `message` is what the user read.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="acknowledgements", verbose_name=_("campaign"))
    draft = models.CharField(_("draft"), max_length=64)
    key = models.CharField(_("key"), max_length=200)
    message = models.TextField(_("warning"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("user"))
    at = models.DateTimeField(_("acknowledged"))

    class Meta:
        verbose_name = _("acknowledged warning")
        verbose_name_plural = _("acknowledged warnings")
        default_permissions = ("view",)
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "draft", "key", "by"], name="warning_acknowledged_once"),
            models.CheckConstraint(condition=~Q(key=""), name="acknowledgement_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.message}"

"""RFM models and their scorings."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from segmentation.models.sets import MemberSet

PARTS = [MinValueValidator(2), MaxValueValidator(5)]


class RfmModel(models.Model):
    """Recency, frequency and monetary value, cut into parts by quantiles or by fixed thresholds."""

    class Method(models.TextChoices):
        QUANTILES = "quantiles", _("quantiles")
        THRESHOLDS = "thresholds", _("fixed thresholds")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    window_days = models.PositiveIntegerField(_("window in days"), null=True, blank=True)
    method = models.CharField(_("method"), max_length=10, choices=Method, default=Method.QUANTILES)
    r_parts = models.PositiveSmallIntegerField(_("parts of recency"), default=5, validators=PARTS)
    f_parts = models.PositiveSmallIntegerField(_("parts of frequency"), default=5, validators=PARTS)
    m_parts = models.PositiveSmallIntegerField(_("parts of monetary value"), default=5, validators=PARTS)
    # {"r": [days, …], "f": [orders, …], "m": ["amount", …]}, ascending; used by the method THRESHOLDS.
    thresholds = models.JSONField(_("thresholds"), default=dict, blank=True)
    current = models.ForeignKey("RfmVersion", models.RESTRICT, null=True, editable=False, related_name="current_of")
    is_default = models.BooleanField(_("the default"), default=False)
    # Scored again each day at this hour of the site's time zone. Empty: on demand only.
    daily_at = models.TimeField(_("scored each day at"), null=True, blank=True)
    next_run_at = models.DateTimeField(_("next run"), null=True, editable=False)

    class Meta:
        verbose_name = _("RFM model")
        verbose_name_plural = _("RFM models")
        ordering = ["slug"]
        permissions = [("recompute_rfmmodel", gettext_noop("Can recompute an RFM model"))]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_rfm_model")
        ]

    def __str__(self) -> str:
        return self.name


class RfmVersion(models.Model):
    """One scoring of all members: the cut points, the mean scores, and a member set for each score and class."""

    model = models.ForeignKey(RfmModel, models.CASCADE, related_name="versions", verbose_name=_("RFM model"))
    at = models.DateField(_("orders up to"))
    computed_at = models.DateTimeField(_("computed"))
    # The state of the facts that it was scored from (`members.touches`).
    as_of = models.TextField(blank=True, editable=False)
    size = models.PositiveIntegerField(_("members"))
    # {"r": {"cuts": [...], "mean": x, "parts": asked for}, "f": …, "m": …, "thresholds": …, "window_days": …}
    scale = models.JSONField(_("scale"))
    # {"cells": [[r, f, m, members], …], "classes": {"important_value": members, …},
    #  "spread": {"r": [[from, members], …], …}, "common": {"f": [value, members]}} (of dimensions that lost parts)
    summary = models.JSONField(_("summary"))

    class Meta:
        verbose_name = _("RFM version")
        verbose_name_plural = _("RFM versions")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.model} {self.at}"


class RfmSet(models.Model):
    """The members of one score (`r`, `f`, `m` with "1" to "5"), of one class (`class`), or with orders after the day
    (`ahead`)."""

    version = models.ForeignKey(RfmVersion, models.CASCADE, related_name="sets")
    dimension = models.CharField(max_length=10)
    value = models.CharField(max_length=30)
    members = models.ForeignKey(MemberSet, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("RFM set")
        verbose_name_plural = _("RFM sets")
        constraints = [models.UniqueConstraint(fields=["version", "dimension", "value"], name="rfm_set_once")]

    def __str__(self) -> str:
        return f"{self.dimension}={self.value}"

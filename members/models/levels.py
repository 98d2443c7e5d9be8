"""The levels of members: a ladder by growth value, and paid levels."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from members.bilingual import in_reader_language


class Level(models.Model):
    """A step of the ladder, reached by growth earned, or a paid level; with what it brings its members."""

    class Kind(models.TextChoices):
        GROWTH = "growth", _("by growth")
        PAID = "paid", pgettext_lazy("level", "paid")

    class Downgrade(models.TextChoices):
        KEEP = "keep", _("keep the level")
        ONE_STEP = "one_step", _("one step down, unless last year's growth holds it")
        LAST_YEAR = "last_year", _("the level that last year's growth reaches")

    class Period(models.TextChoices):
        DAY = "day", pgettext_lazy("period", "a day")
        WEEK = "week", pgettext_lazy("period", "a week")
        MONTH = "month", pgettext_lazy("period", "a month")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=50)
    name_en = models.CharField(_("English name"), max_length=50, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.GROWTH)
    rank = models.PositiveSmallIntegerField(_("rank"), unique=True)
    growth_needed = models.PositiveIntegerField(_("growth value needed"), null=True, blank=True)
    valid_months = models.PositiveSmallIntegerField(
        _("valid for months"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("A paid level ends, a level by growth is reviewed so many months later; empty: never."),
    )
    downgrade = models.CharField(
        _("at the end of the validity"), max_length=10, choices=Downgrade, default=Downgrade.KEEP
    )
    points_multiplier = models.DecimalField(
        _("points multiplier"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal(100))],
    )
    extra_chances = models.PositiveSmallIntegerField(_("extra draw chances"), default=0)
    extra_chances_period = models.CharField(
        _("extra draw chances each"), max_length=10, choices=Period, default=Period.DAY
    )
    benefits = models.TextField(_("benefits in words"), blank=True, help_text=_("Shown to members, one a line."))
    benefits_en = models.TextField(_("benefits in English"), blank=True)

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ["rank"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="paid", growth_needed=None) | Q(kind="growth", growth_needed__isnull=False),
                name="level_growth_needed_by_growth_only",
                violation_error_message=_("A level by growth needs a growth value, a paid level has none."),
            ),
            models.CheckConstraint(condition=Q(points_multiplier__gt=0), name="level_multiplier_above_zero"),
        ]
        permissions = [("grant_paid_level", gettext_noop("Can give a member a paid level by hand"))]

    def __str__(self) -> str:
        return in_reader_language(self.name, self.name_en)

"""What orders and events earn."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.bilingual import in_reader_language
from members.models import Member
from rewards.models.ledger import Unit


class EarningRule(models.Model):
    """So much of a unit for each unit of money of an order, or for each event of a type."""

    class Trigger(models.TextChoices):
        ORDER = "order", _("a paid order")
        EVENT = "event", _("an event")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100, help_text=_("Members read it beside what they earned."))
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    enabled = models.BooleanField(_("in force"), default=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    trigger = models.CharField(_("earned by"), max_length=10, choices=Trigger, default=Trigger.ORDER)
    event_type = models.CharField(_("type of event"), max_length=50, blank=True)
    rate = models.DecimalField(
        _("for each unit of money"),
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.0001"))],
    )
    amount = models.PositiveIntegerField(_("for each event"), null=True, blank=True)
    uses_multiplier = models.BooleanField(_("times the level's multiplier"), default=True)
    cap_per_day = models.PositiveIntegerField(_("at most a day"), null=True, blank=True)
    # Empty: all categories. Else only the items (or events) of these earn.
    categories = models.JSONField(_("categories"), default=list, blank=True)
    matures_after_days = models.PositiveSmallIntegerField(
        _("can be spent after days"), default=0, validators=[MaxValueValidator(365)]
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("earning rule")
        verbose_name_plural = _("earning rules")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                # What is missing is neither above 0 nor not: a check that is unknown would let it pass.
                condition=Q(trigger="order", rate__isnull=False, rate__gt=0, amount=None, event_type="")
                | (Q(trigger="event", rate=None, amount__isnull=False, amount__gt=0) & ~Q(event_type="")),
                name="earning_rule_by_trigger",
                violation_error_message=_(
                    "An order earns by a rate for each unit of money; an event needs its type and an amount."
                ),
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="earning_rule_ends_after_start",
                violation_error_message=_("The end must be after the start."),
            ),
        ]

    def __str__(self) -> str:
        return in_reader_language(self.name, self.name_en)


class Earning(models.Model):
    """What one fact has earned by one rule. `granted` less `reversed` is what the member keeps of it."""

    rule = models.ForeignKey(
        EarningRule, models.PROTECT, db_index=False, related_name="earnings", verbose_name=_("rule")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, db_index=False, related_name="earnings", verbose_name=_("member")
    )
    # "order:A-1" or "event:E-1".
    reference = models.CharField(_("reference"), max_length=150)
    day = models.DateField(_("day"))
    # What earned: the net amount of the order (or of its items that count) when it earned most; 1 for an event.
    base = models.DecimalField(_("amount that earned"), max_digits=14, decimal_places=2)
    multiplier = models.DecimalField(_("multiplier"), max_digits=5, decimal_places=2)
    granted = models.PositiveBigIntegerField(_("granted"))
    reversed = models.PositiveBigIntegerField(_("reversed"), default=0)

    class Meta:
        verbose_name = _("earning")
        verbose_name_plural = _("earnings")
        indexes = [
            models.Index(fields=["member", "rule", "day"], name="earning_of_day"),
            models.Index(fields=["reference"], name="earning_reference"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["rule", "reference"], name="earning_once"),
            models.CheckConstraint(condition=Q(reversed__lte=F("granted")), name="earning_reversed_within_granted"),
        ]

    def __str__(self) -> str:
        return self.reference

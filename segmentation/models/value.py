"""Value models and their scorings."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from segmentation.models.lifecycle import DAYS, LONG_PER_CENT, PER_CENT
from segmentation.models.sets import MemberSet

SCORE = [MinValueValidator(0), MaxValueValidator(1000)]
ORDERS = [MinValueValidator(2), MaxValueValidator(1000)]


def interactions() -> list[str]:
    return ["favourite", "cart", "search", "share"]


def good_words() -> list[str]:
    return ["review", "share"]


class ValueModel(models.Model):
    """How a member's value (综合价值) is scored, and how tiers, spending power, churn risk and loyalty are told."""

    class TiersBy(models.TextChoices):
        SHARES = "shares", _("shares of the members who bought")
        SCORES = "scores", _("fixed scores")

    class SpendingBy(models.TextChoices):
        AVERAGE = "average", _("average amount of an order")
        AMOUNT = "amount", _("amount of all orders")
        BOTH = "both", _("both: the lower of the two")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    is_default = models.BooleanField(_("the default"), default=False)
    window_days = models.PositiveIntegerField(_("window in days"), default=365, validators=DAYS)
    amount_weight = models.PositiveSmallIntegerField(_("weight of amount"), default=40, validators=PER_CENT)
    frequency_weight = models.PositiveSmallIntegerField(_("weight of frequency"), default=30, validators=PER_CENT)
    interaction_weight = models.PositiveSmallIntegerField(_("weight of interaction"), default=20, validators=PER_CENT)
    reputation_weight = models.PositiveSmallIntegerField(_("weight of reputation"), default=10, validators=PER_CENT)
    interaction_events = ArrayField(
        models.CharField(max_length=50), verbose_name=_("events of interaction"), default=interactions, blank=True
    )
    reputation_events = ArrayField(
        models.CharField(max_length=50), verbose_name=_("events of reputation"), default=good_words, blank=True
    )
    reputation_event_points = models.PositiveSmallIntegerField(
        _("points for each event of reputation"), default=3, validators=PER_CENT
    )
    tiers_by = models.CharField(_("tiers by"), max_length=10, choices=TiersBy, default=TiersBy.SHARES)
    core_share = models.PositiveSmallIntegerField(_("core, %"), default=20, validators=PER_CENT)
    high_potential_share = models.PositiveSmallIntegerField(_("high-potential, %"), default=30, validators=PER_CENT)
    core_score = models.PositiveSmallIntegerField(_("core from score"), default=700, validators=SCORE)
    high_potential_score = models.PositiveSmallIntegerField(
        _("high-potential from score"), default=400, validators=SCORE
    )
    spending_by = models.CharField(
        _("spending power by"), max_length=10, choices=SpendingBy, default=SpendingBy.AVERAGE
    )
    high_spenders_share = models.PositiveSmallIntegerField(_("high spending, %"), default=20, validators=PER_CENT)
    middle_spenders_share = models.PositiveSmallIntegerField(_("middle spending, %"), default=50, validators=PER_CENT)
    own_gap_orders = models.PositiveSmallIntegerField(_("own gap from days with orders"), default=3, validators=ORDERS)
    fewest_gaps = models.PositiveIntegerField(_("fewest gaps to learn from"), default=20, validators=DAYS)
    churn_middle = models.PositiveSmallIntegerField(
        _("middle churn risk above, per cent of the gap"), default=150, validators=LONG_PER_CENT
    )
    churn_high = models.PositiveSmallIntegerField(
        _("high churn risk above, per cent of the gap"), default=300, validators=LONG_PER_CENT
    )
    loyal_orders = models.PositiveSmallIntegerField(_("loyal from days with orders"), default=5, validators=ORDERS)
    loyal_span_days = models.PositiveIntegerField(_("loyal over days"), default=90, validators=DAYS)
    loyal_spread = models.PositiveSmallIntegerField(
        _("loyal up to a spread of gaps, %"), default=100, validators=LONG_PER_CENT
    )
    returning_orders = models.PositiveSmallIntegerField(
        _("middle loyalty from days with orders"), default=2, validators=ORDERS
    )
    current = models.ForeignKey("ValueVersion", models.PROTECT, null=True, editable=False, related_name="+")
    daily_at = models.TimeField(pgettext_lazy("value model", "scored each day at"), null=True, blank=True)
    next_run_at = models.DateTimeField(_("next run"), null=True, editable=False)

    class Meta:
        verbose_name = _("value model")
        verbose_name_plural = _("value models")
        ordering = ["slug"]
        permissions = [("recompute_valuemodel", gettext_noop("Can recompute a value model"))]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_value_model"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_weight=100 - F("frequency_weight") - F("interaction_weight") - F("reputation_weight")
                ),
                name="value_weights_total_100",
            ),
            models.CheckConstraint(condition=Q(churn_middle__lte=F("churn_high")), name="value_churn_ascends"),
        ]

    def __str__(self) -> str:
        return self.name


class ValueVersion(models.Model):
    """One scoring of all members: the scale, the scores and the tiers as sets."""

    model = models.ForeignKey(ValueModel, models.CASCADE, related_name="versions", verbose_name=_("value model"))
    # The last day of the window; facts that come in later count too.
    at = models.DateField(_("window up to"))
    computed_at = models.DateTimeField(_("computed"))
    # The state of the facts that it was scored from (`members.touches`).
    as_of = models.TextField(editable=False)
    size = models.PositiveIntegerField(_("members"))
    # {"settings": `value_facts.Settings`, "tiering": `value_scale.Tiering`, "scale": `value_scale.Scale`}
    definition = models.JSONField(_("definition"))
    # {"tier": {"core": members, …}, "spending": …, "churn": …, "loyalty": …, "scores": members by fifties of the score,
    #  "having": {"amount": members with any, …}, "buyers": members, "moves": [[tier before, tier now, members], …]}
    summary = models.JSONField(_("summary"))

    class Meta:
        verbose_name = _("value version")
        verbose_name_plural = _("value versions")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.model} {self.at}"


class ValueSet(models.Model):
    """The members of one tier or degree, those with a binary digit of the score ("score", "0" to "9"), or "later"."""

    version = models.ForeignKey(ValueVersion, models.CASCADE, related_name="sets")
    dimension = models.CharField(max_length=10)
    value = models.CharField(max_length=15)
    members = models.ForeignKey(MemberSet, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("value set")
        verbose_name_plural = _("value sets")
        constraints = [models.UniqueConstraint(fields=["version", "dimension", "value"], name="value_set_once")]

    def __str__(self) -> str:
        return f"{self.dimension}={self.value}"

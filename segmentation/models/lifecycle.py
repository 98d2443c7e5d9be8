"""Lifecycle models, the repurchase cycles that are set by hand, and stagings."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from segmentation.lifecycle_stages import PRIORITIES
from segmentation.models.sets import MemberSet
from segmentation.rules import LONGEST_WINDOW

DAYS = [MinValueValidator(1), MaxValueValidator(LONGEST_WINDOW)]
PER_CENT = [MinValueValidator(0), MaxValueValidator(100)]
LONG_PER_CENT = [MinValueValidator(0), MaxValueValidator(1000)]


def interests() -> list[str]:
    return ["favourite", "cart"]


class LifecycleModel(models.Model):
    """How members are staged: 兴趣, 新客, 复购, 活跃, 沉睡, 流失, and prospects who never ordered."""

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    is_default = models.BooleanField(_("the default"), default=False)
    interested_days = models.PositiveIntegerField(_("interested: within days"), default=15, validators=DAYS)
    interested_events = ArrayField(
        models.CharField(max_length=50), verbose_name=_("interested: by events"), default=interests
    )
    new_days = models.PositiveIntegerField(_("new: first order within days"), default=30, validators=DAYS)
    new_years = models.PositiveSmallIntegerField(
        _("new: no other order in years"), default=2, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    active_days = models.PositiveIntegerField(_("active: ordered within days"), default=60, validators=DAYS)
    sleeping_days = models.PositiveIntegerField(_("sleeping: ordered within days"), default=180, validators=DAYS)
    priority = models.CharField(
        _("what comes first"), max_length=40, default=PRIORITIES[0], choices=[(each, each) for each in PRIORITIES]
    )
    due_from = models.PositiveSmallIntegerField(
        _("due from, per cent of the cycle"), default=0, validators=LONG_PER_CENT
    )
    due_until = models.PositiveSmallIntegerField(
        _("due until, per cent of the cycle"), default=100, validators=LONG_PER_CENT
    )
    repeat_share = models.PositiveSmallIntegerField(
        _("bought again by at least, per cent of the buyers"), default=30, validators=PER_CENT
    )
    fewest_gaps = models.PositiveIntegerField(_("fewest gaps to learn from"), default=20, validators=DAYS)
    learning_days = models.PositiveIntegerField(_("learn from the last days"), default=730, validators=DAYS)
    current = models.ForeignKey("LifecycleVersion", models.PROTECT, null=True, editable=False, related_name="+")
    daily_at = models.TimeField(_("staged each day at"), null=True, blank=True)
    next_run_at = models.DateTimeField(_("next run"), null=True, editable=False)

    class Meta:
        verbose_name = _("lifecycle model")
        verbose_name_plural = _("lifecycle models")
        ordering = ["slug"]
        permissions = [("recompute_lifecyclemodel", gettext_noop("Can recompute a lifecycle model"))]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_lifecycle_model"
            ),
            models.CheckConstraint(
                condition=Q(active_days__lt=F("sleeping_days")), name="lifecycle_sleeps_after_being_active"
            ),
            models.CheckConstraint(condition=Q(due_from__lte=F("due_until")), name="lifecycle_due_from_until"),
        ]

    def __str__(self) -> str:
        return self.name


class CategoryCycle(models.Model):
    """What an operator says of one category, in place of what was learned."""

    class High(models.TextChoices):
        LEARNED = "learned", pgettext_lazy("repurchase category", "as the share says")
        ALWAYS = "always", pgettext_lazy("repurchase category", "always")
        NEVER = "never", pgettext_lazy("repurchase category", "never")

    model = models.ForeignKey(LifecycleModel, models.CASCADE, related_name="cycles", verbose_name=_("lifecycle model"))
    category = models.CharField(_("category"), max_length=100)
    days = models.PositiveIntegerField(_("cycle in days"), null=True, blank=True, validators=DAYS)
    high = models.CharField(_("bought again"), max_length=10, choices=High, default=High.LEARNED)

    class Meta:
        verbose_name = _("category set by hand")
        verbose_name_plural = _("categories set by hand")
        ordering = ["category"]
        constraints = [models.UniqueConstraint(fields=["model", "category"], name="category_cycle_once")]

    def __str__(self) -> str:
        return self.category


class LifecycleVersion(models.Model):
    """One staging of all members: what the stages meant, who is in which, and what time alone will change."""

    model = models.ForeignKey(
        LifecycleModel, models.CASCADE, related_name="versions", verbose_name=_("lifecycle model")
    )
    # The moment at which members were staged; facts after it did not count.
    at = models.DateTimeField(_("staged at"))
    computed_at = models.DateTimeField(_("computed"))
    # The state of the facts that it was staged from (`members.touches`).
    as_of = models.TextField(editable=False)
    size = models.PositiveIntegerField(_("members"))
    # `lifecycle_stages.Definition`, and the cycles of all categories (`repurchase.Cycle`).
    definition = models.JSONField(_("definition"))
    cycles = models.JSONField(_("repurchase cycles"))
    # {"stages": {"new": members, …}, "meets": {"new": members who meet its condition, …},
    #  "moves": [[stage before, stage now, members], …]}
    summary = models.JSONField(_("summary"))
    # The stages that time alone brings until `changes_until`: rows of `lifecycle.CHANGE`, by moment.
    changes = models.BinaryField()
    changes_until = models.DateTimeField()

    class Meta:
        verbose_name = _("lifecycle version")
        verbose_name_plural = _("lifecycle versions")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.model} {self.at:%Y-%m-%d %H:%M}"


class LifecycleSet(models.Model):
    """The members of one stage; those of "later" have facts after the moment of the version."""

    version = models.ForeignKey(LifecycleVersion, models.CASCADE, related_name="sets")
    stage = models.CharField(max_length=15)
    members = models.ForeignKey(MemberSet, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("lifecycle set")
        verbose_name_plural = _("lifecycle sets")
        constraints = [models.UniqueConstraint(fields=["version", "stage"], name="lifecycle_set_once")]

    def __str__(self) -> str:
        return self.stage

"""Budgets in money, and what was spent of them."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from members.models import Member
from operations.sentences import labelled


class Budget(models.Model):
    """So many cents for a scope: in all, a day, a member, or a member and day. Days are those of the site's time zone.

    `scope` is "campaign:SLUG", "pool:SLUG" or "mall". A draw falls to the consolation prize where one of its budgets
    has no room for the prize's cost.
    """

    class Per(models.TextChoices):
        TOTAL = "total", _("in all")
        DAY = "day", _("a day")
        MEMBER = "member", _("a member")
        MEMBER_DAY = "member_day", _("a member and day")

    # Its name in words, where somebody has looked up whose it is.
    told = ""

    scope = models.CharField(_("scope"), max_length=100)
    per = models.CharField(_("for"), max_length=10, choices=Per, default=Per.TOTAL)
    cents = models.PositiveBigIntegerField(_("amount in cents"), validators=[MinValueValidator(1)])
    active = models.BooleanField(
        _("holds"),
        default=True,
        db_default=True,
        help_text=_("Set aside, it stops nobody and counts nothing; what was spent of it stays on record."),
    )

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        ordering = ["scope", "per"]
        permissions = [("approve_budget", gettext_noop("Can approve a higher budget that another asked for"))]
        constraints = [
            models.UniqueConstraint(fields=["scope", "per"], name="budget_once"),
            models.CheckConstraint(condition=Q(cents__gt=0), name="budget_of_something"),
        ]

    def __str__(self) -> str:
        return self.told or labelled(self.scope, self.get_per_display())


class BudgetWarning(models.Model):
    """That so much of a budget was spent: told once for each percentage of each amount that it had. Append-only.

    `day` is that of a budget a day, `allowed` and `spent` are in cents. A budget that is raised is warned of anew.
    """

    budget = models.ForeignKey(
        Budget, models.CASCADE, db_index=False, related_name="warnings", verbose_name=_("budget")
    )
    day = models.DateField(_("day"), null=True)
    percent = models.PositiveSmallIntegerField(_("percent"))
    allowed = models.PositiveBigIntegerField(_("allowed in cents"))
    spent = models.PositiveBigIntegerField(_("spent in cents"))
    warned_at = models.DateTimeField(_("warned"))

    class Meta:
        verbose_name = _("warning of a budget")
        verbose_name_plural = _("warnings of budgets")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "day", "percent", "allowed"], name="budget_warned_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.budget_id}: {self.percent} %"


class BudgetUse(models.Model):
    """What was spent of a budget, in cents: in all, on a day, for a member.

    `drawn` was asked for before it was given, and never passes what the budget allowed at that time. `promised` is what
    had to be given all the same: consolation prizes, rewards of tasks, items of the mall. It leaves less for draws.
    """

    budget = models.ForeignKey(Budget, models.PROTECT, db_index=False, related_name="uses", verbose_name=_("budget"))
    day = models.DateField(_("day"), null=True)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, db_index=False, related_name="budget_uses", verbose_name=_("member")
    )
    allowed = models.PositiveBigIntegerField(_("allowed in cents"))
    drawn = models.PositiveBigIntegerField(_("drawn in cents"), default=0)
    promised = models.PositiveBigIntegerField(_("promised in cents"), default=0)

    class Meta:
        verbose_name = _("use of a budget")
        verbose_name_plural = _("uses of budgets")
        constraints = [
            models.UniqueConstraint(fields=["budget", "day", "member"], name="budget_use_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(drawn__gte=0) & Q(promised__gte=0) & Q(drawn__lte=F("allowed")),
                name="budget_drawn_within_allowed",
            ),
        ]
        indexes = [models.Index(fields=["member"], name="budget_use_member", condition=Q(member__isnull=False))]

    def __str__(self) -> str:
        return f"{self.budget_id}: {self.drawn + self.promised}/{self.allowed}"

    @property
    def spent(self) -> int:
        """Return what was spent, in cents."""
        return self.drawn + self.promised

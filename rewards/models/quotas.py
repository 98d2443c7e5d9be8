"""How much of something may be given, and how much was."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.models import Member


class Quota(models.Model):
    """`used` of `allowed`, for a member or for everyone. Made when it is first taken from, by `rewards_take`.

    The key says what is counted: "gift:SLUG" (all of a gift; with a member, what one has had), "prize:POOL:KEY" (with a
    member), "release:POOL:KEY:2026-11-21" and "…T09+0800" (a prize in a day or hour), "wins:POOL", "draws:POOL:DAY" and
    "bought:POOL:DAY" (with a member), "item:SLUG" (of the mall). `allowed` is what was allowed when it was last taken
    from. Reversals give back.
    """

    member = models.ForeignKey(
        Member, models.PROTECT, null=True, db_index=False, related_name="quotas", verbose_name=_("member")
    )
    key = models.CharField(_("key"), max_length=200)
    allowed = models.PositiveBigIntegerField(_("allowed"))
    used = models.PositiveBigIntegerField(_("used"), default=0)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], name="quota_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(used__gte=0) & Q(used__lte=F("allowed")), name="quota_used_within_allowed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.used}/{self.allowed}"

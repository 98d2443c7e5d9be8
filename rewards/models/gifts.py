"""The gift library, its codes, and awards."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from members.models import Member


class Gift(models.Model):
    """What can be given (礼品库)."""

    class Kind(models.TextChoices):
        COUPON = "coupon", _("coupon with a code of its own")
        SHARED_COUPON = "shared_coupon", _("coupon with one shared code")
        POINTS = "points", _("points")
        GROWTH = "growth", _("growth value")
        THANKS = "thanks", _("words of thanks")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    amount = models.PositiveIntegerField(_("amount of points or growth value"), null=True, blank=True)
    shared_code = models.CharField(_("shared code"), max_length=50, blank=True)
    threshold = models.DecimalField(_("usable from"), max_digits=10, decimal_places=2, null=True, blank=True)
    face_value = models.DecimalField(_("face value"), max_digits=10, decimal_places=2, default=0)
    cost = models.DecimalField(_("cost"), max_digits=10, decimal_places=2, default=0)
    valid_days = models.PositiveIntegerField(_("valid for days"), null=True, blank=True)

    class Meta:
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["points", "growth"], amount__isnull=False, amount__gt=0)
                | (~Q(kind__in=["points", "growth"]) & Q(amount=None)),
                name="gift_amount_for_points_and_growth",
                violation_error_message=_("Points and growth value need an amount; other gifts have none."),
            ),
            models.CheckConstraint(
                condition=(Q(kind="shared_coupon") & ~Q(shared_code=""))
                | (~Q(kind="shared_coupon") & Q(shared_code="")),
                name="gift_shared_code_for_shared_coupons",
                violation_error_message=_("A shared coupon needs its code; other gifts have none."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_used(self) -> bool:
        """Tell whether the gift was published in a pool or granted to anyone."""
        return self.published_prizes.exists() or self.awards.exists()


class Award(models.Model):
    """A gift granted to a member."""

    class State(models.TextChoices):
        GRANTED = "granted", _("granted")
        REDEEMED = "redeemed", _("redeemed")
        EXPIRED = "expired", _("expired")
        REVERSED = "reversed", _("reversed")

    member = models.ForeignKey(Member, models.PROTECT, related_name="awards", db_index=False, verbose_name=_("member"))
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="awards", verbose_name=_("gift"))
    key = models.CharField(_("key"), max_length=200, unique=True)
    source = models.CharField(_("source"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.GRANTED)
    granted_at = models.DateTimeField(pgettext_lazy("time", "granted"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        indexes = [models.Index(fields=["member", "-id"], name="award_member")]
        permissions = [("redeem_award", gettext_noop("Can check off an award"))]

    def __str__(self) -> str:
        return f"#{self.pk}"


class CouponCode(models.Model):
    """One unique code of a coupon. It belongs to one award at most."""

    gift = models.ForeignKey(Gift, models.PROTECT, related_name="codes", verbose_name=_("gift"))
    code = models.CharField(_("code"), max_length=50)
    award = models.OneToOneField(
        Award, models.PROTECT, null=True, blank=True, related_name="coupon_code", verbose_name=_("award")
    )

    class Meta:
        verbose_name = _("coupon code")
        verbose_name_plural = _("coupon codes")
        constraints = [models.UniqueConstraint(fields=["gift", "code"], name="coupon_code_once")]
        indexes = [models.Index(fields=["gift", "id"], name="coupon_code_free", condition=Q(award=None))]
        permissions = [("import_couponcode", gettext_noop("Can import coupon codes"))]

    def __str__(self) -> str:
        return f"{self.gift} #{self.pk}"

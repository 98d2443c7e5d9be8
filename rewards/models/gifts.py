"""The gift library (礼品库)."""

from typing import Any

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from operations.picture_field import PictureField
from rewards.models.outlets import Outlet


class Gift(models.Model):
    """What can be given (礼品库)."""

    class Kind(models.TextChoices):
        COUPON = "coupon", _("coupon with a code of its own")
        SHARED_COUPON = "shared_coupon", _("coupon with one shared code")
        POINTS = "points", _("points")
        GROWTH = "growth", _("growth value")
        CHANCES = "chances", _("draw chances")
        PHYSICAL = "physical", _("physical gift")
        RED_PACKET = "red_packet", _("red packet")
        LINK = "link", _("link")
        THANKS = "thanks", _("words of thanks")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    description = models.TextField(
        _("description"), blank=True, help_text=_("Members read it: what it is, how it is used.")
    )
    picture = PictureField(
        _("picture"),
        least_width=240,
        help_text=_(
            "Members see it in lists of prizes, in the mall, and when they win it. Best 720 × 450 with the thing in "
            "the middle: small marks are cut square."
        ),
    )
    amount = models.PositiveIntegerField(_("amount of points, growth value or draws"), null=True, blank=True)
    # The scope of the draws that a gift of chances gives; empty: that in which it is given.
    draws_in = models.CharField(_("draws in"), max_length=100, blank=True)
    shared_code = models.CharField(_("shared code"), max_length=50, blank=True)
    link = models.CharField(_("link"), max_length=200, blank=True, validators=[URLValidator(["https"])])
    # Who pays a red packet out: a name of `settings.DELIVERY_PROVIDERS`. Its amount is the face value.
    provider = models.SlugField(_("paid out by"), blank=True)
    threshold = models.DecimalField(_("usable from"), max_digits=10, decimal_places=2, null=True, blank=True)
    face_value = models.DecimalField(_("face value"), max_digits=10, decimal_places=2, default=0)
    cost = models.DecimalField(_("cost"), max_digits=10, decimal_places=2, default=0)
    valid_days = models.PositiveIntegerField(_("valid for days"), null=True, blank=True)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    stock = models.PositiveIntegerField(
        _("stock"), null=True, blank=True, help_text=_("In all, wherever it is given. Empty: no limit.")
    )
    per_member = models.PositiveIntegerField(_("at most for one member"), null=True, blank=True)
    outlets: "models.ManyToManyField[Outlet, Any]" = models.ManyToManyField(
        Outlet,
        blank=True,
        related_name="gifts",
        verbose_name=_("outlets"),
        help_text=_("Empty: used at every outlet."),
    )
    low_stock_at = models.PositiveIntegerField(_("warn when so many are left"), null=True, blank=True)

    class Meta:
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        ordering = ["slug"]
        permissions = [
            ("approve_stock", gettext_noop("Can approve more stock that another asked for")),
            ("approve_value", gettext_noop("Can approve gifts and prizes worth more that another asked for")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["points", "growth", "chances"], amount__isnull=False, amount__gt=0)
                | (~Q(kind__in=["points", "growth", "chances"]) & Q(amount=None)),
                name="gift_amount_for_what_is_counted",
                violation_error_message=_(
                    "Points, growth value and draw chances need an amount; other gifts have none."
                ),
            ),
            models.CheckConstraint(
                condition=(Q(kind="shared_coupon") & ~Q(shared_code=""))
                | (~Q(kind="shared_coupon") & Q(shared_code="")),
                name="gift_shared_code_for_shared_coupons",
                violation_error_message=_("A shared coupon needs its code; other gifts have none."),
            ),
            models.CheckConstraint(
                condition=(Q(kind="link") & ~Q(link="")) | (~Q(kind="link") & Q(link="")),
                name="gift_link_for_links",
                violation_error_message=_("A link needs its address; other gifts have none."),
            ),
            models.CheckConstraint(
                condition=Q(link="") | Q(link__startswith="https://"),
                name="gift_link_is_https",
                violation_error_message=_("The address of a link begins with https://."),
            ),
            models.CheckConstraint(
                condition=(Q(kind="red_packet") & ~Q(provider="") & Q(face_value__gt=0))
                | (~Q(kind="red_packet") & Q(provider="")),
                name="gift_red_packet_has_provider_and_value",
                violation_error_message=_(
                    "A red packet needs a face value and who pays it out; other gifts are not paid out."
                ),
            ),
            models.CheckConstraint(
                condition=Q(valid_days=None) | Q(valid_until=None),
                name="gift_valid_for_days_or_until",
                violation_error_message=_("Either valid for days after it is given, or until a fixed time; not both."),
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gt=models.F("valid_from")),
                name="gift_valid_until_after_from",
                violation_error_message=_("The end must be after the start."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_used(self) -> bool:
        """Tell whether the gift was published in a pool or granted to anyone."""
        return self.published_prizes.exists() or self.awards.exists()

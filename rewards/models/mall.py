"""The points mall (积分商城): what members can have for their points, and what they had."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from members.bilingual import in_reader_language
from members.models import Member
from operations.picture_field import PictureField
from rewards.models.awards import Award
from rewards.models.gifts import Gift
from rewards.models.ledger import Entry

# What the addresses of the mall's own pages are called.
RESERVED = ("orders",)


def check_audience(audience: Any) -> None:
    """Ask who knows what an audience is (`rewards.admission`)."""
    from rewards import admission

    if faults := admission.faults(audience):
        raise ValidationError(faults)


def check_not_reserved(slug: str) -> None:
    if slug in RESERVED:
        raise ValidationError(_("A page of the mall has this address already."))


class MallItem(models.Model):
    """A gift for points. `stock` and `per_member` count the orders that stand; a cancelled one gives its place back.

    `audience` has the shape of a campaign's audiences; empty is everyone. Others see the item locked, with the reason,
    or not at all (`hidden_from_others`). Days and months are those of the site's time zone.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        ON_SALE = "on_sale", _("on sale")
        OFF = "off", _("taken off")

    class Period(models.TextChoices):
        ALL = "all", _("in all")
        MONTH = "month", _("a month")
        DAY = "day", _("a day")

    slug = models.SlugField(_("key"), unique=True, validators=[check_not_reserved])
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="mall_items", verbose_name=_("gift"))
    name = models.CharField(_("name"), max_length=100, blank=True, help_text=_("Empty: the gift's name."))
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    description = models.TextField(
        _("description"), blank=True, max_length=2000, help_text=_("Members read it. Empty: the gift's description.")
    )
    picture = PictureField(_("picture"), least_width=240, help_text=_("Without one, the gift's is shown."))
    price = models.PositiveIntegerField(_("price in points"), validators=[MinValueValidator(1)])
    stock = models.PositiveIntegerField(_("stock"), null=True, blank=True, help_text=_("In all. Empty: no limit."))
    per_member = models.PositiveIntegerField(
        _("at most for one member"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    per_member_period = models.CharField(_("counted"), max_length=5, choices=Period, default=Period.ALL)
    audience = models.JSONField(_("for whom"), default=dict, blank=True, validators=[check_audience])
    hidden_from_others = models.BooleanField(
        _("hidden from others"), default=False, help_text=_("Else they see it locked, with the reason.")
    )
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    shelf = models.CharField(_("shelf"), max_length=50, blank=True)
    shelf_en = models.CharField(_("English name of the shelf"), max_length=50, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)

    class Meta:
        verbose_name = _("mall item")
        verbose_name_plural = _("mall items")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=1), name="mall_item_has_a_price"),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(closes_at__gt=F("opens_at")),
                name="mall_item_closes_after_it_opens",
                violation_error_message=_("It closes before it opens."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.gift.name

    def clean(self) -> None:
        gift = self.gift if self.gift_id else None
        if gift is None:
            return
        if gift.kind in (Gift.Kind.POINTS, Gift.Kind.THANKS):
            raise ValidationError({"gift": _("Points are not sold for points, and words of thanks are free.")})
        if gift.kind == Gift.Kind.CHANCES and not gift.draws_in:
            raise ValidationError({"gift": _("The gift does not say where its draws are: in the mall there are none.")})

    @property
    def shown_picture(self) -> str:
        """Return the item's picture, else its gift's, "" where neither has one."""
        return self.picture or self.gift.picture

    @property
    def shown_name(self) -> str:
        """Return the name in the reader's language."""
        return in_reader_language(str(self), self.name_en)


class MallOrder(models.Model):
    """A gift had for points: the points' entry, and the award. A trigger (migration) keeps what was ordered as it was.

    `asked` is what the request asked for: the same key with another wish is refused.
    """

    class State(models.TextChoices):
        PLACED = "placed", pgettext_lazy("order of the mall", "placed")
        CANCELLED = "cancelled", pgettext_lazy("order of the mall", "cancelled")

    member = models.ForeignKey(
        Member, models.PROTECT, db_index=False, related_name="mall_orders", verbose_name=_("member")
    )
    item = models.ForeignKey(MallItem, models.PROTECT, related_name="orders", verbose_name=_("mall item"))
    price = models.PositiveIntegerField(_("points paid"))
    award = models.OneToOneField(Award, models.PROTECT, related_name="mall_order", verbose_name=_("award"))
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="mall_order", verbose_name=_("entry"))
    request_key = models.CharField(_("request key"), max_length=200)
    asked = models.CharField(max_length=150, editable=False)
    ordered_at = models.DateTimeField(_("ordered"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLACED)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cancelled by"),
    )
    cancel_reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("order of the mall")
        verbose_name_plural = _("orders of the mall")
        constraints = [
            models.UniqueConstraint(fields=["member", "request_key"], name="mall_order_once"),
            models.CheckConstraint(
                condition=Q(state="placed", cancelled_at=None) | Q(state="cancelled", cancelled_at__isnull=False),
                name="mall_order_cancelled_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["member", "-id"], name="mall_order_member")]
        permissions = [("cancel_mallorder", gettext_noop("Can cancel an order of the mall and give its points back"))]

    def __str__(self) -> str:
        return f"#{self.pk}"

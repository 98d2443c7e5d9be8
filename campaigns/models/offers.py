"""Offers of a draft, and what became of those that were published, which names them by their keys."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.draft import Campaign
from campaigns.models.playing import Enrolment
from campaigns.offers import terms
from members.models import Order
from rewards.models import Award, Gift

# One SKU a line, as people paste them.
_skus: Any = ArrayField(models.CharField(max_length=100), blank=True, default=list, verbose_name=_("SKUs"))


class Offer(models.Model):
    """An offer in the draft. What its columns mean is said at `campaigns.offers.terms.Offer`."""

    class Kind(models.TextChoices):
        FLASH = terms.FLASH, _("flash sale")
        FIRST_ORDER = terms.FIRST_ORDER, _("first-order coupon")
        GROUP = terms.GROUP, _("group buy")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="offers", verbose_name=_("campaign"))
    key = models.SlugField(_("key"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    title = models.CharField(_("title"), max_length=100)
    guide = models.CharField(_("guide text"), max_length=200, blank=True)
    skus = _skus
    link = models.CharField(
        _("where it is bought"),
        max_length=terms.LONGEST_LINK,
        blank=True,
        validators=[URLValidator(["https"])],
        help_text=_("The address in the shop at which a member pays; begins with https://."),
    )
    price = models.DecimalField(_("ordinary price"), max_digits=10, decimal_places=2, default=0)
    offer_price = models.DecimalField(_("price of the offer"), max_digits=10, decimal_places=2, default=0)
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True, help_text=_("Empty: with the campaign."))
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True, help_text=_("Empty: with the campaign."))
    stock = models.PositiveIntegerField(
        _("stock"), default=0, validators=[MaxValueValidator(terms.MOST_COUNT)], help_text=_("0: no limit.")
    )
    per_member = models.PositiveIntegerField(
        _("at most for one member"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(terms.MOST_COUNT)],
    )
    minutes = models.PositiveIntegerField(
        _("minutes to pay"),
        default=15,
        validators=[MaxValueValidator(terms.MOST_MINUTES)],
        help_text=_("So long it is kept for the member who reserved it."),
    )
    grace = models.PositiveIntegerField(
        _("minutes until orders are reported"),
        default=5,
        validators=[MaxValueValidator(terms.MOST_MINUTES)],
        help_text=_("So long the shop takes to send an order; what nobody paid in time is given up after it."),
    )
    size = models.PositiveSmallIntegerField(
        _("members of a group"), default=0, validators=[MaxValueValidator(terms.MOST_SEATS)]
    )
    hours = models.PositiveIntegerField(
        _("hours to fill a group"), default=0, validators=[MaxValueValidator(terms.MOST_MINUTES // 60)]
    )
    gift = models.ForeignKey(
        Gift,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("gift"),
        help_text=_("The coupon; or what each member of a full group gets."),
    )
    leader_gift = models.ForeignKey(
        Gift,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("gift for the leader"),
        help_text=_("Besides, for who opened a group that was filled."),
    )
    exact_price = models.BooleanField(
        _("exact price"), default=False, help_text=_("Only an order at exactly the price of the offer counts.")
    )
    restock = models.BooleanField(
        _("refunds return"), default=True, help_text=_("What is refunded can be had again, also by that member.")
    )
    audience = models.JSONField(_("audience"), default=dict, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="offer_once_in_campaign")]

    def __str__(self) -> str:
        return self.title

    def get_inline_title(self) -> str:
        """Tell offers of one title apart."""
        return f"{self.title} · {self.get_kind_display()} · {self.key}"


class OfferStock(models.Model):
    """How many of an offer are taken: of everyone's stock, or of what one member may have.

    Made when it is first taken from (`campaigns.offers.counts`). `allowed` is what was allowed then.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", db_index=False, verbose_name=_("campaign"))
    offer_key = models.SlugField(_("offer"), db_index=False)
    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, null=True, related_name="offer_stocks", verbose_name=_("enrolment")
    )
    allowed = models.PositiveIntegerField(_("allowed"))
    taken = models.PositiveIntegerField(_("taken"))

    class Meta:
        verbose_name = _("stock of an offer")
        verbose_name_plural = _("stocks of offers")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "offer_key", "enrolment"], name="offer_stock_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(taken__gte=0) & Q(taken__lte=F("allowed")), name="offer_stock_within_allowed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_key}: {self.taken}/{self.allowed}"


class OfferGroup(models.Model):
    """A group that buys together. `taken` counts seats, reserved and paid; it is full when `size` are paid.

    Whoever pays before `closes_at` is in time; the shop's orders have until `fails_at` to come in.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("group buy", "open")
        FULL = "full", pgettext_lazy("group buy", "full")
        FAILED = "failed", pgettext_lazy("group buy", "not filled")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="offer_groups", verbose_name=_("campaign"))
    offer_key = models.SlugField(_("offer"))
    code = models.CharField(_("code"), max_length=16, unique=True)
    leader = models.ForeignKey(Enrolment, models.PROTECT, related_name="offer_groups_led", verbose_name=_("leader"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    size = models.PositiveSmallIntegerField(_("members of a group"))
    taken = models.PositiveSmallIntegerField(_("seats taken"), default=0)
    paid = models.PositiveSmallIntegerField(_("seats paid"), default=0)
    opened_at = models.DateTimeField(_("opened"))
    closes_at = models.DateTimeField(_("closes"))
    fails_at = models.DateTimeField(_("given up"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("group of a group buy")
        verbose_name_plural = _("groups of group buys")
        ordering = ["-id"]
        indexes = [models.Index(fields=["fails_at"], condition=Q(state="open"), name="offer_group_to_fail")]
        constraints = [
            models.CheckConstraint(
                condition=Q(paid__gte=0) & Q(paid__lte=F("taken")) & Q(taken__lte=F("size")),
                name="offer_group_seats",
            ),
            models.CheckConstraint(condition=~Q(state="full") | Q(paid=F("size")), name="offer_group_full_is_paid"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_key} {self.code}: {self.paid}/{self.size}"

    @property
    def missing(self) -> int:
        """How many are still to pay."""
        return self.size - self.paid


class Reservation(models.Model):
    """So many of an offer kept for a member until they pay, and then the order's line that confirmed it.

    Its terms (SKUs, price in cents for one, whether refunds return) are those under which it was made, whatever a later
    revision says. Of `quantity`, `returned` were refunded. `lapses_at` is `expires_at` and the time orders take.
    """

    class State(models.TextChoices):
        RESERVED = "reserved", pgettext_lazy("reservation", "reserved")
        BOUGHT = "bought", pgettext_lazy("reservation", "bought")
        LAPSED = "lapsed", pgettext_lazy("reservation", "lapsed")
        REFUNDED = "refunded", pgettext_lazy("reservation", "refunded")

    # The indexes below that begin with the same column serve the foreign keys marked db_index=False.
    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="reservations", db_index=False, verbose_name=_("enrolment")
    )
    offer_key = models.SlugField(_("offer"), db_index=False)
    group = models.ForeignKey(
        OfferGroup, models.PROTECT, null=True, related_name="seats", verbose_name=_("group of a group buy")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RESERVED)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    returned = models.PositiveIntegerField(_("quantity refunded"), default=0)
    skus = _skus.clone()
    price = models.PositiveIntegerField(_("price in cents"))
    exact_price = models.BooleanField(_("exact price"))
    restock = models.BooleanField(_("refunds return"))
    reserved_at = models.DateTimeField(_("reserved"))
    expires_at = models.DateTimeField(_("to be paid before"))
    lapses_at = models.DateTimeField(_("given up"))
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("order")
    )
    line = models.PositiveIntegerField(_("line"), null=True)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["enrolment", "offer_key"], name="reservation_enrolment"),
            models.Index(fields=["lapses_at"], condition=Q(state="reserved"), name="reservation_to_lapse"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "offer_key"], condition=Q(state="reserved"), name="reservation_one_open"
            ),
            models.UniqueConstraint(
                fields=["group", "enrolment"],
                condition=Q(state__in=["reserved", "bought"]),
                name="reservation_one_seat_in_group",
            ),
            models.UniqueConstraint(fields=["order", "line"], name="reservation_one_of_line"),
            models.CheckConstraint(
                condition=Q(state__in=["bought", "refunded"], order__isnull=False, line__isnull=False)
                | Q(state__in=["reserved", "lapsed"], order=None, line=None, returned=0),
                name="reservation_bought_by_order",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0)
                & (
                    Q(state="refunded", returned=F("quantity")) | (~Q(state="refunded") & Q(returned__lt=F("quantity")))
                ),
                name="reservation_returned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_key} × {self.quantity}"


class OfferCoupon(models.Model):
    """A first-order coupon given to a member, once: its award, and the first order that came after it.

    It is withdrawn from who turns out to have bought before.
    """

    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="offer_coupons", db_index=False, verbose_name=_("enrolment")
    )
    offer_key = models.SlugField(_("offer"), db_index=False)
    award = models.OneToOneField(Award, models.PROTECT, related_name="+", verbose_name=_("award"))
    given_at = models.DateTimeField(_("given"))
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+", verbose_name=_("first order"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        verbose_name = _("first-order coupon")
        verbose_name_plural = _("first-order coupons")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "offer_key"], name="offer_coupon_once"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_key} {self.award_id}"

"""Members and what is known of them."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy


class Level(models.Model):
    """A step of the ladder, reached by growth earned, or a paid level."""

    class Kind(models.TextChoices):
        GROWTH = "growth", _("by growth")
        PAID = "paid", pgettext_lazy("level", "paid")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=50)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.GROWTH)
    rank = models.PositiveSmallIntegerField(_("rank"), unique=True)
    growth_needed = models.PositiveIntegerField(_("growth value needed"), null=True, blank=True)

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ["rank"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="paid", growth_needed=None) | Q(kind="growth", growth_needed__isnull=False),
                name="level_growth_needed_by_growth_only",
                violation_error_message=_("A level by growth needs a growth value, a paid level has none."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Attribute(models.Model):
    """A custom attribute of members that an operator declares before anyone may send it."""

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", pgettext_lazy("type of a value", "number")
        DATE = "date", _("date")
        BOOLEAN = "boolean", _("yes or no")
        CHOICE = "choice", _("choice")

    slug = models.SlugField(_("key"), unique=True)
    label = models.CharField(_("label"), max_length=100)
    kind = models.CharField(_("type"), max_length=10, choices=Kind)
    choices = models.JSONField(_("choices"), default=list, blank=True)

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.label


class Member(models.Model):
    """A member of the shop. `uid` is the shop's own id."""

    class Gender(models.TextChoices):
        FEMALE = "female", _("female")
        MALE = "male", _("male")
        OTHER = "other", _("other")

    uid = models.CharField(_("uid"), max_length=100, unique=True)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    email = models.EmailField(_("email"), blank=True)
    gender = models.CharField(_("gender"), max_length=10, choices=Gender, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    joined_at = models.DateTimeField(pgettext_lazy("member", "joined"), null=True, blank=True)
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, verbose_name=_("level"))
    # slug → value, each of the type its `Attribute` declares; dates as ISO text.
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        indexes = [GinIndex(fields=["attributes"], name="member_attributes")]
        permissions = [("view_contact", gettext_noop("Can see phone and email unmasked"))]

    def __str__(self) -> str:
        return self.uid


class Order(models.Model):
    """A paid order. `amount` is gross; rules read it net of `refunded_amount`."""

    class Status(models.TextChoices):
        PAID = "paid", _("paid")
        REFUNDED = "refunded", _("refunded")

    # The indexes below that begin with the same column serve the foreign keys marked db_index=False.
    member = models.ForeignKey(Member, models.PROTECT, db_index=False, related_name="orders", verbose_name=_("member"))
    order_id = models.CharField(_("order id"), max_length=100, unique=True)
    paid_at = models.DateTimeField(pgettext_lazy("time", "paid"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    refunded_amount = models.DecimalField(_("refunded"), max_digits=14, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    channel = models.CharField(_("channel"), max_length=50, blank=True)
    payment_method = models.CharField(_("payment method"), max_length=50, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PAID)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [models.Index(fields=["member", "paid_at"], name="order_member_paid")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="order_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded_amount__gte=0) & Q(refunded_amount__lte=models.F("amount")),
                name="order_refund_within_amount",
            ),
        ]

    def __str__(self) -> str:
        return self.order_id


class OrderItem(models.Model):
    """One line of an order."""

    order = models.ForeignKey(Order, models.CASCADE, db_index=False, related_name="items", verbose_name=_("order"))
    line = models.PositiveIntegerField(_("line"))
    sku = models.CharField(_("SKU"), max_length=100)
    category = models.CharField(_("category"), max_length=100, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("order item")
        verbose_name_plural = _("order items")
        constraints = [
            models.UniqueConstraint(fields=["order", "line"], name="order_item_line_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="order_item_amount_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.quantity}"


class MemberMetrics(models.Model):
    """Running totals of a member's paid orders, net of refunds, kept by `members.ingest`.

    An order refunded in whole counts for nothing. A member without a row has never had an order: all zeros.
    """

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="metrics")
    orders = models.PositiveIntegerField(_("orders"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2, default=0)
    quantity = models.PositiveBigIntegerField(_("quantity"), default=0)
    first_paid_at = models.DateTimeField(_("first order"), null=True)
    last_paid_at = models.DateTimeField(_("last order"), null=True)

    class Meta:
        verbose_name = _("member metrics")
        verbose_name_plural = _("member metrics")

    def __str__(self) -> str:
        return f"{self.member_id}"


class DailyTotal(models.Model):
    """A member's totals of one kind of fact on one day of the site's time zone.

    `kind` is "order" for paid orders. `category` is "" for all of the day together, net of refunds; the rows with
    a category add up the order items of that category, and count the orders that have one.
    """

    member = models.ForeignKey(Member, models.CASCADE, db_index=False, related_name="daily_totals")
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=20)
    category = models.CharField(_("category"), max_length=100, blank=True)
    count = models.PositiveIntegerField(_("count"), default=0)
    quantity = models.PositiveBigIntegerField(_("quantity"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("daily total")
        verbose_name_plural = _("daily totals")
        constraints = [
            models.UniqueConstraint(fields=["member", "day", "kind", "category"], name="daily_total_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.category}"


class Activity(models.Model):
    """The feed of facts, in the order they came in. Apps above subscribe to it (`members.activity`)."""

    member = models.ForeignKey(Member, models.CASCADE, db_index=False, related_name="activities")
    kind = models.CharField(_("kind"), max_length=50)
    reference = models.CharField(_("reference"), max_length=100)
    occurred_at = models.DateTimeField(_("time"))
    data = models.JSONField(_("data"), default=dict)
    created_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [models.Index(fields=["member", "-id"], name="activity_member")]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class UsedToken(models.Model):
    """A sign-in token's `jti`, kept until it expires, so that it opens the door once."""

    client = models.CharField(_("client"), max_length=150)
    jti = models.CharField(_("token id"), max_length=200)
    expires_at = models.DateTimeField(_("expires"), db_index=True)

    class Meta:
        verbose_name = _("used token")
        verbose_name_plural = _("used tokens")
        constraints = [models.UniqueConstraint(fields=["client", "jti"], name="used_token_once")]

    def __str__(self) -> str:
        return self.jti

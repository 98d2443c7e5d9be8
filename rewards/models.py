"""Value: the ledger, gifts and their codes, prize pools, chances, draws and awards.

Nothing here knows a campaign: a `scope` such as "campaign:double-eleven" names what chances and draws belong to.
Foreign keys that lead a composite index have none of their own: each index is paid for at every draw.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from members.models import Member
from rewards.odds import SCALE as ODDS_TOTAL


class Unit(models.Model):
    """What the ledger counts in: points (积分), growth value (成长值) …"""

    slug = models.SlugField(_("key"), unique=True)
    # The names of our own units are stored in English and are in the catalogue.
    name = models.CharField(_("name"), max_length=50)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["id"]

    def __str__(self) -> str:
        return gettext(self.name)


class Account(models.Model):
    """A member's balance in one unit. `earned` only grows: levels follow it."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="accounts", db_index=False, verbose_name=_("member")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("unit"))
    balance = models.BigIntegerField(_("balance"), default=0)
    earned = models.BigIntegerField(_("earned"), default=0)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(fields=["member", "unit"], name="account_once"),
            models.CheckConstraint(condition=Q(balance__gte=0), name="account_balance_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.unit_id}"


class Entry(models.Model):
    """One signed movement. Append-only: a trigger refuses changes."""

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("account")
    )
    amount = models.BigIntegerField(_("amount"))
    balance_after = models.BigIntegerField(_("balance after"))
    key = models.CharField(_("key"), max_length=200, unique=True)
    reason = models.CharField(_("reason"), max_length=200)
    posted_at = models.DateTimeField(_("posted"))

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes = [models.Index(fields=["account", "-id"], name="entry_account")]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="entry_moves_something"),
            models.CheckConstraint(condition=Q(balance_after__gte=0), name="entry_balance_not_negative"),
        ]

    def __str__(self) -> str:
        return self.key


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


class PrizePool(models.Model):
    """A prize pool (奖池) as operators edit it. Draws meet its published versions only."""

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    current = models.ForeignKey("PoolVersion", models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("prize pool")
        verbose_name_plural = _("prize pools")
        ordering = ["slug"]
        permissions = [("publish_prizepool", gettext_noop("Can publish a prize pool"))]

    def __str__(self) -> str:
        return self.name


class Prize(models.Model):
    """A prize of a pool being edited: its gift, its odds in millionths and its stock (empty: no limit)."""

    pool = models.ForeignKey(PrizePool, models.CASCADE, related_name="prizes", verbose_name=_("prize pool"))
    key = models.SlugField(_("key"))
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="+", verbose_name=_("gift"))
    odds = models.PositiveIntegerField(
        _("odds"), validators=[MinValueValidator(0), MaxValueValidator(ODDS_TOTAL)], help_text=_("in millionths")
    )
    stock = models.PositiveIntegerField(_("stock"), null=True, blank=True)
    consolation = models.BooleanField(_("consolation prize"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("prize")
        verbose_name_plural = _("prizes")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["pool", "key"], name="prize_once_in_pool"),
            models.UniqueConstraint(
                fields=["pool"],
                condition=Q(consolation=True),
                name="prize_one_consolation",
                violation_error_message=_("A pool has one consolation prize."),
            ),
            models.CheckConstraint(
                condition=Q(consolation=False) | Q(stock=None),
                name="prize_consolation_unlimited",
                violation_error_message=_("The consolation prize has no limit of stock: it is always there."),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class PoolVersion(models.Model):
    """A pool as published: immutable."""

    pool = models.ForeignKey(PrizePool, models.PROTECT, related_name="versions", verbose_name=_("prize pool"))
    number = models.PositiveIntegerField(_("number"))
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("published by"), related_name="+"
    )

    class Meta:
        verbose_name = _("pool version")
        verbose_name_plural = _("pool versions")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["pool", "number"], name="pool_version_once")]

    def __str__(self) -> str:
        return f"{self.pool} v{self.number}"


class PoolVersionPrize(models.Model):
    """A prize of a published version: it owns the rolls in [floor, ceiling).

    `stock` is what was published, empty for no limit; what is left is in `PrizeStock`, across versions.
    """

    version = models.ForeignKey(PoolVersion, models.PROTECT, related_name="prizes", verbose_name=_("pool version"))
    key = models.SlugField(_("key"))
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="published_prizes", verbose_name=_("gift"))
    floor = models.PositiveIntegerField(_("first roll"))
    ceiling = models.PositiveIntegerField(_("roll after the last"))
    stock = models.PositiveIntegerField(_("stock"), null=True)
    consolation = models.BooleanField(_("consolation prize"), default=False)
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("prize of a version")
        verbose_name_plural = _("prizes of versions")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="pool_version_prize_once"),
            models.CheckConstraint(
                condition=Q(floor__lte=F("ceiling")) & Q(ceiling__lte=ODDS_TOTAL), name="pool_version_prize_range"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def odds(self) -> int:
        """Return the chance of this prize in millionths."""
        return self.ceiling - self.floor

    @property
    def limited(self) -> bool:
        """Tell whether draws take this prize from a stock."""
        return self.stock is not None


class PrizeStock(models.Model):
    """The live stock of a prize, across the versions of its pool. Only the draw issues from it."""

    pool = models.ForeignKey(PrizePool, models.PROTECT, related_name="stocks", verbose_name=_("prize pool"))
    key = models.SlugField(_("prize"))
    stock = models.PositiveIntegerField(_("stock"))
    issued = models.PositiveIntegerField(_("issued"), default=0)

    class Meta:
        verbose_name = _("prize stock")
        verbose_name_plural = _("prize stocks")
        constraints = [
            models.UniqueConstraint(fields=["pool", "key"], name="prize_stock_once"),
            models.CheckConstraint(condition=Q(issued__gte=0) & Q(issued__lte=F("stock")), name="prize_stock_issued"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.issued}/{self.stock}"

    @property
    def left(self) -> int:
        """Return how many can still be won."""
        return self.stock - self.issued


class Chances(models.Model):
    """How many draws a member was granted in a scope, and how many are used."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="chances", db_index=False, verbose_name=_("member"))
    scope = models.CharField(_("scope"), max_length=100)
    granted = models.PositiveIntegerField(pgettext_lazy("count", "granted"), default=0)
    used = models.PositiveIntegerField(pgettext_lazy("count", "used"), default=0)

    class Meta:
        verbose_name = _("chances")
        verbose_name_plural = _("chances")
        constraints = [
            models.UniqueConstraint(fields=["member", "scope"], name="chances_once"),
            models.CheckConstraint(condition=Q(used__lte=F("granted")), name="chances_used_within_granted"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.scope}: {self.used}/{self.granted}"

    @property
    def left(self) -> int:
        """Return how many draws are left."""
        return self.granted - self.used


class ChanceGrant(models.Model):
    """Chances given once for a reason."""

    chances = models.ForeignKey(Chances, models.PROTECT, related_name="grants", verbose_name=_("chances"))
    key = models.CharField(_("key"), max_length=200, unique=True)
    count = models.PositiveIntegerField(_("count"))
    granted_at = models.DateTimeField(pgettext_lazy("time", "granted"))

    class Meta:
        verbose_name = _("grant of chances")
        verbose_name_plural = _("grants of chances")

    def __str__(self) -> str:
        return self.key


class Draw(models.Model):
    """One recorded roll. Append-only. `rolled` owned the roll; `prize` was given; they differ only for `fallback`."""

    class Fallback(models.TextChoices):
        OUT_OF_STOCK = "out_of_stock", _("out of stock")
        NO_CODE = "no_code", _("no coupon code left")

    member = models.ForeignKey(Member, models.PROTECT, related_name="draws", db_index=False, verbose_name=_("member"))
    scope = models.CharField(_("scope"), max_length=100)
    version = models.ForeignKey(
        PoolVersion, models.PROTECT, related_name="draws", db_index=False, verbose_name=_("pool version")
    )
    request_key = models.CharField(_("request key"), max_length=200)
    roll = models.PositiveIntegerField(_("roll"))
    rolled = models.SlugField(_("rolled prize"))
    prize = models.SlugField(_("prize given"))
    fallback = models.CharField(_("why another prize"), max_length=20, choices=Fallback, blank=True)
    award = models.OneToOneField(Award, models.PROTECT, verbose_name=_("award"))
    drawn_at = models.DateTimeField(_("drawn"))

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        indexes = [models.Index(fields=["version", "prize"], name="draw_version_prize")]
        constraints = [
            models.UniqueConstraint(fields=["member", "scope", "request_key"], name="draw_once"),
            models.CheckConstraint(condition=Q(roll__lt=ODDS_TOTAL), name="draw_roll_in_range"),
            models.CheckConstraint(
                condition=Q(fallback="", rolled=F("prize")) | ~Q(fallback=""), name="draw_fallback_named"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

"""Prize pools: the draft, its published versions, and the live stock."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from members.models import Member
from rewards.models.gifts import Gift
from rewards.odds import SCALE as ODDS_TOTAL

MOST_SLICES = 16


class Stage(models.TextChoices):
    """How a draw is played before members' eyes. The server decides first: no stage changes the odds."""

    WHEEL = "wheel", _("wheel")
    GRID = "grid", _("nine-grid")
    SCRATCH = "scratch", _("scratch card")
    EGGS = "eggs", _("golden eggs")


class PoolRules(models.Model):
    """What holds for a whole pool besides its prizes, in the draft and in each version.

    `price` is in points: with it a member without a chance may buy a draw. With `guarantee_after` N and
    `guarantee_prize` K, whoever drew N - 1 times in a row and won nothing but the consolation prize, gets K at the N-th
    draw at the latest (保底). `every_draw_wins`: the consolation prize is worth something too (100% 中奖).
    """

    price = models.PositiveIntegerField(
        _("price of a draw in points"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    bought_per_day = models.PositiveIntegerField(_("draws a member may buy a day"), null=True, blank=True)
    draws_per_day = models.PositiveIntegerField(_("draws of a member a day"), null=True, blank=True)
    wins_per_member = models.PositiveIntegerField(_("prizes a member may win in all"), null=True, blank=True)
    guarantee_after = models.PositiveSmallIntegerField(
        _("guaranteed win at the latest at draw"), null=True, blank=True, validators=[MinValueValidator(2)]
    )
    guarantee_prize = models.SlugField(_("guaranteed prize"), blank=True)
    every_draw_wins = models.BooleanField(_("every draw wins"), default=False)
    stage = models.CharField(
        _("stage of the draw"),
        max_length=10,
        choices=Stage,
        default=Stage.WHEEL,
        db_default=Stage.WHEEL,
        help_text=_(
            "Wheel and nine-grid show the prizes, best three to eight with short names; a scratch card and golden eggs"
            " show what was won, whatever the number. The odds are the same with each."
        ),
    )

    class Meta:
        abstract = True


class PrizeLimits(models.Model):
    """The limits of a prize, in the draft and in each version. Empty: no limit.

    What is released a day or an hour and not won then is not carried over.
    """

    stock = models.PositiveIntegerField(_("stock"), null=True, blank=True)
    per_day = models.PositiveIntegerField(_("released a day"), null=True, blank=True)
    per_hour = models.PositiveIntegerField(_("released an hour"), null=True, blank=True)
    per_member = models.PositiveIntegerField(_("at most for one member"), null=True, blank=True)
    consolation = models.BooleanField(_("consolation prize"), default=False)

    class Meta:
        abstract = True


class PrizePool(PoolRules):
    """A prize pool (奖池) as operators edit it. Draws meet its published versions only."""

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    current = models.ForeignKey("PoolVersion", models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("prize pool")
        verbose_name_plural = _("prize pools")
        ordering = ["slug"]
        permissions = [
            ("publish_prizepool", gettext_noop("Can publish a prize pool")),
            ("worsen_prizepool", gettext_noop("Can change a running pool against its participants, with a reason")),
        ]

    def __str__(self) -> str:
        return self.name


class Prize(PrizeLimits):
    """A prize of a pool being edited: its gift, its odds in millionths and its limits.

    The stock of a prize that very many win at once is kept in several rows (`slices`), so that they do not all wait for
    one.
    """

    pool = models.ForeignKey(PrizePool, models.CASCADE, related_name="prizes", verbose_name=_("prize pool"))
    key = models.SlugField(_("key"))
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="+", verbose_name=_("gift"))
    odds = models.PositiveIntegerField(
        _("odds"), validators=[MinValueValidator(0), MaxValueValidator(ODDS_TOTAL)], help_text=_("in millionths")
    )
    slices = models.PositiveSmallIntegerField(
        _("rows of stock"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_SLICES)]
    )
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
                condition=Q(consolation=False) | Q(stock=None, per_day=None, per_hour=None, per_member=None),
                name="prize_consolation_unlimited",
                violation_error_message=_("The consolation prize has no limits: it is always there."),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class PoolVersion(PoolRules):
    """A pool as published: immutable.

    `reason` says why, where it changed against those who take part.
    """

    pool = models.ForeignKey(PrizePool, models.PROTECT, related_name="versions", verbose_name=_("prize pool"))
    number = models.PositiveIntegerField(_("number"))
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("published by"), related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("pool version")
        verbose_name_plural = _("pool versions")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["pool", "number"], name="pool_version_once")]

    def __str__(self) -> str:
        return f"{self.pool} v{self.number}"


class PoolVersionPrize(PrizeLimits):
    """A prize of a published version: it owns the rolls in [floor, ceiling).

    `stock` is what was published, empty for no limit; what is left is in `PrizeStock`, across versions. Name, kind,
    face value and cost (both in cents) are the gift's when it was published.
    """

    version = models.ForeignKey(PoolVersion, models.PROTECT, related_name="prizes", verbose_name=_("pool version"))
    key = models.SlugField(_("key"))
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="published_prizes", verbose_name=_("gift"))
    floor = models.PositiveIntegerField(_("first roll"))
    ceiling = models.PositiveIntegerField(_("roll after the last"))
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=15, choices=Gift.Kind, blank=True, default="")
    face_value = models.PositiveBigIntegerField(_("face value in cents"), default=0)
    cost = models.PositiveBigIntegerField(_("cost in cents"), default=0)
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
    """The live stock of a prize, or one slice of it, across the versions of its pool. Only the draw issues from it."""

    pool = models.ForeignKey(PrizePool, models.PROTECT, related_name="stocks", verbose_name=_("prize pool"))
    key = models.SlugField(_("prize"))
    slice = models.PositiveSmallIntegerField(_("slice"), default=0, db_default=0)
    stock = models.PositiveIntegerField(_("stock"))
    issued = models.PositiveIntegerField(_("issued"), default=0)

    class Meta:
        verbose_name = _("prize stock")
        verbose_name_plural = _("prize stocks")
        constraints = [
            models.UniqueConstraint(fields=["pool", "key", "slice"], name="prize_stock_once"),
            models.CheckConstraint(condition=Q(issued__gte=0) & Q(issued__lte=F("stock")), name="prize_stock_issued"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.issued}/{self.stock}"

    @property
    def left(self) -> int:
        """Return how many can still be won."""
        return self.stock - self.issued


class PoolListing(models.Model):
    """A member on the white list (白名单) or black list (黑名单) of a pool, or of one of its prizes.

    Who is on a black list does not win it. Where there is a white list, only who is on it may win. Nobody wins because
    of a list: the law forbids winners chosen beforehand. The consolation prize is for everyone.
    """

    class Kind(models.TextChoices):
        WHITE = "white", _("white list")
        BLACK = "black", _("black list")

    pool = models.ForeignKey(
        PrizePool, models.PROTECT, db_index=False, related_name="listings", verbose_name=_("prize pool")
    )
    # Empty: every prize but the consolation.
    prize = models.SlugField(_("prize"), blank=True, default="")
    kind = models.CharField(_("list"), max_length=5, choices=Kind)
    member = models.ForeignKey(Member, models.PROTECT, related_name="pool_listings", verbose_name=_("member"))
    reason = models.CharField(_("reason"), max_length=200)
    listed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("listed by")
    )
    listed_at = models.DateTimeField(_("listed"))

    class Meta:
        verbose_name = _("listed member")
        verbose_name_plural = _("white and black lists")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["pool", "prize", "kind", "member"], name="pool_listing_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="pool_listing_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id} {self.prize} {self.kind} {self.member_id}"

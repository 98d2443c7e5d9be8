"""Prize pools: the draft, its published versions, and the live stock."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from rewards.models.gifts import Gift
from rewards.odds import SCALE as ODDS_TOTAL


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

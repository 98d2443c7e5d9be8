"""Chances and the draws they were used for."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Member
from rewards.models.awards import Award
from rewards.models.pools import PoolVersion, PrizePool
from rewards.odds import SCALE as ODDS_TOTAL


class Chances(models.Model):
    """How many draws a member was granted in a scope, and how many are used.

    `bucket` says which pool they are for: "" is the one that the member's level, tags and score choose; "task:POOL",
    "score:POOL" and "stage:POOL" were named by a task, by the score of a game or quiz, and by the stage of a game.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="chances", db_index=False, verbose_name=_("member"))
    scope = models.CharField(_("scope"), max_length=100)
    bucket = models.CharField(_("named pool"), max_length=60, blank=True, default="", db_default="")
    granted = models.PositiveIntegerField(pgettext_lazy("count", "granted"), default=0)
    used = models.PositiveIntegerField(pgettext_lazy("count", "used"), default=0)

    class Meta:
        verbose_name = _("chances")
        verbose_name_plural = _("chances")
        constraints = [
            models.UniqueConstraint(fields=["member", "scope", "bucket"], name="chances_once"),
            models.CheckConstraint(condition=Q(used__lte=F("granted")), name="chances_used_within_granted"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.scope}: {self.used}/{self.granted}"

    @property
    def left(self) -> int:
        """Return how many draws are left."""
        return self.granted - self.used


class ChanceGrant(models.Model):
    """Chances given once for a reason; below 0 they were taken back."""

    chances = models.ForeignKey(Chances, models.PROTECT, related_name="grants", verbose_name=_("chances"))
    key = models.CharField(_("key"), max_length=200, unique=True)
    count = models.IntegerField(_("count"))
    granted_at = models.DateTimeField(pgettext_lazy("time", "granted"))

    class Meta:
        verbose_name = _("grant of chances")
        verbose_name_plural = _("grants of chances")

    def __str__(self) -> str:
        return self.key


class Draw(models.Model):
    """One recorded roll. Append-only. `rolled` owned the roll; `prize` was given; they differ only for `fallback`.

    `closed` are the prizes that this member could not win at that moment, each with its `Fallback`: their odds went to
    the consolation prize. `misses` is how often in a row the member had drawn nothing else before, where the pool has a
    guaranteed win. `asked` is what the request asked for, `chances_left` what it was told.
    """

    class Fallback(models.TextChoices):
        OUT_OF_STOCK = "out_of_stock", _("out of stock")
        NO_CODE = "no_code", _("no coupon code left")
        GIFT_OUT_OF_STOCK = "gift_out_of_stock", _("the gift is out of stock")
        DAY = "day", _("this day's release is won")
        HOUR = "hour", _("this hour's release is won")
        MEMBER_LIMIT = "member_limit", _("the member has had as many as one may")
        WINS_LIMIT = "wins_limit", _("the member has won as often as one may")
        BUDGET = "budget", _("the budget has no room")
        BLACK_LIST = "black_list", _("on the black list")
        NOT_LISTED = "not_listed", _("not on the white list")
        GUARANTEED = "guaranteed", _("guaranteed win")

    member = models.ForeignKey(Member, models.PROTECT, related_name="draws", db_index=False, verbose_name=_("member"))
    scope = models.CharField(_("scope"), max_length=100)
    bucket = models.CharField(_("named pool"), max_length=60, blank=True, default="", db_default="")
    version = models.ForeignKey(
        PoolVersion, models.PROTECT, related_name="draws", db_index=False, verbose_name=_("pool version")
    )
    request_key = models.CharField(_("request key"), max_length=200)
    asked = models.CharField(max_length=150, blank=True, default="", db_default="", editable=False)
    roll = models.PositiveIntegerField(_("roll"))
    # Prizes are looked for in their version only.
    rolled = models.SlugField(_("rolled prize"), db_index=False)
    prize = models.SlugField(_("prize given"), db_index=False)
    fallback = models.CharField(_("why another prize"), max_length=20, choices=Fallback, blank=True)
    closed = models.JSONField(_("not to be won"), default=dict, blank=True, db_default={})
    misses = models.PositiveSmallIntegerField(_("draws without a win before"), null=True, blank=True)
    price = models.PositiveIntegerField(_("points paid"), default=0, db_default=0)
    chances_left = models.PositiveIntegerField(_("chances left"), default=0, db_default=0)
    award = models.OneToOneField(Award, models.PROTECT, verbose_name=_("award"))
    drawn_at = models.DateTimeField(_("drawn"))

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        indexes = [
            models.Index(fields=["version", "prize"], name="draw_version_prize"),
            models.Index(fields=["drawn_at", "id"], name="draw_when"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["member", "scope", "request_key"], name="draw_once"),
            models.CheckConstraint(condition=Q(roll__lt=ODDS_TOTAL), name="draw_roll_in_range"),
            models.CheckConstraint(
                condition=Q(fallback="", rolled=F("prize")) | ~Q(fallback=""), name="draw_fallback_named"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Streak(models.Model):
    """How often in a row a member has drawn nothing but the consolation prize of a pool with a guaranteed win."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="streaks", db_index=False, verbose_name=_("member"))
    pool = models.ForeignKey(PrizePool, models.PROTECT, related_name="+", db_index=False, verbose_name=_("prize pool"))
    misses = models.PositiveSmallIntegerField(_("draws without a win"), default=0)

    class Meta:
        verbose_name = _("streak")
        verbose_name_plural = _("streaks")
        constraints = [models.UniqueConstraint(fields=["member", "pool"], name="streak_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.pool_id}: {self.misses}"


class DrawGate(models.Model):
    """Whether draws of a scope are open. No row: open. Whoever shuts it waits for the draws that run."""

    scope = models.CharField(_("scope"), max_length=100, primary_key=True)
    is_open = models.BooleanField(_("open"), default=True)

    class Meta:
        verbose_name = _("gate of draws")
        verbose_name_plural = _("gates of draws")

    def __str__(self) -> str:
        return self.scope

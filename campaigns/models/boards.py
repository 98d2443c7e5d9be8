"""Scores as boards rank them, and the prizes of ranks."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from campaigns.models.draft import Campaign
from campaigns.models.playing import Enrolment


class BoardScore(models.Model):
    """What a member scored in a campaign, in all (`period` "all") and in each week ("2026-W47"), and when it got there.

    Written by `campaigns.scoring` only. Who was erased has no row, and is on no board.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", db_index=False, verbose_name=_("campaign"))
    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="board_scores", db_index=False, verbose_name=_("enrolment")
    )
    period = models.CharField(_("period"), max_length=12)
    score = models.PositiveIntegerField(_("campaign score"))
    reached_at = models.DateTimeField(_("reached"))

    class Meta:
        verbose_name = _("score on a board")
        verbose_name_plural = _("scores on boards")
        constraints = [models.UniqueConstraint(fields=["enrolment", "period"], name="board_score_once")]
        # In the order of the list: a rank is counted in it, and the top is read from it, without the rows themselves.
        indexes = [
            models.Index(
                "campaign", "period", models.F("score").desc(), "reached_at", "enrolment", name="board_score_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.period}: {self.score}"


class BoardClosing(models.Model):
    """A board whose time is over: who had which rank was noted once, and never changes."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="board_closings", verbose_name=_("campaign"))
    period = models.CharField(_("period"), max_length=12)
    closed_at = models.DateTimeField(pgettext_lazy("time", "closed"))
    winners = models.PositiveIntegerField(_("winners"))

    class Meta:
        verbose_name = _("closed leaderboard")
        verbose_name_plural = _("closed leaderboards")
        constraints = [models.UniqueConstraint(fields=["campaign", "period"], name="board_closing_once")]

    def __str__(self) -> str:
        return f"{self.campaign} {self.period}"


class RankPrize(models.Model):
    """What a rank wins. The reward is kept as it was when the board closed, in the shape of `campaigns.definition`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        GRANTED = "granted", _("granted")
        # Tried, and there was no gift: tried again when an operator says so.
        OUT_OF_GIFTS = "out_of_gifts", _("out of gifts")
        ERASED = "erased", _("member erased")

    closing = models.ForeignKey(
        BoardClosing, models.PROTECT, related_name="prizes", db_index=False, verbose_name=_("closed leaderboard")
    )
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="rank_prizes", verbose_name=_("enrolment"))
    rank = models.PositiveIntegerField(pgettext_lazy("board", "rank"))
    score = models.PositiveIntegerField(_("campaign score"))
    reward = models.JSONField(_("reward"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    granted_at = models.DateTimeField(pgettext_lazy("time", "granted"), null=True)

    class Meta:
        verbose_name = _("rank prize")
        verbose_name_plural = _("rank prizes")
        ordering = ["-closing", "rank", "id"]
        permissions = [("grant_rankprize", gettext_noop("Can grant rank prizes that were out of gifts"))]
        constraints = [
            models.UniqueConstraint(fields=["closing", "enrolment"], name="rank_prize_once"),
            models.CheckConstraint(
                condition=Q(state="granted", granted_at__isnull=False)
                | (~Q(state="granted") & Q(granted_at__isnull=True)),
                name="rank_prize_granted_at",
            ),
        ]
        indexes = [models.Index(fields=["closing"], condition=Q(state="waiting"), name="rank_prize_waiting")]

    def __str__(self) -> str:
        return f"#{self.rank}"

"""Rewards that were taken back, because the orders they were earned by were refunded."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.playing import Completion


class TakenBack(models.Model):
    """What went back of the reward of one completion, in the amounts that were taken; 0 where nothing was."""

    completion = models.OneToOneField(
        Completion, models.PROTECT, related_name="taken_back", verbose_name=_("completion")
    )
    taken_at = models.DateTimeField(_("taken back"))
    points = models.PositiveIntegerField(_("points"), default=0)
    growth = models.PositiveIntegerField(_("growth value"), default=0)
    chances = models.PositiveIntegerField(_("draw chances"), default=0)
    gift = models.SlugField(_("gift"), blank=True, default="")

    class Meta:
        verbose_name = _("reward taken back")
        verbose_name_plural = _("rewards taken back")

    def __str__(self) -> str:
        return str(self.completion)

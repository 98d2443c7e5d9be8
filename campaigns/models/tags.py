"""Tags given for taking part."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.draft import Campaign
from campaigns.models.playing import Enrolment


class TagGiven(models.Model):
    """A tag that a member got by taking part, once: an operator who takes it away again has the last word."""

    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="tags_given", db_index=False, verbose_name=_("enrolment")
    )
    tag = models.CharField(_("tag"), max_length=110)
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("tag for taking part")
        verbose_name_plural = _("tags for taking part")
        constraints = [models.UniqueConstraint(fields=["enrolment", "tag"], name="tag_given_once")]

    def __str__(self) -> str:
        return self.tag


class WinnersFollowed(models.Model):
    """Up to which state of the database (`members.touches`) a campaign's winners have got their tag."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", db_index=False, verbose_name=_("campaign"))
    tag = models.CharField(_("tag"), max_length=110)
    state = models.TextField(_("state"))

    class Meta:
        verbose_name = _("winners followed")
        verbose_name_plural = _("winners followed")
        constraints = [models.UniqueConstraint(fields=["campaign", "tag"], name="winners_followed_once")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.tag}"

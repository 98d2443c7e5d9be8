"""Tags given for taking part."""

from django.db import models
from django.utils.translation import gettext_lazy as _

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
    """Up to which state of the database (`members.touches`) winners have got their tags. One row."""

    state = models.TextField(_("state"))

    class Meta:
        verbose_name = _("winners followed")
        verbose_name_plural = _("winners followed")

    def __str__(self) -> str:
        return self.state

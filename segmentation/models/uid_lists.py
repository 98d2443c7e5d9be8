"""Lists of uids as operators bring them, before and after something is made of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from segmentation.models.sets import MemberSet


class UidList(models.Model):
    """A list that was read: whom it names, and what it names that is nobody. It changes nothing by itself.

    `rejects` is CSV of (line, uid, reason); it is emptied after IMPORT_KEEP_DAYS, the counts stay.
    """

    name = models.CharField(_("file name"), max_length=200, blank=True)
    members = models.ForeignKey(MemberSet, models.PROTECT, related_name="+", verbose_name=_("members"))
    lines = models.PositiveIntegerField(_("uids read"))
    known = models.PositiveIntegerField(_("members found"))
    repeated = models.PositiveIntegerField(_("repeated"))
    unknown = models.PositiveIntegerField(_("unknown"))
    rejects = models.TextField(blank=True, editable=False)
    brought_by = models.CharField(_("uploaded by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("uploaded"))

    class Meta:
        verbose_name = _("list of uids")
        verbose_name_plural = _("lists of uids")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

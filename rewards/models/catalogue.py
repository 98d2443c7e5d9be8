"""The edition of what may be won: what is kept of gifts and pools in a worker's memory is good for one edition."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CatalogueEdition(models.Model):
    """One row, whose number a trigger moves on with every change of a gift or of a pool's lists (migration 0023).

    The number comes from a sequence, so that two histories of which one was rolled back never share one.
    """

    id = models.SmallIntegerField(primary_key=True)
    edition = models.BigIntegerField(_("edition"))

    class Meta:
        verbose_name = _("edition of the catalogue")
        verbose_name_plural = _("editions of the catalogue")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="catalogue_has_one_edition")]

    def __str__(self) -> str:
        return str(self.edition)

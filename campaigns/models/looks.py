"""Up to which state of the members' facts the tasks that follow them have been looked at."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Look(models.Model):
    """One row for each follower; `as_of` is a state of `members.touches`, empty where nothing has to be followed."""

    name = models.SlugField(_("name"), unique=True)
    as_of = models.TextField(_("as of"), blank=True, default="")
    looked_at = models.DateTimeField(_("looked"), null=True)

    class Meta:
        verbose_name = _("look at facts")
        verbose_name_plural = _("looks at facts")

    def __str__(self) -> str:
        return self.name

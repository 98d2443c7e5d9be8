"""What operators have typed in the builder and could not save yet."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.draft import Campaign


class Typed(models.Model):
    """A form of the builder as one user left it: its draft is not touched by it. One for each form, the last one.

    `sent` is what the browser would send: name of a control → its texts. `token` is the state of the draft that the
    form was opened with (`campaigns.building.tokens`).
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", verbose_name=_("campaign"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user"))
    place = models.CharField(_("form"), max_length=60)
    sent = models.JSONField(_("as typed"))
    token = models.CharField(_("state of the draft"), max_length=64)
    typed_at = models.DateTimeField(_("typed"))

    class Meta:
        verbose_name = _("text typed in the builder")
        verbose_name_plural = _("texts typed in the builder")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["campaign", "user", "place"], name="typed_once")]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.place}"

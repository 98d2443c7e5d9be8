"""What other providers lend the house for a while."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WechatLoan(models.Model):
    """The access token and the JS-SDK ticket of an official account, sealed: one row, which is renewed under its lock.

    `not_before`: after a failure nobody asks again until then.
    """

    app_id = models.CharField(_("AppID"), max_length=64, unique=True)
    sealed_token = models.TextField(blank=True)
    token_until = models.DateTimeField(_("access token until"), null=True)
    sealed_ticket = models.TextField(blank=True)
    ticket_until = models.DateTimeField(_("ticket until"), null=True)
    not_before = models.DateTimeField(_("not before"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("loan of WeChat")
        verbose_name_plural = _("loans of WeChat")

    def __str__(self) -> str:
        return self.app_id

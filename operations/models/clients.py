"""API clients, how often they call, and the first answers to what they ask for once."""

from datetime import datetime, timedelta

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from rest_framework_api_key.models import AbstractAPIKey

EXPIRES_SOON = timedelta(days=14)


class ApiKey(AbstractAPIKey):
    """A key of an API client: what it may call, from where, and the secret with which it signs participants in.

    `client` is who calls, whatever key it shows: the prefix of its first key, which each key that replaces one
    inherits. Everything that is remembered of a client is remembered under it.
    """

    class Scope(models.TextChoices):
        FACTS = "facts", _("push facts")
        ELIGIBILITY = "eligibility", _("read members, segments and eligibility")
        PLAY = "play", _("move tasks and draw")
        REWARDS = "rewards", _("read and redeem awards")
        WEBHOOKS = "webhooks", _("manage webhooks")

    class State(models.TextChoices):
        VALID = "valid", pgettext_lazy("API key", "valid")
        EXPIRES_SOON = "expires_soon", pgettext_lazy("API key", "expires soon")
        REPLACED = "replaced", pgettext_lazy("API key", "replaced")
        EXPIRED = "expired", pgettext_lazy("API key", "expired")
        REVOKED = "revoked", pgettext_lazy("API key", "revoked")

    scopes = models.JSONField(_("scopes"), default=list)
    client = models.CharField(_("client"), max_length=8, editable=False, db_index=True)
    # Networks in CIDR notation (`operations.addresses.checked_ranges`); none: from anywhere.
    address_ranges = models.JSONField(_("address ranges"), default=list, blank=True)
    calls_per_minute = models.PositiveIntegerField(
        _("calls a minute"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    # HS256 needs the secret itself, so it is kept encrypted, not hashed.
    sealed_signing_secret = models.TextField(_("signing secret"), editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    last_used_from = models.GenericIPAddressField(_("last used from"), null=True, blank=True)
    replaced_by = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="replaces",
        verbose_name=_("replaced by"),
    )

    class Meta:
        ordering = ["-created"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def state_at(self, now: datetime) -> State:
        """Return how the key stands at a moment; what ends it first counts."""
        ends = self.expiry_date
        if self.revoked:
            return self.State.REVOKED
        if ends is not None and ends <= now:
            return self.State.EXPIRED
        if self.replaced_by_id is not None:
            return self.State.REPLACED
        return self.State.EXPIRES_SOON if ends is not None and ends - now <= EXPIRES_SOON else self.State.VALID


class CallCount(models.Model):
    """How many calls of a minute have been handed out to the web processes (`operations.call_counts`).

    The table is not logged (migration): a crash forgets the minute's counts, and no call waits for the disk.
    """

    counter = models.CharField(max_length=60, primary_key=True)
    minute = models.BigIntegerField()
    taken = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.counter}: {self.taken}"


# The library leaves the names of its own fields to Django, in English.
for _name, _label in (
    ("prefix", _("prefix")),
    ("created", _("created")),
    ("name", _("name")),
    ("revoked", _("revoked")),
):
    ApiKey._meta.get_field(_name).verbose_name = _label  # type: ignore[union-attr]


class IdempotencyKey(models.Model):
    """The first answer to a request that must have one effect."""

    client = models.CharField(_("client"), max_length=150)
    endpoint = models.CharField(_("endpoint"), max_length=300)
    key = models.CharField(_("key"), max_length=200)
    body_hash = models.CharField(_("body hash"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    # Text, not jsonb: jsonb would reorder the keys, and a repeated answer is equal byte by byte.
    answer = models.TextField(_("answer"), blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(fields=["client", "endpoint", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key

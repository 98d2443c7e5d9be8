"""Webhooks out: who is told, what happened, and how far each has been told (`operations.webhook_events`)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy


class _Kept(models.Manager["WebhookEndpoint"]):
    """Those that nobody has deleted."""

    def get_queryset(self) -> models.QuerySet["WebhookEndpoint"]:
        return super().get_queryset().filter(deleted_at=None)


class WebhookEndpoint(models.Model):
    """An address that is told of events. `client` made it through the API; "" stands for the admin.

    `events` are the kinds that it is told of (`operations.webhook_kinds`). `segments` narrows what it is told of
    segments to these keys; empty, it is told of all. The secret before this one signs too until `earlier_until`.

    One with `deleted_at` is off for good and not in `objects`: jobs delete its deliveries, and then it.
    """

    class State(models.TextChoices):
        ON = "on", pgettext_lazy("webhook", "on")
        # Nothing new is told; what waits is kept.
        PAUSED = "paused", pgettext_lazy("webhook", "paused")
        # It has failed for days, or said that it is gone: an operator turns it on again.
        OFF = "off", pgettext_lazy("webhook", "switched off")

    name = models.CharField(_("name"), max_length=100)
    url = models.URLField(_("address"), max_length=500)
    client = models.CharField(_("API client"), max_length=50, blank=True, db_index=True)
    events = ArrayField(models.CharField(max_length=50), verbose_name=_("events"))
    segments = ArrayField(models.SlugField(), verbose_name=_("segments"), default=list, blank=True)
    sealed_secret = models.TextField(_("secret"), editable=False)
    earlier_sealed = models.TextField(editable=False, blank=True)
    earlier_until = models.DateTimeField(_("earlier secret valid until"), null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ON)
    off_reason = models.CharField(_("why it is off"), max_length=300, blank=True)
    # The first failure since it last took something; the next try of anything is not before `resting_until`.
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    resting_until = models.DateTimeField(_("resting until"), null=True, blank=True)
    last_delivered_at = models.DateTimeField(_("last delivered"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = _Kept()
    with_deleted = models.Manager()  # noqa: DJ012 - a manager, no field

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(condition=~Q(events=[]), name="webhook_endpoint_is_told_something"),
            models.CheckConstraint(
                condition=Q(earlier_sealed="", earlier_until=None)
                | (~Q(earlier_sealed="") & Q(earlier_until__isnull=False)),
                name="webhook_endpoint_earlier_secret_ends",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(state="off"), name="webhook_endpoint_deleted_is_off"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookEvent(models.Model):
    """What happened, as it is told: once, whoever is told of it. `data` names the member by uid.

    Written in the transaction of the fact, and only where some endpoint is told of its kind.
    """

    message_id = models.CharField(_("webhook-id"), max_length=40)
    kind = models.CharField(_("event"), max_length=50)
    # A number, not a foreign key: rooms above know who it is. None: it is about no member.
    member_id = models.BigIntegerField(_("member"), null=True, blank=True)
    data = models.JSONField(_("data"))
    occurred_at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["member_id"], name="webhook_event_member"),
            models.Index(fields=["occurred_at"], name="webhook_event_occurred"),
        ]
        # As a constraint: a unique field would have a second index, for beginnings, that nobody asks for.
        constraints = [models.UniqueConstraint(fields=["message_id"], name="webhook_event_message_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint. Of one member, an endpoint is told in the order of `id`.

    While it waits it is the head of its member's line, or behind it; `taken_until` says that a worker is sending it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("webhook", "waiting")
        DELIVERED = "delivered", pgettext_lazy("webhook", "delivered")
        # Tried for as long as anything is (`operations.webhook_retries`).
        GIVEN_UP = "given_up", pgettext_lazy("webhook", "given up")

    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("webhook")
    )
    event = models.ForeignKey(WebhookEvent, models.CASCADE, related_name="deliveries", verbose_name=_("event"))
    member_id = models.BigIntegerField(null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING, db_default="waiting")
    attempts = models.PositiveIntegerField(_("attempts"), default=0, db_default=0)
    due_at = models.DateTimeField(_("next attempt"))
    taken_until = models.DateTimeField(null=True, blank=True, editable=False)
    # A replay begins anew; the delivery that it repeats stays as it ended.
    replays = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replayed_by", verbose_name=_("repeats")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(_("last answer"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("delivery of a webhook")
        verbose_name_plural = _("deliveries of webhooks")
        default_permissions = ("view",)
        permissions = [("replay_webhookdelivery", gettext_noop("Can send webhooks again"))]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_endpoint"),
            models.Index(fields=["endpoint", "due_at"], name="webhook_delivery_due", condition=Q(state="waiting")),
            models.Index(
                fields=["endpoint", "member_id", "id"], name="webhook_delivery_line", condition=Q(state="waiting")
            ),
            # How many were delivered today, or given up, of an endpoint that keeps millions.
            models.Index(
                fields=["endpoint", "state", "ended_at"],
                name="webhook_delivery_ended",
                condition=Q(ended_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None) | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="webhook_delivery_ends_once",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class WebhookAttempt(models.Model):
    """One try of a delivery: what was answered, or why nothing was. `answer` is the beginning of the answer's body."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="tries", verbose_name=_("delivery"))
    number = models.PositiveIntegerField(_("attempt"))
    at = models.DateTimeField(_("time"))
    milliseconds = models.PositiveIntegerField(_("took, in milliseconds"), null=True, blank=True)
    status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    answer = models.CharField(_("beginning of the answer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("attempt at a webhook")
        verbose_name_plural = _("attempts at webhooks")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="webhook_attempt_once")]
        indexes = [models.Index(fields=["at"], name="webhook_attempt_at")]

    def __str__(self) -> str:
        return f"{self.delivery_id}.{self.number}"

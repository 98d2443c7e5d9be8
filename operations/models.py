"""What keeps the house running: jobs, the audit trail, idempotency keys, API keys. Nothing of the trade."""

from datetime import timedelta

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from rest_framework_api_key.models import AbstractAPIKey


class Job(models.Model):
    """Background work that must happen once. django-q2 carries it; this row is the truth."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        DEAD = "dead", _("dead")

    key = models.CharField(_("key"), max_length=200, unique=True)
    function = models.CharField(_("function"), max_length=200)
    arguments = models.JSONField(_("arguments"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    run_after = models.DateTimeField(_("run after"))
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveIntegerField(_("attempts at most"), default=5)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    carrier = models.BigIntegerField(
        _("carrier"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The row of django-q2's queue that carries it."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["run_after"], name="job_open", condition=Q(state__in=["queued", "running"])),
            models.Index(fields=["-id"], name="job_dead", condition=Q(state="dead")),
            models.Index(fields=["finished_at"], name="job_done", condition=Q(state="done")),
        ]
        permissions = [("replay_job", gettext_noop("Can replay a dead job"))]

    def __str__(self) -> str:
        return self.key


class Heartbeat(models.Model):
    """When a job last went the whole way from the schedule to a worker."""

    name = models.CharField(_("name"), max_length=50, primary_key=True)
    beat_at = models.DateTimeField(_("last beat"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    """The last count of one invariant of the books. Anything but 0 is a loss or a gift nobody meant."""

    name = models.CharField(_("name"), max_length=100, primary_key=True)
    violations = models.PositiveBigIntegerField(_("violations"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    took = models.DurationField(_("took"), default=timedelta)
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("book")
        verbose_name_plural = _("books")

    def __str__(self) -> str:
        return self.name

    @property
    def balances(self) -> bool:
        """Whether the last check ran and found nothing."""
        return self.violations == 0


class ApiKey(AbstractAPIKey):
    """An API client: what it may call, and the secret with which it signs participants in."""

    class Scope(models.TextChoices):
        FACTS = "facts", _("push facts")
        ELIGIBILITY = "eligibility", _("read members, segments and eligibility")
        PLAY = "play", _("move tasks and draw")
        REWARDS = "rewards", _("read and redeem awards")
        WEBHOOKS = "webhooks", _("manage webhooks")

    scopes = models.JSONField(_("scopes"), default=list)
    # HS256 needs the secret itself, so it is kept encrypted, not hashed.
    sealed_signing_secret = models.TextField(_("signing secret"), editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        ordering = ["-created"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")


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


class AuditRecord(models.Model):
    """Who did what to which row, when and why. Append-only: a trigger refuses changes."""

    occurred_at = models.DateTimeField(_("time"), db_index=True)
    # DO_NOTHING without a constraint: a record outlives its actor, and SET_NULL would be an UPDATE, which is refused.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, blank=True, db_constraint=False, verbose_name=_("user")
    )
    actor_name = models.CharField(_("done by"), max_length=200, blank=True)
    action = models.CharField(_("action"), max_length=100)
    target_type = models.CharField(_("kind of object"), max_length=100)
    target_id = models.CharField(_("object id"), max_length=100)
    target_name = models.CharField(_("object"), max_length=200)
    changes = models.JSONField(_("changes"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("audit record")
        verbose_name_plural = _("audit trail")
        indexes = [models.Index(fields=["target_type", "target_id"], name="audit_target")]

    def __str__(self) -> str:
        return f"{self.action} {self.target_name}"


class Picture(models.Model):
    """A picture that everybody may see, named by what it shows (`operations.pictures`)."""

    digest = models.CharField(_("digest"), max_length=32, primary_key=True)
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))
    colour = models.CharField(_("colour"), max_length=6)
    stored_at = models.DateTimeField(_("stored"))
    # When it was last stored, named, or seen in use.
    wanted_at = models.DateTimeField(_("last wanted"), db_index=True)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.width} × {self.height}, {self.digest[:8]}"


class PictureSize(models.Model):
    """The picture as WebP, `width` pixels wide."""

    picture = models.ForeignKey(Picture, models.CASCADE, db_index=False, related_name="sizes")
    width = models.PositiveSmallIntegerField(_("width"))
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("size of a picture")
        verbose_name_plural = _("sizes of pictures")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["picture", "width"], name="picture_size_once")]

    def __str__(self) -> str:
        return f"{self.picture_id[:8]}, {self.width}"

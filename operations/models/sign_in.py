"""Who signs in to the admin, and how: second factors, what requires them, and the sessions that are open."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin


class Authenticator(ThrottlingMixin, Device):
    """The app on somebody's telephone that shows a code each half minute. A user has one, and one that is being set up.

    A device of django-otp with two differences from its own TOTP device: the key is sealed at rest, and a code is
    checked under a row lock (`operations.sign_in.codes`), so that it opens once even to two that come together.
    """

    sealed_key = models.TextField(_("sealed key"))
    # The half minute whose code was taken last: it and the earlier ones are not taken again.
    last_step = models.BigIntegerField(default=-1)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("authenticator app")
        verbose_name_plural = _("authenticator apps")
        constraints = [models.UniqueConstraint(fields=["user", "confirmed"], name="authenticator_one_each")]

    def get_throttle_factor(self) -> int:
        return 1


class RecoveryCode(models.Model):
    """A code on paper for whoever has lost the telephone: good once, kept as a keyed hash."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes", verbose_name=_("user")
    )
    code_hash = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(_("used"), null=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class TwoFactorRule(models.Model):
    """From when on everybody, or everybody in one role, signs in with a code besides the password."""

    group = models.ForeignKey(
        "auth.Group", models.CASCADE, null=True, blank=True, verbose_name=_("role"), help_text=_("Empty: everybody.")
    )
    required_from = models.DateTimeField(
        _("required from"),
        help_text=_("Until then people are reminded; after it they set up two-factor sign-in before anything else."),
    )

    class Meta:
        verbose_name = _("two-factor rule")
        verbose_name_plural = _("two-factor rules")
        constraints = [
            models.UniqueConstraint(
                fields=["group"],
                nulls_distinct=False,
                name="two_factor_rule_once",
                violation_error_message=_("There is a rule for them already."),
            )
        ]

    def __str__(self) -> str:
        return str(_("everybody")) if self.group is None else self.group.name


class SignIn(models.Model):
    """A session of the admin that is open, so that its user can see it and end it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sign_ins", verbose_name=_("user"))
    session_key = models.CharField(max_length=40, unique=True)
    signed_in_at = models.DateTimeField(_("signed in"))
    last_seen_at = models.DateTimeField(_("last seen"), db_index=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    browser = models.CharField(_("browser"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")

    def __str__(self) -> str:
        return f"#{self.pk}"

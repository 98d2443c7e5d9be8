"""Members and the doors they come in by."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from members.models.levels import Level


class Member(models.Model):
    """A member of the shop. `uid` is the shop's own id."""

    class Gender(models.TextChoices):
        FEMALE = "female", _("female")
        MALE = "male", _("male")
        OTHER = "other", _("other")

    uid = models.CharField(_("uid"), max_length=100, unique=True)
    name = models.CharField(pgettext_lazy("person", "name"), max_length=100, blank=True)
    # Sealed at rest and found by a keyed hash (`members.contact`).
    sealed_phone = models.BinaryField(_("phone"), null=True)
    phone_hash = models.BinaryField(max_length=32, null=True)
    sealed_email = models.BinaryField(_("email"), null=True)
    email_hash = models.BinaryField(max_length=32, null=True)
    gender = models.CharField(_("gender"), max_length=10, choices=Gender, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    joined_at = models.DateTimeField(pgettext_lazy("member", "joined"), null=True, blank=True)
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, verbose_name=_("level"))
    profiling_refused_at = models.DateTimeField(_("profiling refused"), null=True, blank=True)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        indexes = [
            models.Index(fields=[column], name=f"member_{column}", condition=Q(**{f"{column}__isnull": False}))
            for column in ("phone_hash", "email_hash")
        ] + [
            # For the list of members: by the beginning of the name, by region, by when they joined.
            models.Index(fields=["name"], name="member_name", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["region"], name="member_region"),
            models.Index(fields=["joined_at"], name="member_joined"),
        ]
        permissions = [
            ("view_contact", gettext_noop("Can see phone and email unmasked")),
            ("export_member_data", gettext_noop("Can export all that is held about a member")),
            ("erase_member", gettext_noop("Can erase a member's personal data")),
        ]

    def __str__(self) -> str:
        return self.uid

    @property
    def audit_name(self) -> str:
        """What the audit trail calls the member: it never forgets, so it must not know the uid."""
        return f"member #{self.pk}"


class UsedToken(models.Model):
    """A sign-in token's `jti`, kept until it expires, so that it opens the door once."""

    client = models.CharField(_("client"), max_length=150)
    jti = models.CharField(_("token id"), max_length=200)
    expires_at = models.DateTimeField(_("expires"), db_index=True)

    class Meta:
        verbose_name = _("used token")
        verbose_name_plural = _("used tokens")
        constraints = [models.UniqueConstraint(fields=["client", "jti"], name="used_token_once")]

    def __str__(self) -> str:
        return self.jti


class Identity(models.Model):
    """Who a member is at another provider, such as a WeChat openid. It belongs to one member."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="identities", verbose_name=_("member"))
    provider = models.SlugField(_("provider"), help_text=_("such as wechat-openid or wechat-unionid"))
    subject = models.CharField(_("id there"), max_length=200)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="identity_of_one_member"),
            models.UniqueConstraint(fields=["member", "provider"], name="identity_once_at_provider"),
        ]

    def __str__(self) -> str:
        return self.provider


class ErasedUid(models.Model):
    """The keyed hash of a uid whose member was erased, so that no import brings the person back unasked."""

    uid_hash = models.BinaryField(max_length=32, unique=True)
    erased_at = models.DateTimeField(_("erased"))

    class Meta:
        verbose_name = _("erased uid")
        verbose_name_plural = _("erased uids")

    def __str__(self) -> str:
        return f"#{self.pk}"

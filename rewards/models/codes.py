"""Codes of coupons, and how they come in."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from rewards import sealed_codes
from rewards.models.awards import Award
from rewards.models.gifts import Gift


class CodeBatch(models.Model):
    """Codes that come in together: read from a file, or generated. Worked off by workers in slices.

    `position` and the counts move in the transaction that adds the codes: a crash loses nothing and adds nothing twice.
    The file is deleted once it is read, for codes are money; what is kept of a refused line is its number and reason.
    """

    class Kind(models.TextChoices):
        IMPORT = "import", _("import of codes")
        GENERATE = "generate", _("generation of codes")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for approval")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    gift = models.ForeignKey(Gift, models.PROTECT, related_name="code_batches", verbose_name=_("gift"))
    kind = models.CharField(_("how they come in"), max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    file = models.FileField(_("file"), upload_to="codes/%Y/%m", max_length=300, blank=True)
    name = models.CharField(_("file name"), max_length=200, blank=True)
    encoding = models.CharField(_("encoding"), max_length=20, default="utf-8")
    separator = models.CharField(_("separator"), max_length=1, default=",")
    # Which column of the file, from 0, has the codes.
    column = models.PositiveSmallIntegerField(_("column"), default=0)
    # Of a file: its bytes, those that were read, the line that comes next. Of a generation: the codes asked for, those
    # that were made.
    size = models.PositiveBigIntegerField(pgettext_lazy("file", "size"), default=0)
    position = models.PositiveBigIntegerField(_("position"), default=0)
    line = models.PositiveBigIntegerField(_("line"), default=1)
    added = models.PositiveBigIntegerField(pgettext_lazy("codes", "added"), default=0)
    known = models.PositiveBigIntegerField(pgettext_lazy("codes", "known already"), default=0)
    refused = models.PositiveBigIntegerField(pgettext_lazy("codes", "refused"), default=0)
    # The first refused lines, as [number, reason]: see `rewards.code_text.Refusal`.
    refusals = models.JSONField(_("refused lines"), default=list, blank=True)
    error = models.TextField(_("error"), blank=True)
    # How often it was taken up again after a failure; part of the key of its jobs.
    resumed = models.PositiveSmallIntegerField(_("resumed"), default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("begun by")
    )
    created_at = models.DateTimeField(_("begun"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("batch of codes")
        verbose_name_plural = _("batches of codes")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(position__lte=F("size")), name="code_batch_within_its_size")]

    def __str__(self) -> str:
        return f"{self.gift} #{self.pk}"

    @property
    def percent(self) -> int:
        if self.state == self.State.DONE or not self.size:
            return 100
        return int(self.position * 100 / self.size)


class CouponCode(models.Model):
    """One unique code of a coupon, sealed. It belongs to one award at most.

    `found_by` is the keyed hash of the code, by which it is unique in its gift and found again. `shown_at` is when its
    owner first saw it: a code that was seen never goes back to the free ones.
    """

    gift = models.ForeignKey(Gift, models.PROTECT, related_name="codes", verbose_name=_("gift"))
    sealed = models.BinaryField(_("code"))
    found_by = models.BinaryField(_("hash of the code"))
    award = models.OneToOneField(
        Award, models.PROTECT, null=True, blank=True, related_name="coupon_code", verbose_name=_("award")
    )
    shown_at = models.DateTimeField(_("first shown to its owner"), null=True, blank=True)
    batch = models.ForeignKey(
        CodeBatch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="codes",
        db_index=False,
        verbose_name=_("batch of codes"),
    )

    class Meta:
        verbose_name = _("coupon code")
        verbose_name_plural = _("coupon codes")
        constraints = [
            models.UniqueConstraint(fields=["found_by", "gift"], name="coupon_code_once"),
            models.CheckConstraint(
                condition=Q(shown_at=None) | Q(award__isnull=False), name="coupon_code_shown_to_its_owner"
            ),
        ]
        indexes = [
            models.Index(fields=["gift", "id"], name="coupon_code_free", condition=Q(award=None)),
            models.Index(fields=["batch", "id"], name="coupon_code_batch", condition=Q(batch__isnull=False)),
        ]
        permissions = [
            ("import_couponcode", gettext_noop("Can import coupon codes")),
            ("generate_couponcode", gettext_noop("Can generate coupon codes")),
            ("reveal_couponcode", gettext_noop("Can see coupon codes whole")),
        ]

    def __str__(self) -> str:
        return f"{self.gift} #{self.pk}"

    @property
    def code(self) -> str:
        """The code in the clear, "" where no key of the installation opens it.

        Staff see it `masked`; whoever shows it to its owner asks `codes.show_to_owner`.
        """
        return sealed_codes.opened(self.sealed) or ""

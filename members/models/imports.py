"""Files of facts that operators bring in, how far each has come, and the rows that were rejected."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy


class ImportRun(models.Model):
    """One file. `position` and the counts move in the transaction that brings the rows in: a crash loses nothing."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("to be checked")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(_("kind of facts"), max_length=30)
    file = models.FileField(_("file"), upload_to="imports/%Y/%m", max_length=300)
    name = models.CharField(_("file name"), max_length=200)
    encoding = models.CharField(_("encoding"), max_length=20, default="utf-8")
    separator = models.CharField(_("separator"), max_length=1, default=",")
    # Column of the kind → title of the file's column (`CsvFile.titles`); columns that are not here are not read.
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)
    lines = models.PositiveBigIntegerField(_("lines"), default=0)
    position = models.PositiveBigIntegerField(_("bytes read"), default=0)
    line = models.PositiveBigIntegerField(_("line"), default=1)
    rows_read = models.PositiveBigIntegerField(_("rows read"), default=0)
    created = models.PositiveBigIntegerField(pgettext_lazy("rows of an import", "created"), default=0)
    updated = models.PositiveBigIntegerField(pgettext_lazy("rows of an import", "updated"), default=0)
    unchanged = models.PositiveBigIntegerField(pgettext_lazy("rows of an import", "unchanged"), default=0)
    rejected = models.PositiveBigIntegerField(_("rejected"), default=0)
    error = models.TextField(_("error"), blank=True)
    # How often it was taken up again after a failure; part of the key of its jobs.
    resumed = models.PositiveSmallIntegerField(_("resumed"), default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    created_at = models.DateTimeField(_("uploaded"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    rows_read=models.F("created") + models.F("updated") + models.F("unchanged") + models.F("rejected")
                ),
                name="import_run_counts_every_row",
            )
        ]
        permissions = [("start_importrun", gettext_noop("Can start an import"))]

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> int:
        """How much of the file has been read; 100 only when all of it has."""
        return self.position * 100 // self.size if self.size else 0

    @property
    def is_kept(self) -> bool:
        """Whether the file and its rejected rows have not been deleted yet."""
        return bool(self.file)


class ImportReject(models.Model):
    """A row that was not taken, and why."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rejects", verbose_name=_("import"))
    line = models.PositiveBigIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=200, blank=True)
    code = models.CharField(pgettext_lazy("of a fault", "code"), max_length=50)
    # The row's cells and what the wording of the code names: written and read by `members.import_rejects` alone.
    sealed = models.BinaryField()
    # Keyed hashes of the cells, in hex.
    found_by = models.JSONField(default=list)

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="import_reject_once")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.line}"

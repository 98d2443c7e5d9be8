"""Lists that operators took with them as files."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ListExport(models.Model):
    """What was exported of which list, by whom. Long ones are written by workers and kept for some days."""

    class State(models.TextChoices):
        RUNNING = "running", _("being written")
        DONE = "done", _("ready")
        SENT = "sent", _("sent at once")
        FAILED = "failed", _("failed")
        STOPPED = "stopped", _("stopped")
        GONE = "gone", _("deleted")

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel (XLSX)"

    list_label = models.CharField(
        pgettext_lazy("of rows", "list"), max_length=100, help_text=_("The model, such as members.member.")
    )
    query = models.TextField(_("filters"), blank=True)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    language = models.CharField(_("language"), max_length=10)
    expected = models.PositiveBigIntegerField(_("rows expected"), default=0)
    done = models.PositiveBigIntegerField(_("rows written"), default=0)
    # The key of the last row that was written, and where the file ended then: a slice that was undone leaves nothing.
    last_key = models.CharField(max_length=200, blank=True, editable=False)
    position = models.PositiveBigIntegerField(default=0, editable=False)
    slice = models.PositiveIntegerField(default=0, editable=False)
    file = models.FileField(_("file"), upload_to="list-exports/%Y/%m/", blank=True, max_length=200)
    error = models.TextField(_("error"), blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    created_at = models.DateTimeField(_("asked for"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("export of a list")
        verbose_name_plural = _("exports of lists")

    def __str__(self) -> str:
        return f"{self.list_label} · {self.get_format_display()}"

    @property
    def percent(self) -> int:
        if self.state in (self.State.DONE, self.State.SENT):
            return 100
        return min(99, self.done * 100 // self.expected) if self.expected else 0

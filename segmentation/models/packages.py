"""Packages of members (用户包), their versions, and files of members made for download."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from segmentation.models.segments import Segment
from segmentation.models.sets import MemberSet


class PackageManager(models.Manager["Package"]):
    def get_queryset(self) -> models.QuerySet["Package"]:
        return super().get_queryset().filter(kind=Segment.Kind.PACKAGE)


class Package(Segment):
    """A segment that changes by hand only. Rules, audiences and the API read it as any other."""

    objects = PackageManager()  # type: ignore[misc]

    class Meta:
        proxy = True
        verbose_name = _("package of members")
        verbose_name_plural = _("packages of members")


class PackageVersion(models.Model):
    """What a package held, and where that came from (`Segment.origin`). Never changed; the last one serves."""

    package = models.ForeignKey(Segment, models.CASCADE, related_name="contents", verbose_name=_("package of members"))
    number = models.PositiveIntegerField(_("version"))
    members = models.ForeignKey(MemberSet, models.PROTECT, related_name="+", verbose_name=_("members"))
    size = models.PositiveIntegerField(_("members"))
    origin = models.JSONField(_("origin"))
    made_by = models.CharField(_("made by"), max_length=150, blank=True)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("version of a package")
        verbose_name_plural = _("versions of packages")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["package", "number"], name="package_version_once")]

    def __str__(self) -> str:
        return f"{self.package} v{self.number}"


class MemberExport(models.Model):
    """A file of a segment's members. Workers write it, slice by slice; it is deleted after its time."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        GONE = "gone", _("deleted")

    segment = models.ForeignKey(Segment, models.SET_NULL, null=True, related_name="exports", verbose_name=_("segment"))
    segment_name = models.CharField(_("name"), max_length=100)
    members = models.ForeignKey(MemberSet, models.PROTECT, null=True, related_name="+", verbose_name=_("members"))
    # "uid", and of "name" and "level" those that were asked for.
    columns = models.JSONField(pgettext_lazy("export", "columns"))
    file = models.FileField(_("file"), upload_to="exports/%Y/%m", max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    # Of the file's bytes, those that stand for good; of the members' ids, the last that was written.
    position = models.PositiveBigIntegerField(default=0, editable=False)
    last_id = models.BigIntegerField(default=-1, editable=False)
    done = models.PositiveIntegerField(_("members written"), default=0)
    size = models.PositiveIntegerField(_("members"))
    asked_by = models.CharField(_("asked by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("asked"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("export of members")
        verbose_name_plural = _("exports of members")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.segment_name} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def percent(self) -> int:
        """How much has been written; 100 only when all of it has."""
        if self.state == self.State.DONE:
            return 100
        return min(self.done * 100 // self.size, 99) if self.size else 0

"""Who is what: tags, segments and RFM models, and the sets of members they answer with."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from members.models import Member


class MemberSet(models.Model):
    """An immutable set of member ids, as roaring bitmaps in chunks of 2^20 ids."""

    size = models.PositiveIntegerField(_("members"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("member set")
        verbose_name_plural = _("member sets")

    def __str__(self) -> str:
        return f"#{self.pk} ({self.size})"


class MemberSetChunk(models.Model):
    """The members whose id >> 20 is `chunk`; the bitmap holds their low 20 bits."""

    member_set = models.ForeignKey(MemberSet, models.CASCADE, related_name="chunks")
    chunk = models.PositiveIntegerField()
    bitmap = models.BinaryField()

    class Meta:
        verbose_name = _("member set chunk")
        verbose_name_plural = _("member set chunks")
        constraints = [models.UniqueConstraint(fields=["member_set", "chunk"], name="member_set_chunk_once")]

    def __str__(self) -> str:
        return f"{self.member_set_id}/{self.chunk}"


class TagGroup(models.Model):
    """A layer of tags (标签组). In an exclusive group a member carries one tag at most."""

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    exclusive = models.BooleanField(_("one tag at most"), default=False)

    class Meta:
        verbose_name = _("tag group")
        verbose_name_plural = _("tag groups")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    group = models.ForeignKey(TagGroup, models.PROTECT, related_name="tags", verbose_name=_("tag group"))
    slug = models.SlugField(_("key"))
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["group__slug", "slug"]
        constraints = [models.UniqueConstraint(fields=["group", "slug"], name="tag_once_in_group")]

    def __str__(self) -> str:
        return f"{self.group.name} · {self.name}"


class MemberTag(models.Model):
    """A tag that a member carries. A trigger fills `exclusive_group` in, so that the database holds the guard."""

    class Source(models.TextChoices):
        HAND = "hand", _("by hand")
        IMPORT = "import", _("import")
        API = "api", _("API")
        RULE = "rule", _("rule")
        PARTICIPATION = "participation", _("participation")

    member = models.ForeignKey(Member, models.CASCADE, related_name="member_tags", verbose_name=_("member"))
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="member_tags", verbose_name=_("tag"))
    exclusive_group = models.ForeignKey(TagGroup, models.PROTECT, null=True, editable=False, related_name="+")
    source = models.CharField(_("source"), max_length=15, choices=Source, default=Source.HAND)
    set_at = models.DateTimeField(_("set"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    class Meta:
        verbose_name = _("member's tag")
        verbose_name_plural = _("members' tags")
        constraints = [
            models.UniqueConstraint(fields=["member", "tag"], name="member_tag_once"),
            models.UniqueConstraint(
                fields=["member", "exclusive_group"],
                condition=Q(exclusive_group__isnull=False),
                name="member_tag_exclusive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.tag_id}"


class Segment(models.Model):
    """A living rule (分群). `members` is its last good version."""

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    rule = models.JSONField(_("rule"))
    members = models.ForeignKey(
        MemberSet, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("members")
    )
    refreshed_at = models.DateTimeField(_("refreshed"), null=True, editable=False)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["slug"]
        permissions = [("recompute_segment", gettext_noop("Can recompute a segment"))]

    def __str__(self) -> str:
        return self.name


class SegmentRun(models.Model):
    """One recomputation of a segment: how long, how many, who came and went, or why it failed."""

    class State(models.TextChoices):
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="runs", verbose_name=_("segment"))
    state = models.CharField(_("state"), max_length=10, choices=State)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"))
    # Empty once the set is pruned.
    members = models.ForeignKey(MemberSet, models.SET_NULL, null=True, related_name="+", verbose_name=_("members"))
    size = models.PositiveIntegerField(_("size"), null=True)
    entered = models.PositiveIntegerField(pgettext_lazy("members", "entered"), null=True)
    left = models.PositiveIntegerField(pgettext_lazy("members", "left"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("segment run")
        verbose_name_plural = _("segment runs")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.segment} {self.started_at:%Y-%m-%d %H:%M}"


PARTS = [MinValueValidator(2), MaxValueValidator(5)]


class RfmModel(models.Model):
    """Recency, frequency and monetary value, cut into parts by quantiles or by fixed thresholds."""

    class Method(models.TextChoices):
        QUANTILES = "quantiles", _("quantiles")
        THRESHOLDS = "thresholds", _("fixed thresholds")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    window_days = models.PositiveIntegerField(_("window in days"), null=True, blank=True)
    method = models.CharField(_("method"), max_length=10, choices=Method, default=Method.QUANTILES)
    r_parts = models.PositiveSmallIntegerField(_("parts of recency"), default=5, validators=PARTS)
    f_parts = models.PositiveSmallIntegerField(_("parts of frequency"), default=5, validators=PARTS)
    m_parts = models.PositiveSmallIntegerField(_("parts of monetary value"), default=5, validators=PARTS)
    # {"r": [days, …], "f": [orders, …], "m": ["amount", …]}, ascending; used by the method THRESHOLDS.
    thresholds = models.JSONField(_("thresholds"), default=dict, blank=True)
    current = models.ForeignKey("RfmVersion", models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("RFM model")
        verbose_name_plural = _("RFM models")
        ordering = ["slug"]
        permissions = [("recompute_rfmmodel", gettext_noop("Can recompute an RFM model"))]

    def __str__(self) -> str:
        return self.name


class RfmVersion(models.Model):
    """One scoring of all members: the cut points, the mean scores, and a member set for each score and class."""

    model = models.ForeignKey(RfmModel, models.CASCADE, related_name="versions", verbose_name=_("RFM model"))
    at = models.DateField(_("orders up to"))
    computed_at = models.DateTimeField(_("computed"))
    size = models.PositiveIntegerField(_("members"))
    # {"r": {"cuts": [...], "mean": x, "parts": asked for}, "f": …, "m": …}
    scale = models.JSONField(_("scale"))
    # {"cells": [[r, f, m, members], …], "classes": {"important_value": members, …}}
    summary = models.JSONField(_("summary"))

    class Meta:
        verbose_name = _("RFM version")
        verbose_name_plural = _("RFM versions")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.model} {self.at}"


class RfmSet(models.Model):
    """The members of one score (`r`, `f`, `m` with "1" to "5") or of one class (`class`)."""

    version = models.ForeignKey(RfmVersion, models.CASCADE, related_name="sets")
    dimension = models.CharField(max_length=10)
    value = models.CharField(max_length=30)
    members = models.ForeignKey(MemberSet, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("RFM set")
        verbose_name_plural = _("RFM sets")
        constraints = [models.UniqueConstraint(fields=["version", "dimension", "value"], name="rfm_set_once")]

    def __str__(self) -> str:
        return f"{self.dimension}={self.value}"

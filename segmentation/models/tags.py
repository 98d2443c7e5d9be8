"""Tags in their groups, the members that carry them, and the history of that."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Member
from segmentation.models.sets import MemberSet


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
    description = models.TextField(_("description"), blank=True)
    # How long a member carries the tag, where whoever sets it names no time. Empty: until it is taken away.
    valid_days = models.PositiveIntegerField(_("valid for days"), null=True, blank=True)
    # In an exclusive group of tags by rule, the first tag whose rule holds is carried.
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    # A tag by rule: its members are those for whom the rule holds; hands and files leave it alone.
    rule = models.JSONField(_("rule"), null=True, blank=True)
    # The state of the facts (`members.touches`) for which everybody was brought in line with the rule, and the
    # families of facts that it reads. A trigger empties the state where the rule or the order changes.
    rule_as_of = models.TextField(blank=True, default="", db_default="", editable=False)
    rule_families = ArrayField(models.CharField(max_length=20), blank=True, default=list, editable=False)
    # The members that carry it now, as of `members_as_of` (see `members.touches`).
    members = models.ForeignKey(
        MemberSet, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("members")
    )
    members_as_of = models.TextField(blank=True, editable=False)
    refreshed_at = models.DateTimeField(_("refreshed"), null=True, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["group__slug", "position", "slug"]
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
    # Who or what: a user's name, an API client, a file, a campaign's key.
    set_by = models.CharField(_("set by"), max_length=150, blank=True, db_default="")
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
        indexes = [
            models.Index(
                fields=["expires_at", "tag"], condition=Q(expires_at__isnull=False), name="member_tag_that_expires"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.tag_id}"


class TagChange(models.Model):
    """One line of the history of members' tags: never changed, so that who set what can be told later."""

    class Action(models.TextChoices):
        SET = "set", pgettext_lazy("tag", "set")
        CHANGED = "changed", pgettext_lazy("tag", "expiry changed")
        REPLACED = "replaced", pgettext_lazy("tag", "replaced")
        REMOVED = "removed", pgettext_lazy("tag", "removed")
        EXPIRED = "expired", pgettext_lazy("tag", "expired")

    member = models.ForeignKey(
        Member, models.CASCADE, db_index=False, related_name="tag_changes", verbose_name=_("member")
    )
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="changes", verbose_name=_("tag"))
    action = models.CharField(_("what happened"), max_length=10, choices=Action)
    source = models.CharField(_("source"), max_length=15, choices=MemberTag.Source)
    set_by = models.CharField(_("set by"), max_length=150, blank=True, db_default="")
    at = models.DateTimeField(_("time"))
    expires_at = models.DateTimeField(_("expires"), null=True)

    class Meta:
        verbose_name = _("change of a tag")
        verbose_name_plural = _("changes of tags")
        ordering = ["-id"]
        indexes = [models.Index(fields=["member", "-id"], name="tag_change_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.tag_id} {self.action}"


class TagBatch(models.Model):
    """A tag set on, or taken from, many members by an operator. First looked at, then worked off by workers."""

    class Action(models.TextChoices):
        SET = "set", _("set the tag")
        REMOVE = "remove", _("take the tag away")

    class State(models.TextChoices):
        PREPARED = "prepared", _("to be checked")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="batches", verbose_name=_("tag"))
    action = models.CharField(_("what happens"), max_length=10, choices=Action)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    members = models.ForeignKey(MemberSet, models.PROTECT, related_name="+", verbose_name=_("members"))
    # How the members were chosen: {"how": "segment"|"list"|"selection", …}.
    origin = models.JSONField(_("chosen by"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PREPARED)
    size = models.PositiveIntegerField(_("members"))
    last_id = models.BigIntegerField(default=-1, editable=False)
    done = models.PositiveIntegerField(_("members done"), default=0)
    changed = models.PositiveIntegerField(_("members changed"), default=0)
    asked_by = models.CharField(_("asked by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("asked"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("change of many members' tags")
        verbose_name_plural = _("changes of many members' tags")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.tag} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def percent(self) -> int:
        """How many members have been dealt with; 100 only when all have."""
        return self.done * 100 // self.size if self.size else 100

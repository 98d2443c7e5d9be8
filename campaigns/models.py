"""A campaign's draft, its published revisions, and the live state of those who take part.

The draft (Campaign, Task, Chain, CampaignPool) is what operators edit. Participants meet a Revision only. Live state
refers to tasks and chains by their keys, so that it survives a new revision.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from campaigns import kinds
from members.models import Member
from rewards.models import Gift, PrizePool
from segmentation.models import Tag


class Campaign(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        LIVE = "live", _("live")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    tagline = models.CharField(_("tagline"), max_length=200, blank=True)
    rules = models.TextField(_("rules"), blank=True)
    organiser = models.CharField(_("organiser"), max_length=100)
    colour = models.CharField(_("colour"), max_length=7, default="#d4380d")
    # Audiences are JSON in the shape of `campaigns.definition.Audience`; {} admits every member.
    audience = models.JSONField(_("audience"), default=dict, blank=True)
    current = models.ForeignKey("Revision", models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-id"]
        permissions = [
            ("publish_campaign", gettext_noop("Can publish a campaign")),
            ("pause_campaign", gettext_noop("Can pause and resume a campaign")),
            ("end_campaign", gettext_noop("Can end a campaign")),
        ]

    def __str__(self) -> str:
        return self.name


class Reward(models.Model):
    """What a task or a chain gives when it is done."""

    points = models.PositiveIntegerField(_("points"), default=0)
    growth = models.PositiveIntegerField(_("growth value"), default=0)
    chances = models.PositiveIntegerField(_("draw chances"), default=0)
    gift = models.ForeignKey(Gift, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("gift"))
    tag = models.ForeignKey(
        Tag,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tag"),
        limit_choices_to={"rule__isnull": True},
    )
    pool = models.ForeignKey(
        PrizePool,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("the draw chances are for"),
        help_text=_("Empty: the member's level, tags and score choose the prize pool."),
    )

    class Meta:
        abstract = True


class Task(Reward):
    """A participant's task (任务) in the draft."""

    class Period(models.TextChoices):
        ONCE = "once", _("once")
        DAILY = "daily", _("daily")

    class ClaimMode(models.TextChoices):
        AUTOMATIC = "automatic", _("automatic")
        BY_HAND = "by_hand", _("by hand")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tasks", verbose_name=_("campaign"))
    key = models.SlugField(_("key"))
    title = models.CharField(_("title"), max_length=100)
    guide = models.CharField(_("guide text"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=kinds.choices)
    # What the kind needs; checked by its module in `campaigns.kinds`.
    config = models.JSONField(_("configuration"), default=dict, blank=True)
    period = models.CharField(_("period"), max_length=10, choices=Period, default=Period.ONCE)
    claim_mode = models.CharField(_("claim mode"), max_length=10, choices=ClaimMode, default=ClaimMode.AUTOMATIC)
    audience = models.JSONField(_("audience"), default=dict, blank=True)
    score = models.PositiveIntegerField(_("campaign score"), default=0)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="task_once_in_campaign")]

    def __str__(self) -> str:
        return self.title

    def get_inline_title(self) -> str:
        """Tell tasks of one title apart: each face of a campaign has its own."""
        return f"{self.title} · {self.get_kind_display()} · {self.key}"


class Chain(Reward):
    """Tasks in a row (连锁任务): each is unlocked by the one before."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="chains", verbose_name=_("campaign"))
    key = models.SlugField(_("key"))
    title = models.CharField(_("title"), max_length=100)
    audience = models.JSONField(_("audience"), default=dict, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("chain of tasks")
        verbose_name_plural = _("chains of tasks")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="chain_once_in_campaign")]

    def __str__(self) -> str:
        return self.title

    def get_inline_title(self) -> str:
        """Tell chains of one title apart."""
        return f"{self.title} · {self.key}"


class ChainStep(models.Model):
    chain = models.ForeignKey(Chain, models.CASCADE, related_name="steps", verbose_name=_("chain of tasks"))
    number = models.PositiveSmallIntegerField(_("step"))
    task = models.ForeignKey(Task, models.PROTECT, related_name="chain_steps", verbose_name=_("task"))

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="chain_step_once")]

    def __str__(self) -> str:
        return f"{self.number}. {self.task}"


class CampaignPool(models.Model):
    """A pool that a campaign offers. Which is a member's is decided by `campaigns.pool_choice`."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="pools", verbose_name=_("campaign"))
    pool = models.ForeignKey(PrizePool, models.PROTECT, related_name="+", verbose_name=_("prize pool"))
    audience = models.JSONField(_("audience"), default=dict, blank=True)
    named_only = models.BooleanField(
        _("only by name"),
        default=False,
        help_text=_("Only for chances whose task or result names it; level, tags and score never choose it."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("prize pool of a campaign")
        verbose_name_plural = _("prize pools of a campaign")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["campaign", "pool"], name="pool_once_in_campaign")]

    def __str__(self) -> str:
        return str(self.pool)


class Revision(models.Model):
    """A campaign as published: immutable. `definition` is read by `campaigns.definition.parse`."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="revisions", verbose_name=_("campaign"))
    number = models.PositiveIntegerField(_("number"))
    definition = models.JSONField(_("definition"))
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="revision_once")]

    def __str__(self) -> str:
        return f"{self.campaign} r{self.number}"


class Enrolment(models.Model):
    """A member who entered a campaign, and the score (活动分数) made in it."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="enrolments", verbose_name=_("campaign"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="enrolments", verbose_name=_("member"))
    joined_at = models.DateTimeField(_("joined"))
    score = models.PositiveIntegerField(_("campaign score"), default=0)
    # The last period for which the member's level brought extra draw chances: who has had them is not asked again.
    level_chances_period = models.CharField(max_length=10, blank=True, default="", db_default="", editable=False)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [models.UniqueConstraint(fields=["campaign", "member"], name="enrolment_once")]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.campaign_id}"


class Progress(models.Model):
    """How far a member is with a task in a period ("once", or a day such as "2026-11-21")."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="progress", verbose_name=_("enrolment"))
    task_key = models.SlugField(_("task"))
    period = models.CharField(_("period"), max_length=12)
    count = models.PositiveIntegerField(_("progress"), default=0)
    data = models.JSONField(_("data"), default=dict)
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        constraints = [models.UniqueConstraint(fields=["enrolment", "task_key", "period"], name="progress_once")]

    def __str__(self) -> str:
        return f"{self.task_key} {self.period}"


class Completion(models.Model):
    """A task done in a period; it is rewarded once: at once, or when the member claims it."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="completions", verbose_name=_("enrolment"))
    task_key = models.SlugField(_("task"))
    period = models.CharField(_("period"), max_length=12)
    completed_at = models.DateTimeField(_("completed"))
    rewarded_at = models.DateTimeField(_("rewarded"), null=True)

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        constraints = [models.UniqueConstraint(fields=["enrolment", "task_key", "period"], name="completion_once")]

    def __str__(self) -> str:
        return f"{self.task_key} {self.period}"


class ChainProgress(models.Model):
    """A step of a chain done. A composite foreign key to the step before it (migration) refuses a skip."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="chain_progress", verbose_name=_("enrolment"))
    chain_key = models.SlugField(_("chain of tasks"))
    step = models.PositiveSmallIntegerField(_("step"))
    previous_step = models.PositiveSmallIntegerField(null=True, editable=False)
    done_at = models.DateTimeField(pgettext_lazy("time", "done"))

    class Meta:
        verbose_name = _("step done")
        verbose_name_plural = _("steps done")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "chain_key", "step"], name="chain_progress_once"),
            models.CheckConstraint(
                # Without the "not null" a step that names none before it would pass: NULL is no refusal to a CHECK.
                condition=Q(step=1, previous_step=None)
                | Q(step__gt=1, previous_step__isnull=False, previous_step=F("step") - 1),
                name="chain_progress_follows",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain_key} {self.step}"

"""A campaign's draft, which operators edit, and its published revisions, which participants meet."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from campaigns import kinds
from operations.picture_field import PictureField
from rewards.models import Gift, PrizePool
from segmentation.models import Tag


class Campaign(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_REVIEW = "in_review", _("in review")
        SCHEDULED = "scheduled", _("scheduled")
        LIVE = "live", _("live")
        PAUSED = "paused", _("paused")
        ENDED = "ended", _("ended")
        ARCHIVED = "archived", _("archived")

    slug = models.SlugField(_("key"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        blank=True,
        default="",
        db_default="",
        help_text=_("Its days, weeks and months are those of this zone, such as Asia/Shanghai. Empty: the site's."),
    )
    tagline = models.CharField(_("tagline"), max_length=200, blank=True)
    rules = models.TextField(_("rules"), blank=True)
    organiser = models.CharField(_("organiser"), max_length=100)
    colour = models.CharField(_("colour"), max_length=7, default="#d4380d")
    banner = PictureField(
        _("banner"),
        least_width=720,
        help_text=_(
            "Stands above the name. Best about 1,080 × 500 with what matters in the middle: narrow screens show all of "
            "it, wide ones cut it above and below. Without words in it: they would not be translated."
        ),
    )
    # Audiences are JSON in the shape of `campaigns.definition.Audience`; {} admits every member.
    audience = models.JSONField(_("audience"), default=dict, blank=True)
    # What the campaign has beside tasks and pools: name of a feature → its configuration (`campaigns.features`).
    features = models.JSONField(_("features"), default=dict, blank=True, db_default={})
    current = models.ForeignKey("Revision", models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-id"]
        permissions = [
            ("publish_campaign", gettext_noop("Can publish a campaign")),
            ("pause_campaign", gettext_noop("Can pause and resume a campaign")),
            ("end_campaign", gettext_noop("Can end a campaign")),
            ("submit_campaign", gettext_noop("Can submit a campaign for review")),
            ("approve_campaign", gettext_noop("Can approve a campaign that somebody else submitted")),
            ("roll_back_campaign", gettext_noop("Can make an earlier revision of a campaign current again")),
            ("worsen_campaign", gettext_noop("Can change a running campaign against its participants")),
            ("archive_campaign", gettext_noop("Can archive a campaign")),
        ]
        constraints = [
            # What runs, or ran, does so by a revision; a draft has none yet.
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review"], current=None)
                | Q(state__in=["scheduled", "live", "paused", "ended"], current__isnull=False)
                | Q(state="archived"),
                name="campaign_runs_by_a_revision",
            )
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


def _slot() -> "models.SlugField[str, str]":
    return models.SlugField(
        _("place"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Of all that stand in one place, a member meets the first whose audience admits them."),
    )


class Task(Reward):
    """A participant's task (任务) in the draft."""

    class Period(models.TextChoices):
        ONCE = "once", _("once")
        DAILY = "daily", _("daily")
        WEEKLY = "weekly", _("weekly")
        MONTHLY = "monthly", _("monthly")
        TIMES = "times", _("several times")

    class ClaimMode(models.TextChoices):
        AUTOMATIC = "automatic", _("automatic")
        BY_HAND = "by_hand", _("by hand")
        ACCEPT_FIRST = "accept_first", _("accept first, finish in time")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="tasks", verbose_name=_("campaign"))
    key = models.SlugField(_("key"))
    title = models.CharField(_("title"), max_length=100)
    guide = models.CharField(_("guide text"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=kinds.choices)
    # What the kind needs; checked by its module in `campaigns.kinds`.
    config = models.JSONField(_("configuration"), default=dict, blank=True)
    period = models.CharField(_("period"), max_length=10, choices=Period, default=Period.ONCE)
    times = models.PositiveSmallIntegerField(
        _("how many times"), default=0, db_default=0, help_text=_("For the period “several times”.")
    )
    claim_mode = models.CharField(_("claim mode"), max_length=12, choices=ClaimMode, default=ClaimMode.AUTOMATIC)
    finish_within = models.PositiveIntegerField(
        _("minutes to finish"),
        default=0,
        db_default=0,
        help_text=_("After it is accepted. For the claim mode “accept first, finish in time”."),
    )
    claim_within = models.PositiveIntegerField(
        _("hours to claim"),
        default=0,
        db_default=0,
        help_text=_("After it is finished; an unclaimed reward expires then. 0: as long as the campaign is open."),
    )
    # In the shape of `campaigns.definition.Quota`: [{"quota": 100, "per": "day", "audience": {…}}].
    quotas = models.JSONField(_("quotas"), default=list, blank=True, db_default=[])
    slot = _slot()
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
    slot = _slot()
    within = models.PositiveIntegerField(
        _("hours to finish"),
        default=0,
        db_default=0,
        help_text=_("After its first step is done. 0: as long as the campaign is open."),
    )
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
    # For whom the step falls away; {} for nobody.
    skip = models.JSONField(_("skipped by"), default=dict, blank=True, db_default={})

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
    # The number of the revision that was made current again, where this one is a roll-back.
    restores = models.PositiveIntegerField(_("rolled back to"), null=True)
    # Why it was rolled back, or published against those who take part.
    reason = models.TextField(_("reason"), blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="revision_once")]

    def __str__(self) -> str:
        return f"{self.campaign} r{self.number}"

"""What members do for each other: who invited whom, who helped whom, bargains and teams.

All of it is between enrolments of one campaign and names tasks by their keys, so that it survives a revision.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.draft import Campaign
from campaigns.models.playing import Enrolment


class Invitation(models.Model):
    """Who brought whom into a campaign: written once, when the friend enters, and never changed.

    The inviter has entered before, so their enrolment has the lower id: the CHECK refuses to invite oneself and every
    ring, however long. `qualified_at` is when the friend had done what the task asks of them, `rewarded_at` when they
    first had, for which they got their own reward.
    """

    inviter = models.ForeignKey(Enrolment, models.PROTECT, related_name="invited", verbose_name=_("inviter"))
    invitee = models.OneToOneField(Enrolment, models.PROTECT, related_name="invitation", verbose_name=_("friend"))
    task_key = models.SlugField(_("task"))
    invited_at = models.DateTimeField(_("invited"))
    qualified_at = models.DateTimeField(_("qualified"), null=True)
    rewarded_at = models.DateTimeField(_("rewarded"), null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(condition=Q(inviter__lt=F("invitee")), name="invitation_follows_its_inviter")
        ]
        indexes = [
            models.Index(fields=["inviter", "task_key"], name="invitation_of_task"),
            # Which friends are still to qualify is asked every few minutes.
            models.Index(fields=["task_key"], condition=Q(qualified_at=None), name="invitation_to_qualify"),
        ]

    def __str__(self) -> str:
        return f"{self.inviter_id} → {self.invitee_id}"


class Help(models.Model):
    """A friend's help (助力) with somebody's task in a period, numbered from 1; of a bargain also what it cut off.

    `cut` and `left` are in cents; `of` is how many helps are needed.
    """

    helped = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="helps_received", verbose_name=_("who is helped")
    )
    helper = models.ForeignKey(Enrolment, models.PROTECT, related_name="helps_given", verbose_name=_("helper"))
    task_key = models.SlugField(_("task"))
    period = models.CharField(_("period"), max_length=12)
    number = models.PositiveIntegerField(_("number"))
    of = models.PositiveIntegerField(_("needed"))
    cut = models.PositiveBigIntegerField(_("cut off, in cents"), null=True)
    left = models.PositiveBigIntegerField(_("left, in cents"), null=True)
    helped_at = models.DateTimeField(pgettext_lazy("time", "helped"))

    class Meta:
        verbose_name = _("help")
        verbose_name_plural = _("helps")
        constraints = [
            models.UniqueConstraint(fields=["helped", "task_key", "period", "helper"], name="help_once"),
            models.UniqueConstraint(fields=["helped", "task_key", "period", "number"], name="help_numbered"),
            models.CheckConstraint(condition=~Q(helper=F("helped")), name="help_not_oneself"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=F("of")), name="help_is_needed"),
            models.CheckConstraint(
                # Without the "not null" a NULL would pass: it is no refusal to a CHECK.
                condition=Q(cut=None, left=None)
                | Q(cut__isnull=False, left__isnull=False, cut__gte=1)
                & (Q(left=0, number=F("of")) | Q(left__gt=0, number__lt=F("of"))),
                name="help_cuts_to_the_floor",
            ),
        ]
        indexes = [models.Index(fields=["helper", "task_key", "helped_at"], name="help_of_helper")]

    def __str__(self) -> str:
        return f"{self.helper_id} helped {self.helped_id} ({self.number}/{self.of})"


class Bargain(models.Model):
    """A bargain (砍价) that a member has begun, on the terms of that moment; amounts are in cents.

    `left` is what friends have still to cut off: it is 0 when the last of `helps` friends has helped, and not before.
    """

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="bargains", verbose_name=_("enrolment"))
    task_key = models.SlugField(_("task"))
    period = models.CharField(_("period"), max_length=12)
    price = models.PositiveBigIntegerField(_("price, in cents"))
    floor = models.PositiveBigIntegerField(_("floor price, in cents"))
    left = models.PositiveBigIntegerField(_("left, in cents"))
    helps = models.PositiveIntegerField(_("friends needed"))
    helped = models.PositiveIntegerField(_("friends who helped"), default=0)
    begun_at = models.DateTimeField(_("begun"))
    until = models.DateTimeField(pgettext_lazy("time", "ends"))

    class Meta:
        verbose_name = _("bargain")
        verbose_name_plural = _("bargains")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "task_key", "period"], name="bargain_once"),
            models.CheckConstraint(
                condition=Q(left__lte=F("price") - F("floor"), helped__lte=F("helps"))
                & (Q(left=0, helped=F("helps")) | Q(left__gt=0, helped__lt=F("helps"))),
                name="bargain_ends_at_the_floor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_key} {self.period}: {self.helped}/{self.helps}"

    @property
    def now_at(self) -> int:
        """The price as it stands, in cents."""
        return self.floor + self.left


class Team(models.Model):
    """A team (组队) of a task: whoever takes its last seat fills it. Not full at its end, it lapses."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", verbose_name=_("campaign"))
    founder = models.ForeignKey(Enrolment, models.PROTECT, related_name="teams_founded", verbose_name=_("founder"))
    task_key = models.SlugField(_("task"))
    size = models.PositiveSmallIntegerField(_("seats"))
    taken = models.PositiveSmallIntegerField(_("seats taken"), default=1)
    founded_at = models.DateTimeField(_("founded"))
    until = models.DateTimeField(pgettext_lazy("time", "ends"))
    full_at = models.DateTimeField(_("full since"), null=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = [
            models.CheckConstraint(
                condition=Q(taken__gte=1)
                & (Q(taken__lt=F("size"), full_at=None) | Q(taken=F("size"), full_at__isnull=False)),
                name="team_seats",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_key} {self.pk}: {self.taken}/{self.size}"


class TeamSeat(models.Model):
    """A member's seat in a team, for the period in which it was taken; given up when the team has lapsed."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="seats", verbose_name=_("team"))
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="seats", verbose_name=_("enrolment"))
    task_key = models.SlugField(_("task"))
    period = models.CharField(_("period"), max_length=12)
    taken_at = models.DateTimeField(pgettext_lazy("seat", "taken"))
    lapsed_at = models.DateTimeField(_("lapsed"), null=True)

    class Meta:
        verbose_name = _("seat in a team")
        verbose_name_plural = _("seats in teams")
        constraints = [
            models.UniqueConstraint(fields=["team", "enrolment"], name="team_seat_once"),
            models.UniqueConstraint(
                fields=["enrolment", "task_key", "period"], condition=Q(lapsed_at=None), name="team_seat_one_team"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} in {self.team_id}"

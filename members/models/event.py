"""Behaviour events: what members look at, like, search for and do."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.people import Member


class Event(models.Model):
    """Something a member did at a moment. Written once by `members.ingest_events`, never changed.

    The table is partitioned by month of `occurred_at` in UTC (`members.event_partitions`). Its only key is
    (`event_id`, `occurred_at`), since PostgreSQL wants the partition's column in it; that an id has one time within
    the days in which events may come late is seen to by the ingest. The other index leads with the member: one
    member's events by time are all that is read row by row.
    """

    pk = models.CompositePrimaryKey("event_id", "occurred_at")
    event_id = models.CharField(_("event id"), max_length=100)
    member = models.ForeignKey(Member, models.PROTECT, db_index=False, related_name="events", verbose_name=_("member"))
    type = models.CharField(_("type"), max_length=50)
    occurred_at = models.DateTimeField(_("time"))
    item = models.CharField(_("item"), max_length=100, blank=True)
    category = models.CharField(_("category"), max_length=100, blank=True)
    keyword = models.CharField(_("keyword"), max_length=200, blank=True)
    properties = models.JSONField(_("properties"), default=dict, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["member", "occurred_at"], name="event_member_occurred")]

    def __str__(self) -> str:
        return self.event_id

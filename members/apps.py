from datetime import time

from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        from members import (
            activity,
            facts,
            imports,
            inbox_kinds,
            level_books,
            level_jobs,
            metrics,
            portrait_panels,
            privacy_sections,
            timeline_sources,
            webhook_kinds,
        )
        from members.field_help import HELP
        from members.wechat import checks
        from operations import books, field_help, schedules, webhook_lookups

        field_help.register("members", HELP)
        register(checks.faults)
        imports.register_own_kinds()
        portrait_panels.register_own()
        timeline_sources.register_own()
        privacy_sections.register_all()
        webhook_kinds.register_own()
        inbox_kinds.register_own()
        webhook_lookups.members_by(facts.member_with_uid)
        books.register(gettext_noop("members.totals"), metrics.totals_differ())
        books.register(gettext_noop("members.daily_totals"), metrics.days_differ())
        schedules.register("forget-used-tokens", "members.jobs.forget_used_tokens", minutes=60)
        level_books.register_all()
        # A correction may leave nothing of an order, or make one whole again.
        for kind in (activity.ORDER_REFUNDED, activity.ORDER_CORRECTED):
            activity.subscribe(kind, "members.jobs.take_back_paid_levels")
        for kind in (activity.ORDER_PAID, activity.ORDER_CORRECTED):
            activity.subscribe(kind, "members.jobs.restore_paid_levels")
        schedules.register("end-paid-levels", level_jobs.END_PAID, daily_at=time(0, 5))
        schedules.register("lost-imports", "members.jobs.note_lost_imports", minutes=1)
        schedules.register("old-messages", "members.jobs.forget_old_messages", daily_at=time(4, 10))
        schedules.register("old-touches", "members.jobs.forget_touches", minutes=60)
        schedules.register("old-imports", "members.jobs.forget_old_imports", daily_at=time(3, 40))
        schedules.register("event-partitions", "members.jobs.keep_event_partitions", daily_at=time(2, 30))
        post_migrate.connect(_make_event_partitions, sender=self, dispatch_uid="members.event_partitions")


def _make_event_partitions(**_kwargs: object) -> None:
    from django.db import transaction
    from django.utils import timezone

    from members import event_partitions

    if event_partitions.exists():
        with transaction.atomic():
            event_partitions.ensure_around(now=timezone.now())

from datetime import time

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        from members import imports, metrics
        from operations import books, schedules

        imports.register_own_kinds()
        books.register(gettext_noop("members.totals"), metrics.totals_differ())
        books.register(gettext_noop("members.daily_totals"), metrics.days_differ())
        schedules.register("forget-used-tokens", "members.jobs.forget_used_tokens", minutes=60)
        schedules.register("event-partitions", "members.jobs.keep_event_partitions", daily_at=time(2, 30))
        post_migrate.connect(_make_event_partitions, sender=self, dispatch_uid="members.event_partitions")


def _make_event_partitions(**_kwargs: object) -> None:
    from django.db import transaction
    from django.utils import timezone

    from members import event_partitions

    if event_partitions.exists():
        with transaction.atomic():
            event_partitions.ensure_around(now=timezone.now())

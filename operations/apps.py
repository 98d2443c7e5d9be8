from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = _("Operations")

    def ready(self) -> None:
        from datetime import time

        from operations import books, field_help, going_ahead, list_exports, schedules, webhook_events
        from operations.field_words import HELP
        from operations.sign_in import sessions

        field_help.register("operations", HELP)
        schedules.register("heartbeat", "operations.jobs.beat", minutes=1)
        schedules.register("check-books", "operations.jobs.check_books", minutes=1)
        schedules.register("purge", "operations.jobs.purge", minutes=60)
        schedules.register("forget-call-counts", "operations.jobs.forget_call_counts", minutes=10)
        schedules.register("forget-pictures", "operations.jobs.forget_pictures", daily_at=time(3, 40))
        schedules.register("list-exports", "operations.jobs.forget_list_exports", minutes=10)
        schedules.register("webhook-rights", "operations.jobs.end_lost_webhook_rights", minutes=1)
        schedules.register("old-webhook-events", "operations.jobs.forget_webhook_events", minutes=60)
        books.register(
            gettext_noop("operations: a webhook waits in the line of the member it is about"), webhook_events.ASTRAY
        )
        schedules.register("webhooks", "operations.jobs.send_due_webhooks", minutes=1)
        schedules.register("ended-sessions", "operations.jobs.forget_ended_sessions", daily_at=time(3, 50))
        going_ahead.register("operations.jobs.beat")
        going_ahead.register(list_exports.JOB)
        sessions.watch()
        post_migrate.connect(_synchronise_schedules, dispatch_uid="operations.schedules")


def _synchronise_schedules(*, app_config: AppConfig, **_kwargs: object) -> None:
    # Sent once per app; django-q2's comes when its table exists, and every app has registered by then.
    if app_config.name != "django_q":
        return
    from django.utils import timezone

    from operations import schedules

    schedules.synchronise(now=timezone.now())

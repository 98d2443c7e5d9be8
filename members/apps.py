from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        from datetime import time

        from members import activity, imports, level_books, level_jobs, metrics
        from operations import books, schedules

        imports.register_own_kinds()
        books.register(gettext_noop("members.totals"), metrics.totals_differ())
        books.register(gettext_noop("members.daily_totals"), metrics.days_differ())
        schedules.register("forget-used-tokens", "members.jobs.forget_used_tokens", minutes=60)
        level_books.register_all()
        activity.subscribe(activity.ORDER_REFUNDED, "members.jobs.take_back_paid_levels")
        schedules.register("end-paid-levels", level_jobs.END_PAID, daily_at=time(0, 5))
        schedules.register("lost-imports", "members.jobs.note_lost_imports", minutes=1)
        schedules.register("old-imports", "members.jobs.forget_old_imports", daily_at=time(3, 40))

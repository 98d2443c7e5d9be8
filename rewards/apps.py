from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RewardsConfig(AppConfig):
    name = "rewards"
    verbose_name = _("Rewards")

    def ready(self) -> None:
        from datetime import time

        from operations import schedules
        from rewards import books, level_following, portrait, timeline_sources, units

        post_migrate.connect(units.create_units, sender=self)
        books.register_all()
        schedules.register("review-levels", level_following.REVIEW, daily_at=time(0, 10))
        portrait.register_own()
        timeline_sources.register_own()

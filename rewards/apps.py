from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RewardsConfig(AppConfig):
    name = "rewards"
    verbose_name = _("Rewards")

    def ready(self) -> None:
        from operations.field_help import register as register_help
        from rewards.field_help import HELP

        register_help("rewards", HELP)
        from datetime import time

        from members import activity, faults, import_columns, imports, resealing, uses
        from operations import pictures, schedules
        from rewards import (
            addresses,
            approving,
            award_expiry,
            books,
            code_resealing,
            earning,
            expiry_notices,
            inbox_words,
            level_following,
            pictured,
            portrait,
            privacy_sections,
            receipt_secrets,
            rule_fields,
            scopes,
            timeline_sources,
            tracking,
            units,
            webhook_kinds,
        )
        from rewards.uses import gifts_in_pools

        post_migrate.connect(units.create_units, sender=self)
        books.register_all()
        inbox_words.register_own()
        privacy_sections.register_all()
        webhook_kinds.register_own()
        activity.add_kind(expiry_notices.EXPIRING)
        activity.add_kind(award_expiry.EXPIRING)
        schedules.register("mature-entries", "rewards.jobs.mature_entries", minutes=2)
        # Units may have time zones of their own, and some midnights are at a quarter past the site's hour.
        schedules.register("expire-lots", "rewards.jobs.expire_lots", minutes=15)
        schedules.register("tell-of-expiry", "rewards.jobs.tell_of_expiry", daily_at=time(9, 0))
        schedules.register("expire-awards", "rewards.jobs.expire_awards", minutes=15)
        schedules.register("tell-of-awards", "rewards.jobs.tell_of_awards", daily_at=time(9, 30))
        schedules.register("review-levels", level_following.REVIEW, daily_at=time(0, 10))
        schedules.register("tidy-code-batches", "rewards.jobs.tidy_code_batches", minutes=2)
        uses.register(gifts_in_pools)
        approving.register_own()
        schedules.register("lost-awards", "rewards.jobs.note_lost_awards", minutes=5)
        pictures.register_uses(pictured.in_use)
        resealing.also("coupon codes", code_resealing.reseal_slice)
        schedules.register("pay-red-packets", "rewards.jobs.pay_red_packets", minutes=1)
        import_columns.register_columns(tracking.COLUMN_WORDS)
        faults.register_wordings(tracking.WORDINGS)
        imports.register_kind("tracking", tracking.IMPORTED)
        resealing.also("addresses", addresses.reseal_slice)
        resealing.also("secrets of receipts", receipt_secrets.reseal_slice)
        portrait.register_own()
        timeline_sources.register_own()
        rule_fields.register()
        scopes.register_own()
        schedules.register("warn-of-budgets", "rewards.jobs.warn_of_budgets", minutes=1)
        for kind in (activity.ORDER_PAID, activity.ORDER_REFUNDED, activity.ORDER_CORRECTED, activity.ORDER_ITEMS):
            activity.subscribe(kind, "rewards.jobs.settle_orders")
        activity.subscribe_to_events("rewards.jobs.earn_for_events", earning.event_types_wanted)

from datetime import time

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        from campaigns.field_help import HELP
        from operations.field_help import register as register_help

        register_help("campaigns", HELP)
        from campaigns import (
            approval_items,
            books,
            energy_drops,
            following_events,
            inbox_words,
            invited_portrait,
            kinds,
            known_friends,
            mall_audiences,
            pictured,
            portrait,
            privacy_sections,
            roll_back_approvals,
            rule_fields,
            scopes,
            sealed_task_codes,
            webhook_kinds,
        )
        from campaigns.offers import following as offers
        from campaigns.posters import checks  # noqa: F401 (registers itself)
        from campaigns.uses import gifts_in_rewards, in_audiences, in_rewards
        from members import activity, resealing, uses
        from operations import going_ahead, pictures, schedules
        from rewards.scopes import register as register_scopes

        schedules.register("close-boards", "campaigns.jobs.close_boards", minutes=5)
        schedules.register("wither-energy", "campaigns.jobs.wither_energy", minutes=1)
        schedules.register("tag-winners", "campaigns.jobs.tag_winners", minutes=1)
        for kind in (activity.ORDER_PAID, activity.ORDER_REFUNDED, activity.ORDER_CORRECTED):
            activity.subscribe(kind, "campaigns.jobs.energy_of_orders")
        activity.subscribe_to_events("campaigns.jobs.energy_of_events", energy_drops.event_types_wanted)
        for kind in kinds.followed():
            activity.subscribe(kind, "campaigns.jobs.follow_orders")
        activity.subscribe_to_events("campaigns.jobs.follow_events", following_events.types_wanted)
        schedules.register("lost-proofs", "campaigns.jobs.forget_lost_proofs", daily_at=time(3, 50))
        resealing.also("codes of tasks", sealed_task_codes.reseal_codes)
        resealing.also("callback secrets", sealed_task_codes.reseal_secrets)
        for kind in offers.FOLLOWED:
            activity.subscribe(kind, "campaigns.jobs.follow_offer_orders")
        for kind in offers.TOLD:
            activity.add_kind(kind)
        schedules.register("end-offers", "campaigns.jobs.end_offers", minutes=1)
        schedules.register("invited-friends", "campaigns.jobs.follow_registered", minutes=5)
        for kind in kinds.taking_back():
            activity.subscribe(kind, "campaigns.jobs.follow_refunds")
        schedules.register("follow-touched", "campaigns.jobs.follow_touched", minutes=1)
        schedules.register("lapse-tasks", "campaigns.jobs.lapse", minutes=1)
        schedules.register("tell-of-claims", "campaigns.jobs.tell_of_claims", minutes=15)
        going_ahead.register("campaigns.jobs.forecast_cost")
        books.register_all()
        approval_items.register_own()
        roll_back_approvals.register_own()
        inbox_words.register_own()
        known_friends.register_own()
        portrait.register_own()
        invited_portrait.register_own()
        privacy_sections.register_all()
        webhook_kinds.register_own()
        uses.register(in_audiences)
        pictures.register_uses(pictured.in_use)
        rule_fields.register()
        uses.register(in_rewards)
        uses.register(gifts_in_rewards)
        register_scopes(scopes.campaigns)
        mall_audiences.register()
        schedules.register("campaigns-by-the-clock", "campaigns.jobs.follow_the_clock", minutes=1)
        schedules.register("forget-moves", "campaigns.jobs.forget_moves", minutes=60)

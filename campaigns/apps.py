from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        from campaigns import (
            books,
            energy_drops,
            kinds,
            mall_audiences,
            portrait,
            privacy_sections,
            rule_fields,
            scopes,
        )
        from campaigns.uses import gifts_in_rewards, in_audiences, in_rewards
        from members import activity, uses
        from operations import schedules
        from rewards.scopes import register as register_scopes

        schedules.register("close-boards", "campaigns.jobs.close_boards", minutes=5)
        schedules.register("wither-energy", "campaigns.jobs.wither_energy", minutes=1)
        schedules.register("tag-winners", "campaigns.jobs.tag_winners", minutes=1)
        for kind in (activity.ORDER_PAID, activity.ORDER_REFUNDED, activity.ORDER_CORRECTED):
            activity.subscribe(kind, "campaigns.jobs.energy_of_orders")
        activity.subscribe_to_events("campaigns.jobs.energy_of_events", energy_drops.event_types_wanted)
        for kind in kinds.followed():
            activity.subscribe(kind, "campaigns.jobs.follow_orders")
        schedules.register("lapse-tasks", "campaigns.jobs.lapse", minutes=1)
        books.register_all()
        portrait.register_own()
        privacy_sections.register_all()
        uses.register(in_audiences)
        rule_fields.register()
        uses.register(in_rewards)
        uses.register(gifts_in_rewards)
        register_scopes(scopes.campaigns)
        mall_audiences.register()

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        from campaigns import books, kinds, mall_audiences, portrait, privacy_sections, rule_fields, scopes
        from campaigns.uses import gifts_in_rewards, in_audiences, in_rewards
        from members import activity, uses
        from operations import schedules
        from rewards.scopes import register as register_scopes

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
        schedules.register("forget-moves", "campaigns.jobs.forget_moves", minutes=60)

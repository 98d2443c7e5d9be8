from datetime import time

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SegmentationConfig(AppConfig):
    name = "segmentation"
    verbose_name = _("Segmentation")

    def ready(self) -> None:
        from operations.field_help import register as register_help
        from segmentation.field_help import HELP

        register_help("segmentation", HELP)
        from members import faults, import_columns, imports, touches, uses
        from operations import going_ahead, schedules, webhook_lookups
        from segmentation import (
            default_model,
            exports,
            following,
            lifecycle_portrait,
            naming,
            portrait,
            privacy_sections,
            tag_rows,
            tagging_by_rule,
            webhook_kinds,
        )
        from segmentation.uses import in_packages, in_rules

        faults.register_wordings(tag_rows.WORDINGS)
        import_columns.register_columns(tag_rows.COLUMN_WORDS)
        imports.register_kind("tags", tag_rows.IMPORTED)
        uses.register(in_rules)
        uses.register(in_packages)
        uses.register(tagging_by_rule.in_rules)
        portrait.register_own()
        privacy_sections.register_all()
        webhook_lookups.segments_by(naming.segments)
        webhook_kinds.register_own()
        going_ahead.register(exports.JOB)
        touches.follow("segmentation.jobs.follow", following.WANTS)
        # Facts ask for those who follow; each minute is for whoever was missed, as by a killed worker.
        schedules.register("follow-facts", "segmentation.jobs.follow", minutes=1)
        schedules.register("segment-schedules", "segmentation.jobs.scan_schedules", minutes=1)
        schedules.register("lost-segment-runs", "segmentation.jobs.end_lost_runs", minutes=1)
        schedules.register("old-segment-runs", "segmentation.jobs.forget_runs", minutes=60)
        lifecycle_portrait.register_own()
        schedules.register("daily-models", "segmentation.jobs.score_due_models", minutes=5)
        schedules.register("expired-tags", "segmentation.jobs.clear_expired_tags", minutes=1)
        schedules.register("tag-sets", "segmentation.jobs.refresh_tag_sets", minutes=5)
        schedules.register("tags-by-rule", "segmentation.jobs.recompute_all_tags_by_rule", minutes=60)
        schedules.register("refresh-facts", "segmentation.jobs.refresh_facts", minutes=2)
        schedules.register("score-due-rfm", "segmentation.jobs.score_due_rfm", minutes=1)
        schedules.register("lost-slices", "segmentation.jobs.note_lost_slices", minutes=1)
        schedules.register("old-exports", "segmentation.jobs.forget_old_files", daily_at=time(3, 50))
        post_migrate.connect(default_model.create_default_model, sender=self)

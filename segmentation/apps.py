from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SegmentationConfig(AppConfig):
    name = "segmentation"
    verbose_name = _("Segmentation")

    def ready(self) -> None:
        from members import faults, import_columns, imports, uses
        from operations import schedules
        from segmentation import default_model, portrait, privacy_sections, tag_rows
        from segmentation.uses import in_rules

        faults.register_wordings(tag_rows.WORDINGS)
        import_columns.register_columns(tag_rows.COLUMN_WORDS)
        imports.register_kind("tags", tag_rows.IMPORTED)
        uses.register(in_rules)
        portrait.register_own()
        privacy_sections.register_all()
        schedules.register("score-due-rfm", "segmentation.jobs.score_due_rfm", minutes=1)
        post_migrate.connect(default_model.create_default_model, sender=self)

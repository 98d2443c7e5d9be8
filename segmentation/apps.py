from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SegmentationConfig(AppConfig):
    name = "segmentation"
    verbose_name = _("Segmentation")

    def ready(self) -> None:
        from members import faults, import_columns, imports, uses
        from segmentation import default_model, portrait, privacy_sections, tag_rows
        from segmentation.uses import in_packages, in_rules

        faults.register_wordings(tag_rows.WORDINGS)
        import_columns.register_columns(tag_rows.COLUMN_WORDS)
        imports.register_kind("tags", tag_rows.IMPORTED)
        uses.register(in_rules)
        uses.register(in_packages)
        portrait.register_own()
        privacy_sections.register_all()
        post_migrate.connect(default_model.create_default_model, sender=self)

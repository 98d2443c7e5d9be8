from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SegmentationConfig(AppConfig):
    name = "segmentation"
    verbose_name = _("Segmentation")

    def ready(self) -> None:
        from members import imports
        from segmentation import tag_rows

        imports.register_kind("tags", tag_rows.IMPORTED)

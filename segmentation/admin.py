"""What operators define (tags, segments, packages, models) and what they watch: Django looks for admins here."""

from segmentation import (
    export_admin,
    lifecycle_admin,
    package_admin,
    rfm_admin,
    run_admin,
    segment_admin,
    tag_admin,
    tag_batch_admin,
    uid_list_admin,
    value_admin,
)

__all__ = [
    "export_admin",
    "lifecycle_admin",
    "package_admin",
    "rfm_admin",
    "run_admin",
    "segment_admin",
    "tag_admin",
    "tag_batch_admin",
    "uid_list_admin",
    "value_admin",
]

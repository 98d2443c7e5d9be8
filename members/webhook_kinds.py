"""What webhooks tell of members. The trigger is in migration 0017."""

from django.utils.translation import gettext_lazy as _

from operations.models import ApiKey
from operations.webhook_kinds import Kind, register

LEVEL_CHANGED = Kind(
    "member.level_changed",
    ApiKey.Scope.ELIGIBILITY,
    _(
        "The level that counts for a member became another: by growth value, a paid level, an import or by hand. "
        "“before” and “after” are keys of levels; null is no level."
    ),
    {"uid": "u-1001", "before": "silver", "after": "gold", "cause": "growth", "reference": "order:A-1"},
)


def register_own() -> None:
    register(LEVEL_CHANGED)

"""What webhooks tell of segments (`segmentation.publishing.tell_webhooks`)."""

from django.utils.translation import gettext_lazy as _

from operations.models import ApiKey
from operations.webhook_kinds import Kind, register

ENTERED = "segment.entered"
LEFT = "segment.left"
KINDS = (
    Kind(
        ENTERED,
        ApiKey.Scope.ELIGIBILITY,
        _(
            "A member is in a segment or package whose version before did not have them. When it is computed for the "
            "first time, everyone in it has entered. More than 100,000 at once are told as one event: uid is null, and "
            "count says how many; read the segment's members then."
        ),
        {"uid": "u-1001", "segment": "lapsed-high-value"},
    ),
    Kind(
        LEFT,
        ApiKey.Scope.ELIGIBILITY,
        _(
            "A member is not in a segment or package any more that had them. More than 100,000 at once are told as one "
            "event, as when they enter. Deleting a segment tells nothing."
        ),
        {"uid": "u-1001", "segment": "lapsed-high-value"},
    ),
)


def register_own() -> None:
    for kind in KINDS:
        register(kind)

"""What webhooks tell of those who take part in campaigns. The triggers are in migration 0016."""

from django.utils.translation import gettext_lazy as _

from operations.models import ApiKey
from operations.webhook_kinds import Kind, register

_TASK = {"uid": "u-1001", "campaign": "double-twelve", "task": "check-in", "period": "2026-12-12"}
KINDS = (
    Kind(
        "campaign.entered",
        ApiKey.Scope.PLAY,
        _("A member takes part in a campaign: the first time they did anything in it."),
        {"uid": "u-1001", "campaign": "double-twelve"},
    ),
    Kind(
        "task.completed",
        ApiKey.Scope.PLAY,
        _(
            "A member has done a task in a “period”: “2026-12-12”, “2026-W50”, “2026-12”, “#2” for the second time in "
            "all, “once”. “held”: its reward is held back until somebody has looked at it, and may be refused."
        ),
        _TASK | {"held": False},
    ),
    Kind(
        "task.rewarded",
        ApiKey.Scope.PLAY,
        _("The reward of a task was given: at once, when the member claimed it, or after a review."),
        _TASK,
    ),
)


def register_own() -> None:
    for kind in KINDS:
        register(kind)

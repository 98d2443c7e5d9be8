"""The error codes of the API of webhooks."""

from django.utils.translation import gettext_lazy as _

from operations.error_codes import INVALID, NOT_FOUND, Code, Remedy, coded
from operations.webhook_refusals import WORDINGS, WebhookRefusal

CONFLICTS = (
    WebhookRefusal.TOO_MANY,
    WebhookRefusal.NOT_ON,
    WebhookRefusal.STILL_WAITING,
    WebhookRefusal.FORGOTTEN,
    WebhookRefusal.NOT_TOLD,
)
OF_REPLAYS = (*CONFLICTS, WebhookRefusal.NO_TIME)
NOT_TOLD = Code(
    "scope_missing",
    403,
    _("The API key lacks the scope for this call, or for the events that it names."),
    _("Ask the shop's operators for a key with this scope."),
)
ENDPOINT = (
    INVALID,
    NOT_TOLD,
    *coded(400, {code: words for code, words in WORDINGS.items() if code not in OF_REPLAYS}, Remedy.MEND),
)
CREATE = (
    *ENDPOINT,
    *coded(409, {WebhookRefusal.TOO_MANY: WORDINGS[WebhookRefusal.TOO_MANY]}, _("Delete one that is not needed.")),
)
SENDING = (
    INVALID,
    NOT_FOUND,
    NOT_TOLD,
    *coded(409, {WebhookRefusal.NOT_ON: WORDINGS[WebhookRefusal.NOT_ON]}, _("Switch it on: PATCH its state.")),
)
REPLAY = (
    *SENDING,
    *coded(400, {WebhookRefusal.NO_TIME: WORDINGS[WebhookRefusal.NO_TIME]}, Remedy.MEND),
    *coded(409, {WebhookRefusal.STILL_WAITING: WORDINGS[WebhookRefusal.STILL_WAITING]}, Remedy.LATER),
    *coded(
        409,
        {WebhookRefusal.FORGOTTEN: WORDINGS[WebhookRefusal.FORGOTTEN]},
        _("Read how things stand now instead."),
    ),
    *coded(
        409,
        {WebhookRefusal.NOT_TOLD: WORDINGS[WebhookRefusal.NOT_TOLD]},
        _("Ask the shop's operators for a key with this scope."),
    ),
)

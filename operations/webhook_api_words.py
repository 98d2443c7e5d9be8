"""What the calls of webhooks are for, in the OpenAPI document and on the reference page."""

from django.utils.translation import gettext_lazy as _

from operations import webhook_api_codes as codes
from operations.described import Example, Tag, described
from operations.error_codes import INVALID, NOT_FOUND

WEBHOOK = {"webhook_id": 1}
DELIVERY = WEBHOOK | {"delivery_id": 1}
ENDPOINTS = described(
    Tag.WEBHOOKS, _("List your webhooks"), description=_("Those that this client has made."), example=Example()
)
CREATE = described(
    Tag.WEBHOOKS,
    _("Set a webhook up"),
    description=_(
        "From now on the address is told of these kinds of events, signed as Standard Webhooks says. The `secret` is"
        " shown in this answer and never again. A kind needs the scope that it would need to be read."
    ),
    codes=codes.CREATE,
    example=Example(
        body={"name": "CRM", "url": "https://crm.example.com/hooks", "events": ["award.granted", "draw.made"]},
        status=201,
    ),
)
ONE = described(Tag.WEBHOOKS, _("Look a webhook up"), codes=[NOT_FOUND], example=Example(path=WEBHOOK))
CHANGE = described(
    Tag.WEBHOOKS,
    _("Change, pause or switch a webhook on"),
    description=_(
        "What is left out stays as it is. While it is paused, nothing new is told, and what waits is kept. All but"
        " pausing it needs the scopes of every event that it tells of, and of what waits."
    ),
    codes=[*codes.ENDPOINT, NOT_FOUND],
    example=Example(path=WEBHOOK, body={"state": "on"}),
)
DELETE = described(
    Tag.WEBHOOKS,
    _("Delete a webhook"),
    description=_("At once, with all that waits for it."),
    codes=[NOT_FOUND],
    example=Example(path=WEBHOOK, status=204),
)
ROTATE = described(
    Tag.WEBHOOKS,
    _("Change a webhook's secret"),
    description=_(
        "The new one is shown once. The one before signs too for a day, so that the receiver can change over."
        " Needs the scopes of every event that the webhook tells of, and of what waits."
    ),
    codes=[INVALID, NOT_FOUND, codes.NOT_TOLD],
    example=Example(path=WEBHOOK, body={}),
)
KINDS = described(
    Tag.WEBHOOKS,
    _("List the kinds of events"),
    description=_("What webhooks can tell of: each kind with the scope that it needs and an example of its data."),
    example=Example(),
)
DELIVERIES = described(
    Tag.WEBHOOKS,
    _("List what was told through a webhook"),
    description=_("And how each delivery stands, the newest first."),
    codes=[NOT_FOUND],
    example=Example(path=WEBHOOK),
)
ONE_DELIVERY = described(
    Tag.WEBHOOKS,
    _("Look a delivery up"),
    description=_("With its payload and every try."),
    codes=[NOT_FOUND, codes.NOT_TOLD],
    example=Example(path=DELIVERY),
)
REPLAY_ONE = described(
    Tag.WEBHOOKS,
    _("Tell one event again"),
    description=_("With the same `webhook-id`: a receiver that has taken it already knows it by that."),
    codes=codes.REPLAY,
    example=Example(path=DELIVERY, body={}),
)
REPLAY = described(
    Tag.WEBHOOKS,
    _("Tell again what was given up, or all"),
    description=_("Since a time, in the order in which it happened."),
    codes=codes.REPLAY,
    example=Example(path=WEBHOOK, body={"since": "2026-01-15T00:00:00+08:00", "state": "all"}),
)
TEST = described(
    Tag.WEBHOOKS,
    _("Send a test event"),
    description=_("Of the kind `webhook.test`, which tells of nothing: to see that the receiver takes it."),
    codes=codes.SENDING,
    example=Example(path=WEBHOOK, body={}),
)

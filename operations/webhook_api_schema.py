"""The shapes of the API of webhooks for OpenAPI."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from operations import webhook_addresses, webhook_endpoints
from operations.api_schema import (
    ANY_POST,
    ERROR,
    MAYBE_NUMBER,
    MAYBE_TIME,
    NUMBER,
    ONE_OBJECT,
    TEXT,
    TIME,
    Schema,
    list_of,
    object_of,
    page_of,
)
from operations.models import WebhookDelivery, WebhookEndpoint

KINDS_OF_EVENTS: Schema = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": 50},
    "minItems": 1,
    "description": _("Kinds of events, as GET webhooks/kinds/ lists them."),
}
SEGMENT_KEYS: Schema = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": 50},
    "description": _("Keys of the segments of which segment.entered and segment.left tell; empty: all of them."),
}
NAME: Schema = {"type": "string", "minLength": 1, "maxLength": webhook_endpoints.LONGEST_NAME}
URL: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": webhook_addresses.LONGEST,
    "description": _("https://…, a public address."),
}
STATE: Schema = {"type": "string", "enum": list(WebhookEndpoint.State.values)}
ASKED: dict[str, Any] = {"name": NAME, "url": URL, "events": KINDS_OF_EVENTS, "segments": SEGMENT_KEYS}
EXAMPLE = {"name": "CRM", "url": "https://crm.example/hooks", "events": ["member.level_changed"], "segments": []}

CREATE: Schema = {
    "type": "object",
    "properties": ASKED,
    "required": ["name", "url", "events"],
    "additionalProperties": False,
    "examples": [EXAMPLE],
}
CHANGE: Schema = {
    "type": "object",
    "properties": ASKED | {"state": {"type": "string", "enum": ["on", "paused"]}},
    "additionalProperties": False,
    "examples": [{"state": "paused"}],
}
NOTHING: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
SHOWN: dict[str, Any] = {
    "id": NUMBER,
    "name": TEXT,
    "url": TEXT,
    "events": list_of(TEXT),
    "segments": list_of(TEXT),
    "state": STATE,
    "off_reason": TEXT,
    "failing_since": MAYBE_TIME,
    "last_delivered_at": MAYBE_TIME,
    "created_at": TIME,
    "waiting": NUMBER,
}
SECRET: Schema = {"type": "string", "description": _("whsec_…: shown here and never again.")}
ENDPOINT = object_of(**SHOWN)
ENDPOINT_WITH_SECRET = object_of(**SHOWN, secret=SECRET)
ENDPOINTS = object_of(webhooks=list_of(ENDPOINT))
ROTATED = object_of(
    id=NUMBER,
    secret=SECRET,
    earlier_until={"type": "string", "format": "date-time", "description": _("Until then both secrets sign.")},
)
KIND = object_of(type=TEXT, scope=TEXT, description=TEXT, example={"type": "object"})
KINDS = object_of(kinds=list_of(KIND))

DELIVERY: dict[str, Any] = {
    "id": NUMBER,
    "event": {"type": "string", "description": _("The webhook-id, the same on every try and replay.")},
    "type": TEXT,
    "state": {"type": "string", "enum": list(WebhookDelivery.State.values)},
    "attempts": NUMBER,
    "next_attempt_at": MAYBE_TIME,
    "last_status": MAYBE_NUMBER,
    "last_error": TEXT,
    "replays": MAYBE_NUMBER,
    "created_at": TIME,
    "ended_at": MAYBE_TIME,
}
TRY = object_of(number=NUMBER, at=TIME, milliseconds=MAYBE_NUMBER, status=MAYBE_NUMBER, error=TEXT, answer=TEXT)
ONE_DELIVERY = object_of(**DELIVERY, payload={"type": "object"}, tries=list_of(TRY))
DELIVERIES = page_of("deliveries", object_of(**DELIVERY))
SENT = object_of(**DELIVERY)
REPLAY: Schema = {
    "type": "object",
    "properties": {
        "since": {"type": "string", "format": "date-time"},
        "until": {"type": "string", "format": "date-time"},
        "state": {"type": "string", "enum": ["given_up", "all"], "default": "given_up"},
    },
    "required": ["since"],
    "additionalProperties": False,
    "examples": [{"since": "2026-11-21T00:00:00+08:00", "state": "given_up"}],
}
REPLAYED = object_of(replayed=NUMBER)

POST_ERRORS = ANY_POST | ONE_OBJECT | dict.fromkeys((409, 422), ERROR)
CREATE_ERRORS = ANY_POST | dict.fromkeys((409, 422), ERROR)
PATCH_ERRORS = ANY_POST | ONE_OBJECT | {409: ERROR}

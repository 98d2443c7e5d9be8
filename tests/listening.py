"""An endpoint that is told of events, and what it was told, for the tests of all rooms."""

from datetime import UTC, datetime
from typing import Any

from operations import webhook_kinds
from operations.models import WebhookDelivery, WebhookEndpoint, WebhookEvent

MADE = datetime(2026, 11, 1, tzinfo=UTC)


def listen(*kinds: str, name: str = "shop", **fields: Any) -> WebhookEndpoint:
    """Make an endpoint that is told of these kinds, or of all that there are."""
    events = list(kinds) or [kind.name for kind in webhook_kinds.all_kinds()]
    made = {"url": f"https://{name}.example/hooks", "sealed_secret": "s", "created_at": MADE} | fields
    return WebhookEndpoint.objects.create(name=name, events=events, **made)


def told(*kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """Return (kind, data) of what was told, in its order; of these kinds, or of all."""
    events = WebhookEvent.objects.order_by("id")
    return list((events.filter(kind__in=kinds) if kinds else events).values_list("kind", "data"))


def kinds_told() -> list[str]:
    return [kind for kind, _ in told()]


def heard(endpoint: WebhookEndpoint) -> list[str]:
    """Return the kinds that wait for the endpoint, in the order in which it is told."""
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state="waiting").order_by("id")
    return list(waiting.values_list("event__kind", flat=True))

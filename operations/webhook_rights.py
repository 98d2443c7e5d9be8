"""Webhooks are no way around the scopes of a key: what a client may be told of, and what becomes of it when that ends.

An endpoint belongs to the client that made it, whose keys may come and go. Once no valid key of the client has what an
endpoint needs, be it revoked, expired or changed, the endpoint is switched off within a minute (`enforce`). So is given
up what waits of kinds that the client may not be told of, though the endpoint is told of them no more.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from operations import webhook_endpoints, webhook_kinds
from operations.models import ApiKey, WebhookDelivery, WebhookEndpoint
from operations.webhook_refusals import Fault, Off


def scopes_of(client: str) -> set[str]:
    """Return what the valid keys of a client may do, together; nothing where it has none."""
    keys = ApiKey.objects.get_usable_keys().filter(client=client)
    return {scope for key in keys if not key.has_expired for scope in key.scopes}


def lacking(kinds: Iterable[str], scopes: Iterable[str]) -> list[str]:
    """Return those of the kinds that nobody with just these scopes may be told of."""
    held = set(scopes)
    known = {name: webhook_kinds.find(name) for name in kinds}
    return sorted(name for name, kind in known.items() if kind is not None and kind.scope not in held)


def fault(endpoint: WebhookEndpoint) -> str:
    """Return why the client that made the endpoint may not have it any more; "" for an operator's own."""
    return _fault(endpoint, scopes_of(endpoint.client)) if endpoint.client else ""


def refused_to(endpoint: WebhookEndpoint) -> list[str]:
    """Return the kinds that the client that made the endpoint may not be told of; none for an operator's own."""
    return _refused(scopes_of(endpoint.client)) if endpoint.client else []


def enforce(*, now: datetime) -> int:
    """Switch off what clients may not have any more, and end what waits for them against it; return how many went off.

    What waits for one that is off already is ended too: switched on again, it would be told.
    """
    ended = 0
    for endpoint in WebhookEndpoint.objects.exclude(client="").order_by("pk"):
        scopes = scopes_of(endpoint.client)
        with transaction.atomic():
            if endpoint.state != WebhookEndpoint.State.OFF and (why := _fault(endpoint, scopes)):
                webhook_endpoints.switch_off(endpoint, reason=why, by=None, now=now)
                ended += 1
            if refused := _refused(scopes):
                _give_up(endpoint, refused, now=now)
    return ended


def _refused(scopes: set[str]) -> list[str]:
    return lacking((kind.name for kind in webhook_kinds.all_kinds()), scopes)


def _fault(endpoint: WebhookEndpoint, scopes: set[str]) -> str:
    if not scopes:
        return Off.NO_KEY
    if ApiKey.Scope.WEBHOOKS not in scopes:
        return Off.NO_WEBHOOKS
    if refused := lacking(endpoint.events, scopes):
        return f"{Off.NO_SCOPE}: {', '.join(refused)}"
    return ""


def _give_up(endpoint: WebhookEndpoint, refused: list[str], *, now: datetime) -> None:
    """End what waits of these kinds."""
    waiting = endpoint.deliveries.filter(state=WebhookDelivery.State.WAITING, event__kind__in=refused)
    waiting.update(state=WebhookDelivery.State.GIVEN_UP, ended_at=now, last_error=Fault.NOT_ALLOWED)

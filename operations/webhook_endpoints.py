"""The one write path of webhook endpoints: made, changed, paused, switched off and on, and tested.

API, admin and commands call it. Who may be told of what is the caller's to ask (`webhook_kinds.Kind.scope`).
"""

import secrets
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack
from uuid import uuid4

from django.conf import settings
from django.core.validators import validate_slug
from django.db import transaction
from django.forms import ValidationError

from operations import audit, public_addresses, standard_webhooks, webhook_addresses, webhook_deletion, webhook_kinds
from operations.advisory_locks import Work, wait_for
from operations.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from operations.sealing import seal, unseal
from operations.webhook_refusals import BadAddress, Off, UnknownKind, WebhookRefusal, WebhookRefused

State = WebhookEndpoint.State
# Both secrets sign for so long, so that the receiver changes them without a gap.
OVERLAP = timedelta(days=1)
MOST_OF_A_CLIENT = 20
LONGEST_NAME = 100
# How long saving waits for the name to be resolved.
SECONDS_TO_RESOLVE = 3.0
# What an operator sends to try an endpoint; nobody is told of it otherwise.
TEST = "webhook.test"

RandomBytes = Callable[[int], bytes]


class Fields(TypedDict, total=False):
    """What of an endpoint can be changed."""

    name: str
    url: str
    events: Collection[str]
    segments: Collection[str]


def create(  # noqa: PLR0913 - what an endpoint is, by keyword
    *,
    name: str,
    url: str,
    events: Collection[str],
    segments: Collection[str] = (),
    client: str = "",
    by: audit.Actor,
    now: datetime,
    chance: RandomBytes = secrets.token_bytes,
) -> tuple[WebhookEndpoint, str]:
    """Make an endpoint that is on; return it and its secret, which cannot be shown again.

    `client` is who made it through the API, "" the admin. Raises WebhookRefused (BadAddress, UnknownKind).
    """
    checked = _checked({"name": name, "url": url, "events": events, "segments": segments})
    secret = standard_webhooks.new_secret(chance(standard_webhooks.SECRET_BYTES))
    with transaction.atomic():
        if client:
            _leave_room_for_one_more(client)
        endpoint = WebhookEndpoint.objects.create(
            **checked, client=client, sealed_secret=seal(secret), state=State.ON, created_at=now
        )
        audit.record("webhook.created", endpoint, by=by, now=now, changes=_told(checked))
    return endpoint, secret


def change(endpoint: WebhookEndpoint, *, by: audit.Actor, now: datetime, **wanted: Unpack[Fields]) -> WebhookEndpoint:
    """Change the fields that are named; return the endpoint as it is then. Raises WebhookRefused."""
    checked = _checked(wanted)
    with transaction.atomic():
        held = _held(endpoint)
        changes = {name: [getattr(held, name), value] for name, value in checked.items()}
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        if changes:
            for name, (_before, value) in changes.items():
                setattr(held, name, value)
            held.save(update_fields=list(changes))
            audit.record("webhook.changed", held, by=by, now=now, changes=changes)
    return held


def rotate_secret(
    endpoint: WebhookEndpoint, *, by: audit.Actor, now: datetime, chance: RandomBytes = secrets.token_bytes
) -> tuple[WebhookEndpoint, str]:
    """Give the endpoint a new secret, which cannot be shown again; the one before signs too, for OVERLAP.

    Rotated again within that time, the one that was earlier already signs no more.
    """
    secret = standard_webhooks.new_secret(chance(standard_webhooks.SECRET_BYTES))
    with transaction.atomic():
        held = _held(endpoint)
        held.earlier_sealed, held.earlier_until = held.sealed_secret, now + OVERLAP
        held.sealed_secret = seal(secret)
        held.save(update_fields=["sealed_secret", "earlier_sealed", "earlier_until"])
        audit.record("webhook.secret_rotated", held, by=by, now=now)
    return held, secret


def signing_secrets(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """Return the secrets that sign now, the newest first. One that cannot be unsealed is missing."""
    sealed = [endpoint.sealed_secret]
    if endpoint.earlier_until is not None and endpoint.earlier_until > now:
        sealed.append(endpoint.earlier_sealed)
    return [secret for each in sealed if (secret := unseal(each)) is not None]


def pause(endpoint: WebhookEndpoint, *, by: audit.Actor, now: datetime) -> WebhookEndpoint:
    """Tell it nothing new and send nothing, until it is switched on again. What waits is kept."""
    return _moved(endpoint, {State.ON}, State.PAUSED, "webhook.paused", by=by, now=now)


def switch_on(endpoint: WebhookEndpoint, *, by: audit.Actor, now: datetime) -> WebhookEndpoint:
    """Tell it of what happens from now on, and send what waited, at once. Of one that is on: try again at once."""
    with transaction.atomic():
        held = _moved(endpoint, {State.PAUSED, State.OFF}, State.ON, "webhook.switched_on", by=by, now=now)
        held.failing_since = held.resting_until = None
        held.save(update_fields=["failing_since", "resting_until"])
        waiting = WebhookDelivery.objects.filter(endpoint=held, state=WebhookDelivery.State.WAITING)
        waiting.filter(due_at__gt=now).update(due_at=now)
    return held


def switch_off(endpoint: WebhookEndpoint, *, by: audit.Actor, now: datetime, reason: str | Off) -> WebhookEndpoint:
    """Tell it nothing and send nothing. What waits is kept. `by` is None where it switched itself off."""
    states = {State.ON, State.PAUSED}
    return _moved(endpoint, states, State.OFF, "webhook.switched_off", by=by, now=now, reason=str(reason)[:300])


@transaction.atomic
def delete(endpoint: WebhookEndpoint, *, by: audit.Actor, now: datetime) -> None:
    """Take the endpoint away, with its secrets, from everybody at once; jobs delete what is left of it.

    Neither waits for those who tell it something at this moment, nor do they wait.
    """
    held = _held(endpoint)
    held.state, held.off_reason, held.deleted_at = State.OFF, "", now
    held.sealed_secret, held.earlier_sealed, held.earlier_until = "", "", None
    held.save(update_fields=["state", "off_reason", "deleted_at", "sealed_secret", "earlier_sealed", "earlier_until"])
    audit.record("webhook.deleted", held, by=by, now=now, changes={"url": [held.url, None]})
    webhook_deletion.begin(held.pk)


@transaction.atomic
def test_event(endpoint: WebhookEndpoint, *, by: audit.Actor, now: datetime) -> WebhookDelivery:
    """Send the endpoint an event of no meaning, once; return its delivery. Raises WebhookRefused unless it is on."""
    held = _held(endpoint)
    if held.state != State.ON:
        raise WebhookRefused(WebhookRefusal.NOT_ON)
    # Who tests has just mended something: the endpoint's rest is over.
    held.resting_until = None
    held.save(update_fields=["resting_until"])
    event = WebhookEvent.objects.create(
        message_id=f"msg_{uuid4().hex}", kind=TEST, data={"webhook": held.pk, "name": held.name}, occurred_at=now
    )
    audit.record("webhook.tested", held, by=by, now=now)
    return WebhookDelivery.objects.create(endpoint=held, event=event, due_at=now, created_at=now)


test_event.__test__ = False  # type: ignore[attr-defined] # pytest: it only sounds like a test


def check_url(url: str) -> None:
    """Raise BadAddress for an address that nothing is sent to. A name that is not known yet passes: it may be soon."""
    private = settings.WEBHOOKS_TO_PRIVATE
    target = webhook_addresses.target_of(url, plain=private)
    try:
        public_addresses.resolve(target.host, target.port, seconds=SECONDS_TO_RESOLVE, private=private)
    except public_addresses.NotPublic:
        # Without the address: whoever may make webhooks is not told what names stand for in this network.
        raise BadAddress(WebhookRefusal.NOT_PUBLIC) from None
    except public_addresses.NotResolved:
        return


def _checked(wanted: Fields) -> dict[str, Any]:
    """Return the fields as they are stored. Raises WebhookRefused."""
    checked: dict[str, Any] = {}
    if "name" in wanted:
        checked["name"] = _checked_name(wanted["name"])
    if "events" in wanted:
        checked["events"] = _checked_kinds(wanted["events"])
    if "segments" in wanted:
        checked["segments"] = _checked_segments(wanted["segments"])
    if "url" in wanted:
        checked["url"] = wanted["url"].strip()
        check_url(checked["url"])
    return checked


def _checked_name(name: str) -> str:
    if not (stripped := name.strip()):
        raise WebhookRefused(WebhookRefusal.NO_NAME, field="name")
    if len(stripped) > LONGEST_NAME or not stripped.isprintable():
        raise WebhookRefused(WebhookRefusal.NAME_TOO_LONG, field="name")
    return stripped


def _checked_kinds(names: Iterable[str]) -> list[str]:
    wanted = sorted(set(names))
    if not wanted:
        raise WebhookRefused(WebhookRefusal.NO_EVENTS, field="events")
    for name in wanted:
        if webhook_kinds.find(name) is None:
            raise UnknownKind(name)
    return wanted


def _checked_segments(keys: Iterable[str]) -> list[str]:
    wanted = sorted(set(keys))
    for key in wanted:
        try:
            validate_slug(key)
        except ValidationError:
            raise WebhookRefused(WebhookRefusal.BAD_SEGMENT, field="segments", given=key[:50]) from None
        if len(key) > 50:
            raise WebhookRefused(WebhookRefusal.BAD_SEGMENT, field="segments", given=key[:50])
    return wanted


def _leave_room_for_one_more(client: str) -> None:
    """Every fact is written down once for each endpoint that is told of it: a client may not have any number."""
    wait_for(Work.WEBHOOK_ENDPOINTS)
    if WebhookEndpoint.objects.filter(client=client).count() >= MOST_OF_A_CLIENT:
        raise WebhookRefused(WebhookRefusal.TOO_MANY)


def _held(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    # Facts that are told of hold the endpoint FOR KEY SHARE until they are committed: only a deletion waits for them.
    return WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)


@transaction.atomic
def _moved(  # noqa: PLR0913 - the move, and what the trail says of it
    endpoint: WebhookEndpoint,
    states: Collection[State],
    state: State,
    action: str,
    *,
    by: audit.Actor,
    now: datetime,
    reason: str = "",
) -> WebhookEndpoint:
    """Move the endpoint from one of the states; from another, leave it as it is."""
    held = _held(endpoint)
    if held.state in states:
        before, held.state, held.off_reason = held.state, state, reason
        held.save(update_fields=["state", "off_reason"])
        audit.record(action, held, by=by, now=now, changes={"state": [before, str(state)]}, reason=reason)
    return held


def _told(checked: dict[str, Any]) -> dict[str, Any]:
    return {name: [None, value] for name, value in checked.items()}

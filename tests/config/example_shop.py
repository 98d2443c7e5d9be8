"""The demo shop, in which each example of the OpenAPI document is sent as it stands there.

What an example names by a number or a time that only a running shop can know is made here, and put in its place:
`MADE` says for an operation what. An operation that another one must come before is in `FIRST` or `LAST`.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import quote

from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from campaigns import callback_secrets, playing
from campaigns.models import Campaign, EnergyDrop, Enrolment, Invitation, Task
from campaigns.offers import reserving
from members.models import Member
from operations import standard_webhooks
from operations.api_keys import create_api_key
from operations.models import ApiKey, WebhookDelivery, WebhookEndpoint, WebhookEvent
from rewards import ledger, receipt_secrets, vouchers
from rewards.awards import grant_award
from rewards.models import Gift, Shipment
from tests.campaigns.scenes import publish_draft

ANN, FRIEND, FARM = "ann-1024", "qm-00001", "new-year-farm"
FIRST = (
    "members_bulk",
    "orders_bulk",
    "order_items_bulk",
    "refunds_bulk",
    "events_bulk",
    "tags_bulk",
    "task_submit",
    "create_webhook",
)
# Lists of what the others have made; and a paid level, which changes the tasks that are there for the member.
LAST = ("awards", "member_awards", "draws", "member_entries", "delete_webhook", "buy_level")
METHODS = {"get": "GET", "post": "POST", "patch": "PATCH", "put": "PUT", "delete": "DELETE"}


@dataclass
class Sent:
    """An example as it is sent: the values of its address, its headers and its body."""

    path: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


def document() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(of: dict[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Return the operations by name as (path, method, operation), in the order in which their examples can be sent."""
    found = {
        operation["operationId"]: (path, METHODS[method], operation)
        for path, methods in of["paths"].items()
        for method, operation in methods.items()
    }
    between = sorted(found.keys() - {*FIRST, *LAST})
    return {name: found[name] for name in (*FIRST, *between, *LAST)}


def open_shop(language: str = "en") -> str:
    """Load the demo and make ready what examples need; return an API key that may do everything."""
    call_command("load_demo", members=200, language=language, stdout=StringIO(), stderr=StringIO())
    return create_api_key("shop", ApiKey.Scope.values)[1]


def send(
    client: Client, key: str, path: str, method: str, operation: dict[str, Any], language: str
) -> tuple[Any, Sent]:
    """Send the example of an operation; return the answer, and what was sent."""
    parameters = operation.get("parameters", [])
    placed = {where: _examples(parameters, where) for where in ("path", "query", "header")}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    sent = Sent(placed["path"], placed["header"], body)
    MADE.get(operation["operationId"], _nothing)(sent, timezone.now())
    address = path.format(**{name: quote(str(value)) for name, value in sent.path.items()})
    headers = {"Accept-Language": language, "Idempotency-Key": secrets.token_hex(8), **sent.headers}
    if "x-scope" in operation:
        headers["Authorization"] = f"Api-Key {key}"
    content = b"" if sent.body is None else json.dumps(sent.body).encode()
    query = "&".join(f"{name}={quote(str(value))}" for name, value in placed["query"].items())
    answer = client.generic(method, address, content, "application/json", QUERY_STRING=query, headers=headers)
    return answer, sent


def _examples(parameters: list[dict[str, Any]], where: str) -> dict[str, Any]:
    return {each["name"]: each["example"] for each in parameters if each["in"] == where and "example" in each}


def _nothing(_sent: Sent, _now: datetime) -> None:
    pass


def _ann() -> Member:
    return Member.objects.get(uid=ANN)


def _own_award(sent: Sent, now: datetime) -> int:
    award = grant_award(Gift.objects.get(slug="coupon-20"), _ann().pk, key=secrets.token_hex(4), source="test", now=now)
    return award.pk


def _award(sent: Sent, now: datetime) -> None:
    sent.path["award_id"] = _own_award(sent, now)


def _voucher(sent: Sent, now: datetime) -> None:
    sent.body = {"voucher": vouchers.voucher_of(_own_award(sent, now))}


def _points(_sent: Sent, now: datetime) -> None:
    ledger.post_entry(_ann().pk, "points", amount=500, key=secrets.token_hex(4), reason="test", now=now)


def _missed_day(sent: Sent, now: datetime) -> None:
    _points(sent, now)
    sent.body = {"day": (timezone.localtime(now) - timedelta(days=1)).date().isoformat()}


def _enrolled(uid: str) -> Enrolment:
    member = Member.objects.get(uid=uid)
    playing.enter_task(member, FARM, "visit", now=timezone.now())
    return Enrolment.objects.get(member=member, campaign__slug=FARM)


def _drop(uid: str, now: datetime) -> int:
    """Return a ripe drop of the member's."""
    times = {"day": now.date(), "matures_at": now - timedelta(hours=1), "withers_at": now + timedelta(days=1)}
    parts = {"source": "0", "key": secrets.token_hex(4), "amount": 100, "remaining": 100}
    return EnergyDrop.objects.create(enrolment=_enrolled(uid), **times, **parts).pk


def _own_drop(sent: Sent, now: datetime) -> None:
    _drop(ANN, now)


def _friends_drop(sent: Sent, now: datetime) -> None:
    inviter, invitee = sorted((_enrolled(ANN), _enrolled(FRIEND)), key=lambda each: each.pk)
    Invitation.objects.get_or_create(
        invitee=invitee, defaults={"inviter": inviter, "task_key": "invite", "invited_at": now}
    )
    sent.body = {"friend": FRIEND, "drop": _drop(FRIEND, now)}


def _group(sent: Sent, now: datetime) -> None:
    opened = reserving.open_group(Member.objects.get(uid=FRIEND), FARM, sent.path["key"], now=now)
    sent.body = {"group": opened.group.code}


def _claimable(sent: Sent, now: datetime) -> None:
    campaign = Campaign.objects.get(slug=FARM)
    Task.objects.filter(campaign=campaign, key=sent.path["key"]).update(claim_mode=Task.ClaimMode.BY_HAND)
    publish_draft(campaign, now=now)
    playing.submit(_ann(), FARM, sent.path["key"], {}, now=now)


def _signed(sent: Sent, now: datetime) -> None:
    campaign = Campaign.objects.get(slug=FARM)
    _enrolled(ANN)
    secret = callback_secrets.issue(campaign, sent.path["key"], earlier_until=now, by=None, now=now)
    _sign(sent, secret, now)


def _sign(sent: Sent, secret: str, now: datetime) -> None:
    stamp = int(now.timestamp())
    signature = standard_webhooks.signature(secret, "msg_1", stamp, json.dumps(sent.body).encode())
    sent.headers |= {"webhook-id": "msg_1", "webhook-timestamp": str(stamp), "webhook-signature": signature}


def _receipt(sent: Sent, now: datetime) -> None:
    parcel = Shipment.objects.filter(state=Shipment.State.EXPORTED).earliest("pk")
    sent.body = sent.body | {"award": parcel.award_id}
    _sender, secret = receipt_secrets.issue("warehouse", provider="", by=None, now=now)
    _sign(sent, secret, now)


def _webhook(sent: Sent, _now: datetime) -> None:
    sent.path["webhook_id"] = WebhookEndpoint.objects.latest("pk").pk


def _delivery(sent: Sent, now: datetime) -> None:
    """Name a delivery that was given up, of an event that the example's client may be told of."""
    _webhook(sent, now)
    event = WebhookEvent.objects.create(
        message_id=f"msg_{secrets.token_hex(16)}",
        kind="draw.made",
        member_id=_ann().pk,
        data={"uid": ANN},
        occurred_at=now,
    )
    times = {"due_at": now, "created_at": now, "ended_at": now}
    sent.path["delivery_id"] = WebhookDelivery.objects.create(
        endpoint_id=sent.path["webhook_id"], event=event, member_id=event.member_id, state="given_up", **times
    ).pk


MADE: dict[str, Callable[[Sent, datetime], None]] = {
    "redeem_award": _award,
    "redeem_award_by_number": _voucher,
    "mall_order": _points,
    "task_make_up": _missed_day,
    "member_energy": _own_drop,
    "collect_energy": _own_drop,
    "help_with_energy": _friends_drop,
    "steal_energy": _friends_drop,
    "join_offer_group": _group,
    "task_claim": _claimable,
    "callback": _signed,
    "delivery_receipt": _receipt,
    "webhook": _webhook,
    "change_webhook": _webhook,
    "delete_webhook": _webhook,
    "rotate_webhook_secret": _webhook,
    "webhook_deliveries": _delivery,
    "webhook_delivery": _delivery,
    "replay_webhook_delivery": _delivery,
    "replay_webhook": _webhook,
    "test_webhook": _webhook,
}

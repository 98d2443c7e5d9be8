"""Receipts as their senders post them, each with one call."""

import json
from datetime import datetime

from django.utils import timezone

from operations.standard_webhooks import signature
from rewards import receipt_secrets
from rewards.models import ReceiptSender

ADDRESS = "/api/v1/callbacks/deliveries/"


class Sender:
    """One who signs receipts; `provider` is "" for who tells of parcels."""

    def __init__(self, client, *, name: str = "", provider: str = "", now: datetime | None = None):
        self.client = client
        self.row, self.secret = receipt_secrets.issue(
            name or provider or "warehouse", provider=provider, by=None, now=now or timezone.now()
        )
        self.number = 0

    def tell(self, body, *, message: str = "", at: datetime | None = None, secret: str = "", client=None, **headers):
        """Post a signed receipt, each under a webhook-id of its own unless one is given."""
        self.number += 1
        message = message or f"{self.row.name}-{self.number}"
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        moment = int((at or timezone.now()).timestamp())
        given = {
            "webhook-id": message,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(secret or self.secret, message, moment, sent),
        } | headers
        return (client or self.client).post(ADDRESS, sent, content_type="application/json", headers=given)


def told(answer) -> tuple[int, str]:
    """Return the status, and how it stands or why it was refused."""
    said = answer.json()
    return answer.status_code, said.get("code") or said["state"]


def reread(sender: Sender) -> ReceiptSender:
    return ReceiptSender.objects.get(pk=sender.row.pk)

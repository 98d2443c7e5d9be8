"""How API and admin show what webhooks tell, and moments where there is little room."""

import json
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from operations.models import WebhookEvent
from operations.webhook_messages import body_of


def short(moment: datetime | None) -> str:
    """Return day and minute, "–" for never."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M}"


def payload(event: WebhookEvent) -> dict[str, Any]:
    """Return what an event says to its receivers."""
    return json.loads(body_of(event.kind, event.occurred_at, json.dumps(event.data)))

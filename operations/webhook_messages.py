"""What a webhook says and how it is signed, as Standard Webhooks has it. Pure.

The body is `{"type": KIND, "timestamp": TIME OF THE FACT, "data": {…}}`, the same bytes at every try and replay.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from operations.standard_webhooks import signature


def body_of(kind: str, occurred_at: datetime, data: str) -> bytes:
    """Return the body. `data` is JSON as `jsonb` writes it: in one order of keys, and with every digit of a number."""
    moment = occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f'{{"type":{json.dumps(kind)},"timestamp":"{moment}","data":{data}}}'.encode()


def headers_of(message_id: str, body: bytes, secrets: Iterable[str], *, now: datetime) -> dict[str, str]:
    """Return the headers of one try at `now`: signed with each of the secrets, so that one can be changed in peace."""
    timestamp = int(now.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "Qianmian-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(each, message_id, timestamp, body) for each in secrets),
    }

"""Webhooks that come in, checked as Standard Webhooks says (standardwebhooks.com). Pure.

The sender signs `ID.TIMESTAMP.BODY` with HMAC-SHA256 under a secret that is written `whsec_` and base64, and sends the
headers `webhook-id`, `webhook-timestamp` (seconds since 1970) and `webhook-signature`: one or more `v1,BASE64` with
spaces between, so that a secret can be changed without a gap.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

PREFIX = "whsec_"
SECRET_BYTES = 32
LONGEST_ID = 200
# How far the sender's clock may be from ours. What is older may be a replay, and is refused.
TOLERANCE = timedelta(minutes=5)


class Fault(StrEnum):
    """Why a request is not taken for the sender's."""

    UNSIGNED = "webhook_unsigned"
    FORGED = "webhook_forged"
    TOO_OLD = "webhook_too_old"
    TOO_EARLY = "webhook_too_early"


class NotAuthentic(Exception):
    """The request does not come from who knows the secret, or not now."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def new_secret(random_bytes: bytes) -> str:
    """Return the secret that these SECRET_BYTES bytes are, as people copy it."""
    return PREFIX + base64.b64encode(random_bytes).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return what stands in `webhook-signature`."""
    signed = hmac.digest(_key(secret), b".".join([message_id.encode(), b"%d" % timestamp, body]), "sha256")
    return f"v1,{base64.b64encode(signed).decode()}"


def authentic_id(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], *, now: datetime) -> str:
    """Return the id of a request that one of the secrets signed, within the tolerance of `now`. Raises NotAuthentic.

    The signature is looked at before the time: who does not know the secret learns nothing of our clock.
    """
    message_id, written, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (message_id and written and given) or not _is_id(message_id) or not _is_moment(written):
        raise NotAuthentic(Fault.UNSIGNED)
    timestamp = int(written)
    offered = [each.encode() for each in given.split(" ")]
    wanted = [signature(secret, message_id, timestamp, body).encode() for secret in secrets]
    if not any(hmac.compare_digest(one, other) for one in offered for other in wanted):
        raise NotAuthentic(Fault.FORGED)
    sent = datetime.fromtimestamp(timestamp, tz=now.tzinfo)
    if sent < now - TOLERANCE:
        raise NotAuthentic(Fault.TOO_OLD)
    if sent > now + TOLERANCE:
        raise NotAuthentic(Fault.TOO_EARLY)
    return message_id


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret of a webhook is whsec_ and base64") from error


def _is_id(message_id: str) -> bool:
    return len(message_id) <= LONGEST_ID and message_id.isascii() and message_id.isprintable()


def _is_moment(written: str) -> bool:
    # Ten digits reach the year 2286.
    return written.isascii() and written.isdecimal() and len(written) <= 10

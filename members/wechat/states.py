"""The `state` that goes to the provider and comes back: begun here, in this browser, lately, for this page, once.

It is hexadecimal, since WeChat takes letters and digits only: a random number, the moment at which it ends, a mark of
the browser, and a keyed hash over all of them and the page to come back to. The browser holds a random text of its
own in a cookie that only the two addresses of the sign-in see. Without that mark, a link with somebody else's code
would sign the visitor in as them (login CSRF).
"""

import hmac
import secrets
import struct
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import IntegrityError, transaction

from members.models import UsedToken
from operations.sealing import derived_key

LIFE = timedelta(minutes=10)
# Beside the prefixes of API keys, none of which looks like this.
CLIENT = "wechat sign-in"
_PURPOSE = b"qianmian: states of sign-in at a provider"
_HEAD = struct.Struct(">12sI8s")
_HASH = 16
DIGITS = 2 * (_HEAD.size + _HASH)


class StateFault(StrEnum):
    FORGED = "forged"
    EXPIRED = "expired"
    OTHER_BROWSER = "other_browser"
    USED = "used"


class StateRefused(Exception):
    def __init__(self, fault: StateFault) -> None:
        super().__init__(fault)
        self.fault = fault


def new_browser() -> str:
    return secrets.token_hex(16)


def begin(browser: str, onward: str, *, now: datetime) -> str:
    """Return a state for a sign-in that begins now in `browser` and leads on to `onward`."""
    head = _HEAD.pack(secrets.token_bytes(12), int((now + LIFE).timestamp()), _mark(_keys()[0], browser))
    return (head + _hash(_keys()[0], head, onward)).hex()


def finish(state: str, browser: str, onward: str, *, now: datetime) -> None:
    """Check the state and use it up. Raises StateRefused."""
    key, head = _genuine(state, onward)
    _number, ends, mark = _HEAD.unpack(head)
    if ends <= now.timestamp():
        raise StateRefused(StateFault.EXPIRED)
    if not hmac.compare_digest(mark, _mark(key, browser)):
        raise StateRefused(StateFault.OTHER_BROWSER)
    # The unique constraint decides who is first; a look beforehand would let two in.
    try:
        with transaction.atomic():
            UsedToken.objects.create(client=CLIENT, jti=state, expires_at=datetime.fromtimestamp(ends, UTC))
    except IntegrityError:
        raise StateRefused(StateFault.USED) from None


def _genuine(state: str, onward: str) -> tuple[bytes, bytes]:
    """Return the key that made the state, and what it says. Raises StateRefused."""
    try:
        # A state has one spelling: another would be another row of those used.
        whole = bytes.fromhex(state) if len(state) == DIGITS and state == state.lower() else b""
    except ValueError:
        whole = b""
    head, given = whole[: _HEAD.size], whole[_HEAD.size :]
    for key in _keys():
        if whole and hmac.compare_digest(given, _hash(key, head, onward)):
            return key, head
    raise StateRefused(StateFault.FORGED)


def _mark(key: bytes, browser: str) -> bytes:
    return hmac.digest(key, b"browser:" + browser.encode(), "sha256")[:8]


def _hash(key: bytes, head: bytes, onward: str) -> bytes:
    return hmac.digest(key, b"state:" + head + onward.encode(), "sha256")[:_HASH]


def _keys() -> list[bytes]:
    return [derived_key(key, _PURPOSE) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]

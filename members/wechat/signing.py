"""The signature by which a page may speak to the browser of WeChat (JS-SDK 使用权限签名算法)."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from members.wechat import tickets
from members.wechat.account import Account

BELOW = "/h5/"
_LONGEST = 2_000


class ShareSigner(Protocol):
    def sign(self, url: str, *, now: datetime) -> Mapping[str, str | int] | None:
        """Return what the page's script hands to the browser, or None where nothing can be signed for now."""


class JsSdkSigner:
    """`ShareSigner`, for one official account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def sign(self, url: str, *, now: datetime) -> Mapping[str, str | int] | None:
        ticket = tickets.ticket(self._account, now=now)
        if ticket is None:
            return None
        nonce, moment = secrets.token_hex(8), int(now.timestamp())
        signed = signature(ticket, nonce=nonce, timestamp=moment, url=url)
        return {"appId": self._account.app_id, "timestamp": moment, "nonceStr": nonce, "signature": signed}


def signature(ticket: str, *, nonce: str, timestamp: int, url: str) -> str:
    """Return WeChat's signature of `url`, which has no fragment: 40 hexadecimal digits.

    The hash is WeChat's choice; the ticket in it is the secret.
    """
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def is_ours(url: str, host: str) -> bool:
    """Tell whether `url` is a page of the participants on `host`: nothing else is signed."""
    if len(url) > _LONGEST or not url.isprintable() or "#" in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc == host and parts.path.startswith(BELOW)

"""The address of a webhook, taken apart once: what was checked is what is connected to. Pure."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from operations.webhook_refusals import BadAddress, WebhookRefusal

LONGEST = 500
_PORTS = {"https": 443, "http": 80}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
# Letters that the older and the newer way to write a name in ASCII treat differently: they would lead elsewhere.
_AMBIGUOUS = re.compile("[ßς\u200c\u200d]")


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send. `host` is ASCII in lower case, an IPv6 address without brackets; `path` is ready to be sent."""

    is_https: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host.rstrip(".")
        return name if self.port == _PORTS["https" if self.is_https else "http"] else f"{name}:{self.port}"


def target_of(url: str, *, plain: bool = False) -> Target:
    """Take the address apart. Raises BadAddress. `plain` http is for networks that nobody else listens in."""
    if len(url) > LONGEST:
        raise BadAddress(WebhookRefusal.TOO_LONG)
    # Backslashes, spaces and control characters are where two readers of one address differ.
    if not url.isprintable() or any(each in url for each in " \\\u3000"):
        raise BadAddress(WebhookRefusal.NO_ADDRESS)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise BadAddress(WebhookRefusal.NO_ADDRESS) from None
    if parts.scheme not in _PORTS or not parts.netloc:
        raise BadAddress(WebhookRefusal.NO_ADDRESS)
    if parts.scheme == "http" and not plain:
        raise BadAddress(WebhookRefusal.NOT_HTTPS)
    if "@" in parts.netloc:
        raise BadAddress(WebhookRefusal.HAS_CREDENTIALS)
    if "#" in url:
        raise BadAddress(WebhookRefusal.HAS_FRAGMENT)
    query = f"?{parts.query}" if "?" in url else ""
    path = quote((parts.path or "/") + query, safe="/?:@!$&'()*+,;=~%-._")
    return Target(parts.scheme == "https", _ascii_host(host), _port(parts.netloc, parts.scheme), path)


def _port(netloc: str, scheme: str) -> int:
    name, _colon, text = netloc.rpartition("]")[2].partition(":")
    if "[" in netloc and (name or not netloc.startswith("[")):
        raise BadAddress(WebhookRefusal.BAD_HOST)
    if not text:
        return _PORTS[scheme]
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= 65_535):
        raise BadAddress(WebhookRefusal.BAD_PORT)
    return int(text)


def _ascii_host(host: str) -> str:
    # An address with the name of a link ("%eth0") is never public, and a URL writes it in more than one way.
    if "%" in host or _AMBIGUOUS.search(host):
        raise BadAddress(WebhookRefusal.BAD_HOST, given=host)
    try:
        if ":" in host:
            return str(ipaddress.IPv6Address(host))
        name = host.encode("idna").decode("ascii").lower()
    except ValueError:
        raise BadAddress(WebhookRefusal.BAD_HOST, given=host) from None
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.removesuffix(".").split(".")):
        raise BadAddress(WebhookRefusal.BAD_HOST, given=host)
    return name

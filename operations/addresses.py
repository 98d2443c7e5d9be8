"""Who calls: the address behind the proxies, and the ranges of addresses from which a key may be used."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_RANGES = 100
# Of ::ffff:0:0/96, in which IPv6 writes IPv4.
MAPPED_BITS = 96


class BadRange(ValueError):
    """A text is no range of addresses. Its words say which text, and why."""


def address_of(request: HttpRequest) -> str:
    """Return the address of who calls, as `normal_address` writes it; "" where it is not known.

    Each of the PROXIES adds whom it was called by to X-Forwarded-For: what stands before their entries anyone may have
    written. Without proxies nobody's word is taken, only the connection's.
    """
    if not settings.PROXIES:
        return normal_address(str(request.META.get("REMOTE_ADDR", "")))
    named = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return normal_address(named[-settings.PROXIES]) if len(named) >= settings.PROXIES else ""


def known_address_of(request: HttpRequest) -> str | None:
    """Return the same, None where it is not known; how django-axes asks who guesses passwords."""
    return address_of(request) or None


@lru_cache(maxsize=10_000)
def normal_address(text: str) -> str:
    """Return the one way of writing an address, an IPv4 address in IPv6's clothes as itself; "" for any other text."""
    parsed = _parsed(text.strip())
    return "" if parsed is None else str(parsed)


def network_of(address: str) -> str:
    """Return what one household or one machine is given: of IPv6 the /64, else the address itself; "" stays ""."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)).network_address)
    return "" if parsed is None else str(parsed)


def checked_ranges(texts: Iterable[str]) -> list[str]:
    """Return networks in CIDR notation, each once and sorted. Raises BadRange for the first text that is none."""
    networks = {_network(text.strip()) for text in texts}
    if len(networks) > MOST_RANGES:
        raise BadRange(_("At most %(most)d ranges of addresses.") % {"most": MOST_RANGES})
    return [str(network) for network in sorted(networks, key=lambda each: (each.version, each))]


@lru_cache(maxsize=10_000)
def is_within(ranges: tuple[str, ...], address: str) -> bool:
    """Say whether the address lies in one of the ranges. No range at all holds every address; "" lies in none."""
    if not ranges:
        return True
    parsed = _parsed(address)
    return parsed is not None and any(parsed in ipaddress.ip_network(each) for each in ranges)


def _parsed(text: str) -> Address | None:
    try:
        # Without the zone of a link-local address, which names a card of this machine.
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise BadRange(_why(text)) from None
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < MAPPED_BITS:
        return network
    return ipaddress.ip_network((mapped, network.prefixlen - MAPPED_BITS))


def _why(text: str) -> str:
    shown = {"text": text[:50]}
    try:
        meant = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return _("“%(text)s” is no address and no range such as 203.0.113.0/24 or 2001:db8::/32.") % shown
    return _("“%(text)s” is an address within a range. Write the range as %(meant)s.") % (shown | {"meant": meant})

"""Which network addresses are public, and what a host's name stands for.

Whoever may name an address to which this house sends could otherwise have it knock at doors that only the inside
reaches: other services of the machine, the cloud's metadata. So every address of a name is judged, and the connection
is made to one that was judged. The ranges are those of IANA's special-purpose registries (RFC 6890 and after).
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# As socket.getaddrinfo: (host, port) → rows whose last column begins with the address.
Lookup = Callable[[str, int], Sequence[tuple[Any, ...]]]

_NOT_PUBLIC_4 = [
    ipaddress.IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by the customers of a carrier; a cloud's metadata
        "127.0.0.0/8",  # this machine
        "168.63.129.16/32",  # the host of a virtual machine in Azure
        "169.254.0.0/16",  # link-local; clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # of protocols; a cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # the way to 6to4, given up
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # for measuring
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
]
# Of IPv6 only what is given out as global unicast, without these.
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = [
    ipaddress.IPv6Network(each)
    for each in (
        "2001::/23",  # of protocols: Teredo, which hides an address within, ORCHID, measuring
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_6TO4 = ipaddress.IPv6Network("2002::/16")


class NotResolved(Exception):
    """The name stands for no address, or nobody said so in time."""


class NotPublic(Exception):
    """The name stands for an address that is not public; `address` is the first such."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def is_public(address: Address) -> bool:
    """Tell whether the address belongs to the public internet. One that stands for an IPv4 address is judged as it."""
    if isinstance(address, ipaddress.IPv6Address):
        if (within := _ipv4_within(address)) is not None:
            return is_public(within)
        return address in _GLOBAL_6 and not any(address in network for network in _NOT_PUBLIC_6)
    return not any(address in network for network in _NOT_PUBLIC_4)


def resolve(
    host: str,
    port: int,
    *,
    seconds: float,
    private: bool = False,
    lookup: Lookup | None = None,
) -> list[str]:
    """Return the addresses to which a connection to `host` may be made, in the order in which to try them.

    All of them have to be public, unless `private` addresses are wanted. Raises NotResolved, after at most so many
    seconds, and NotPublic.
    """
    found: dict[str, None] = {}
    for row in _looked_up(host, port, seconds=seconds, lookup=lookup or _getaddrinfo):
        # Of 'fe80::1%eth0', the part that tells the link.
        address = str(row[4][0])
        if not private and not is_public(ipaddress.ip_address(address.partition("%")[0])):
            raise NotPublic(address)
        found[address] = None
    if not found:
        raise NotResolved(host)
    return list(found)


def _ipv4_within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour if address in _6TO4 else None


def _looked_up(host: str, port: int, *, seconds: float, lookup: Lookup) -> Sequence[tuple[Any, ...]]:
    """Ask in a thread: a silent name server would hold the caller for half a minute, and cannot be told less."""
    answers: list[Sequence[tuple[Any, ...]] | Exception] = []

    def ask() -> None:
        try:
            answers.append(lookup(host, port))
        except (OSError, UnicodeError) as error:
            answers.append(error)

    asking = Thread(target=ask, name="resolving", daemon=True)
    asking.start()
    asking.join(seconds)
    if not answers:
        raise NotResolved(f"{host}: no answer within {seconds:g} s")
    if isinstance(answers[0], Exception):
        raise NotResolved(f"{host}: {answers[0]}") from answers[0]
    return answers[0]


def _getaddrinfo(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)

"""From where a participant plays: the device, known by a cookie, and the address. Both only as keyed hashes.

The hash of an address is of one day (UTC): nobody is followed from one day to the next by it.
"""

import hmac
import ipaddress
import secrets
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from campaigns.entering import Origin
from campaigns.models.fraud import HASH_DIGITS
from members.participants import PATH
from operations.addresses import address_of, network_of
from operations.sealing import derived_key

COOKIE = "device"
# The longest that browsers keep one.
MAX_AGE = 400 * 24 * 3600
_SALT = "campaigns.origins"
_PURPOSE = b"qianmian: devices and addresses of participants"
_LONGEST = 200


def origin_of(request: HttpRequest, *, now: datetime) -> Origin:
    """The origin of a request for an H5 page. A device is known from the second request on."""
    known = _device_of(request)
    return Origin(_hashed(f"cookie:{known}") if known else "", hashed_address(address_of(request), now=now))


def origin_named(device: str, address: str, *, now: datetime) -> Origin | None:
    """The origin that an API client names for its participant; None where it names none.

    Raises ValueError for a device of more than 200 characters and an address that is none.
    """
    if len(device) > _LONGEST:
        raise ValueError("the device is too long")
    if address:
        ipaddress.ip_address(address)
    if not device and not address:
        return None
    return Origin(_hashed(f"api:{device}") if device else "", hashed_address(address, now=now))


def keep_device(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give the browser a device of its own, unless it has one."""
    if _device_of(request):
        return
    response.set_signed_cookie(
        COOKIE,
        secrets.token_urlsafe(16),
        salt=_SALT,
        max_age=MAX_AGE,
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=not settings.LOCAL_HTTP,
    )


def hashed_address(address: str, *, now: datetime) -> str:
    """The hash of an address, for IPv6 of its /64: that is what one household or one telephone is given."""
    network = network_of(address)
    return _hashed(f"{now.astimezone(UTC).date()}:{network}") if network else ""


def _device_of(request: HttpRequest) -> str:
    return str(request.get_signed_cookie(COOKIE, default="", salt=_SALT))


def _hashed(text: str) -> str:
    return hmac.digest(derived_key(settings.SECRET_KEY, _PURPOSE), text.encode(), "sha256").hex()[:HASH_DIGITS]

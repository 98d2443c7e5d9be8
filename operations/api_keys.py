"""API clients: who calls, what they may call and from where, and the secret with which they sign participants in."""

import hashlib
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from operations import audit, throttling
from operations.addresses import address_of, checked_ranges, is_within
from operations.models import ApiKey
from operations.sealing import seal, unseal

# A revoked key is refused within this many seconds; between checks a request costs one hash and one look-up.
TRUSTED_SECONDS = 5.0
CACHED_KEYS = 1_000
USE_NOTED_EVERY = timedelta(minutes=1)


class UnknownScope(ValueError):
    """A key was asked for with a scope that does not exist."""


@dataclass(frozen=True)
class ApiClient:
    """The principal of an API request, as far as REST framework needs one. `name` outlives each key of the client."""

    name: str
    is_authenticated: bool = True
    is_active: bool = True
    is_staff: bool = False

    @property
    def pk(self) -> str:
        return self.name

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Signer:
    """Who signs participants in with a key, and the secret that goes with it."""

    client: str
    secret: str


_trusted: dict[bytes, tuple[ApiKey, float]] = {}


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key PREFIX.SECRET`; `request.auth` is the ApiKey."""

    def authenticate(self, request: Request) -> tuple[ApiClient, ApiKey] | None:
        keyword, _space, presented = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if keyword.lower() != "api-key":
            return None
        address = address_of(request)
        key = valid_key(presented.strip(), address=address, clock=time.monotonic())
        if key is None:
            throttling.refuse_guessing(address, now=timezone.now())
            raise AuthenticationFailed(_("The API key is unknown, revoked or expired."))
        if not may_come_from(key, address):
            words = _("This API key may not be used from the address %(address)s.") % {"address": address or "?"}
            raise PermissionDenied(words, code="address_not_allowed")
        return ApiClient(key.client), key

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


class HasScope(BasePermission):
    """Admits an API key that has the view's `scope`. A view that names no scope admits nobody."""

    def has_permission(self, request: Request, view: object) -> bool:
        key = request.auth
        if not isinstance(key, ApiKey):
            return False
        scope = getattr(view, "scope", None)
        if scope is None or scope not in key.scopes:
            raise PermissionDenied(_("The API key lacks the scope for this call."), code="scope_missing")
        return True


def client_of(request: Request) -> str:
    """Return the name of the API client that calls, the same whichever of its keys it shows; "" for anybody else."""
    return request.auth.client if isinstance(request.auth, ApiKey) else ""


def may_come_from(key: ApiKey, address: str) -> bool:
    """Say whether the key may be used from an address, as `address_of` gives it."""
    return not key.address_ranges or is_within(tuple(key.address_ranges), address)


def create_api_key(
    name: str, scopes: Iterable[str], *, expires: datetime | None = None, address_ranges: Iterable[str] = ()
) -> tuple[ApiKey, str, str]:
    """Return the key's row, the plain key and the signing secret. Neither can be shown again.

    Raises UnknownScope, and `addresses.BadRange` for a range that is none.
    """
    wanted = sorted(set(scopes))
    if unknown := set(wanted) - set(ApiKey.Scope.values):
        raise UnknownScope(f"unknown scope: {', '.join(sorted(unknown))}")
    key = ApiKey(name=name, scopes=wanted, expiry_date=expires, address_ranges=checked_ranges(address_ranges))
    return key, *issue(key)


def issue(key: ApiKey) -> tuple[str, str]:
    """Save a new key; return the plain key and the signing secret, of which only a hash and a sealed copy are kept.

    A key without a client is the first of its own.
    """
    signing = secrets.token_urlsafe(32)
    plain = ApiKey.objects.assign_key(key)
    key.client = key.client or key.prefix
    key.sealed_signing_secret = seal(signing)
    key.save(force_insert=True)
    return plain, signing


@transaction.atomic
def revoke(key: ApiKey, *, by: audit.Actor, now: datetime) -> None:
    """Stop the key for good, within TRUSTED_SECONDS. Revoking it again changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, revoked=False).update(revoked=True):
        audit.record("api_key.revoked", key, by=by, now=now)


def signer_of(prefix: str) -> Signer | None:
    """Return who signs tokens with the key of `prefix`, or None if it is not valid (any more)."""
    if not prefix.isalnum() or not prefix.isascii():
        return None
    key = ApiKey.objects.get_usable_keys().filter(prefix=prefix).first()
    if key is None or key.has_expired:
        return None
    secret = unseal(key.sealed_signing_secret)
    return None if secret is None else Signer(key.client, secret)


def signing_secret(prefix: str) -> str | None:
    """Return the secret with which tokens are signed that name the key of `prefix`, or None if it is not valid."""
    signer = signer_of(prefix)
    return None if signer is None else signer.secret


def valid_key(presented: str, *, clock: float, address: str = "") -> ApiKey | None:
    """Return the key if it is known, unrevoked and unexpired, and note from which address it is used.

    `clock` counts seconds from anywhere, forwards only.
    """
    if not presented.isascii() or not presented.isprintable():
        return None
    digest = hashlib.sha256(presented.encode()).digest()
    key, checked_at = _trusted.get(digest, (None, 0.0))
    if key is not None and clock - checked_at < TRUSTED_SECONDS:
        return None if key.has_expired else key
    key = _checked(presented)
    if key is None:
        _trusted.pop(digest, None)
        return None
    if may_come_from(key, address):
        _note_use(key, address, now=timezone.now())
    if len(_trusted) >= CACHED_KEYS:
        _trusted.clear()
    _trusted[digest] = (key, clock)
    return key


def forget_trusted_keys() -> None:
    """Check every key anew at its next use, in this process."""
    _trusted.clear()


def _checked(presented: str) -> ApiKey | None:
    prefix, _dot, _secret = presented.partition(".")
    key = ApiKey.objects.filter(prefix=prefix, revoked=False).first()
    return key if key is not None and key.is_valid(presented) and not key.has_expired else None


def _note_use(key: ApiKey, address: str, *, now: datetime) -> None:
    if key.last_used_at is not None and key.last_used_at >= now - USE_NOTED_EVERY:
        return
    not_noted = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    noted = ApiKey.objects.filter(not_noted, pk=key.pk)
    noted.update(last_used_at=now, last_used_from=address or None)

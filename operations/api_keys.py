"""API clients: who calls, what they may call, and the secret with which they sign participants in."""

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

from operations import audit
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
    """The principal of an API request, as far as REST framework needs one."""

    name: str
    is_authenticated: bool = True
    is_active: bool = True
    is_staff: bool = False

    @property
    def pk(self) -> str:
        return self.name

    def __str__(self) -> str:
        return self.name


_trusted: dict[bytes, tuple[ApiKey, float]] = {}


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key PREFIX.SECRET`; `request.auth` is the ApiKey."""

    def authenticate(self, request: Request) -> tuple[ApiClient, ApiKey] | None:
        keyword, _space, presented = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if keyword.lower() != "api-key":
            return None
        key = valid_key(presented.strip(), clock=time.monotonic())
        if key is None:
            raise AuthenticationFailed(_("The API key is unknown, revoked or expired."))
        return ApiClient(key.prefix), key

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


def create_api_key(name: str, scopes: Iterable[str]) -> tuple[ApiKey, str, str]:
    """Return the key's row, the plain key and the signing secret. Neither can be shown again."""
    wanted = sorted(set(scopes))
    if unknown := set(wanted) - set(ApiKey.Scope.values):
        raise UnknownScope(f"unknown scope: {', '.join(sorted(unknown))}")
    key = ApiKey(name=name, scopes=wanted)
    return key, *issue(key)


def issue(key: ApiKey) -> tuple[str, str]:
    """Save a new key; return the plain key and the signing secret, of which only a hash and a sealed copy are kept."""
    signing = secrets.token_urlsafe(32)
    plain = ApiKey.objects.assign_key(key)
    key.sealed_signing_secret = seal(signing)
    key.save(force_insert=True)
    return plain, signing


@transaction.atomic
def revoke(key: ApiKey, *, by: audit.Actor, now: datetime) -> None:
    """Stop the key for good, within TRUSTED_SECONDS. Revoking it again changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, revoked=False).update(revoked=True):
        audit.record("api_key.revoked", key, by=by, now=now)


def signing_secret(prefix: str) -> str | None:
    """Return the secret with which the client of `prefix` signs tokens, or None if it has no valid key."""
    if not prefix.isalnum() or not prefix.isascii():
        return None
    key = ApiKey.objects.get_usable_keys().filter(prefix=prefix).first()
    if key is None or key.has_expired:
        return None
    return unseal(key.sealed_signing_secret)


def valid_key(presented: str, *, clock: float) -> ApiKey | None:
    """Return the key if it is known, unrevoked and unexpired. `clock` counts seconds from anywhere, forwards only."""
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
    if key is None or not key.is_valid(presented) or key.has_expired:
        return None
    now = timezone.now()
    not_noted = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    if key.last_used_at is None or key.last_used_at < now - USE_NOTED_EVERY:
        ApiKey.objects.filter(not_noted, pk=key.pk).update(last_used_at=now)
    return key

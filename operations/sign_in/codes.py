"""Codes of authenticator apps (RFC 6238) and recovery codes: set up, checked once each, taken away.

Every check locks the user's authenticator, by which it also waits longer after each wrong code: two that come together
are checked one after the other, and the second finds the code used.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django_otp.oath import TOTP

from operations import audit
from operations.models import Authenticator, RecoveryCode
from operations.sealing import derived_key, seal, unseal

KEY_BYTES = 20
# Codes of the half minute before and after are taken too: clocks of telephones are off by that much.
TOLERANCE = 1
DIGITS = 6
RECOVERY_CODES = 10
# Seconds. Whoever knows the password and no code gets that many tries, and the user is not locked out for ever.
LONGEST_WAIT = 15 * 60
# Without what is misread for something else.
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
PURPOSE = b"qianmian: recovery codes of users"
ISSUER = "Qianmian"


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a code was right; if not, how many `seconds` must pass before the next is looked at."""

    right: bool
    seconds: int = 0
    recovery: bool = False


def begin(user: User, *, now: datetime) -> Authenticator:
    """Return the app that the user is setting up, with a new key where none was begun."""
    device, _made = Authenticator.objects.get_or_create(
        user=user, confirmed=False, defaults={"sealed_key": seal(_new_key()), "created_at": now}
    )
    if unseal(device.sealed_key) is None:
        device.sealed_key = seal(_new_key())
        device.save(update_fields=["sealed_key"])
    return device


def typed_key(device: Authenticator) -> str:
    """Return the key as people type it into the app: groups of four letters."""
    text = _key(device).rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address_for_app(device: Authenticator) -> str:
    """Return the address that the QR code holds. https://github.com/google/google-authenticator/wiki/Key-Uri-Format"""
    asked = {"secret": _key(device).rstrip("="), "issuer": ISSUER, "digits": DIGITS, "period": 30}
    return f"otpauth://totp/{quote(f'{ISSUER}:{device.user.get_username()}')}?{urlencode(asked)}"


@transaction.atomic
def confirm(user: User, code: str, *, now: datetime) -> list[str] | None:
    """Put the app that is being set up into use, in place of the one before; return new recovery codes, shown once.

    None: the code is wrong. The next is looked at without a wait: whoever sets it up was shown the key.
    """
    User.objects.select_for_update().get(pk=user.pk)
    device = Authenticator.objects.select_for_update().filter(user=user, confirmed=False).first()
    if device is None or not _is_right(device, code, now=now):
        return None
    Authenticator.objects.filter(user=user, confirmed=True).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed", "last_step"])
    audit.record("user.two_factor_set_up", user, by=user, now=now)
    return _new_recovery_codes(user)


@transaction.atomic
def renew_recovery_codes(user: User, *, now: datetime) -> list[str]:
    """Make new recovery codes; the old ones are good no more."""
    User.objects.select_for_update().get(pk=user.pk)
    audit.record("user.recovery_codes_renewed", user, by=user, now=now)
    return _new_recovery_codes(user)


@transaction.atomic
def check(user: User, text: str, *, now: datetime) -> Checked:
    """Say whether `text` is a code of the user's app or one of the recovery codes, and use it up."""
    device = Authenticator.objects.select_for_update().filter(user=user, confirmed=True).first()
    if device is None:
        return Checked(False)
    plain = re.sub(r"[\s-]", "", text).lower()
    if plain.isascii() and plain.isdigit() and len(plain) == DIGITS:
        return _check(device, plain, now=now)
    return _check_recovery(device, plain, now=now)


@transaction.atomic
def remove(user: User, *, by: User, now: datetime) -> bool:
    """Take the second factor away, with its recovery codes. False: there was none."""
    User.objects.select_for_update().get(pk=user.pk)
    gone, _of = Authenticator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    if gone:
        audit.record("user.two_factor_removed", user, by=by, now=now)
    return bool(gone)


def unused_recovery_codes(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def _check(device: Authenticator, code: str, *, now: datetime) -> Checked:
    if wait := _wait(device, now):
        return Checked(False, wait)
    if not _is_right(device, code, now=now):
        return _refused(device, now)
    device.throttle_reset()
    return Checked(True)


def _is_right(device: Authenticator, code: str, *, now: datetime) -> bool:
    """Say whether it is a code of now that was not used before, and have `device` hold that it was."""
    key = unseal(device.sealed_key)
    if key is None or not (code.isascii() and code.isdigit() and len(code) == DIGITS):
        return False
    totp = TOTP(base64.b32decode(key), digits=DIGITS)
    totp.time = now.timestamp()
    if not totp.verify(int(code), TOLERANCE, device.last_step + 1):
        return False
    device.last_step = totp.t()
    return True


def _check_recovery(device: Authenticator, plain: str, *, now: datetime) -> Checked:
    if wait := _wait(device, now):
        return Checked(False, wait)
    found = RecoveryCode.objects.filter(user=device.user_id, code_hash__in=_hashes(plain), used_at=None)
    if not found.update(used_at=now):
        return _refused(device, now)
    device.throttle_reset()
    audit.record("user.recovery_code_used", device.user, by=device.user, now=now)
    return Checked(True, recovery=True)


def _wait(device: Authenticator, now: datetime) -> int:
    """Return the seconds until a code is looked at again: 1, 2, 4, 8 … after each wrong one, at most LONGEST_WAIT."""
    failed = device.throttling_failure_timestamp
    if failed is None:
        return 0
    asked = min(2 ** min(device.throttling_failure_count - 1, 30), LONGEST_WAIT)
    return max(0, ceil(asked - (now - failed).total_seconds()))


def _refused(device: Authenticator, now: datetime) -> Checked:
    device.throttling_failure_timestamp = now
    device.throttling_failure_count += 1
    device.save(update_fields=["throttling_failure_timestamp", "throttling_failure_count"])
    return Checked(False, _wait(device, now))


def _new_key() -> str:
    return base64.b32encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def _key(device: Authenticator) -> str:
    key = unseal(device.sealed_key)
    if key is None:
        raise ValueError("the key of an authenticator cannot be opened")
    return key


def _new_recovery_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hash(code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _hash(plain: str) -> bytes:
    """Return what is kept of a code: under the first key."""
    return _hashes(plain)[0]


def _hashes(plain: str) -> list[bytes]:
    text = plain.encode("utf-8", "surrogatepass")
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [hmac.digest(derived_key(key, PURPOSE), text, hashlib.sha256) for key in keys]

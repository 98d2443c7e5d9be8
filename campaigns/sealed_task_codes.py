"""Codes of tasks and secrets of callbacks at rest: sealed, and codes found by a keyed hash of how they are read."""

from django.db import transaction
from django.db.models import QuerySet

from campaigns.code_words import folded
from campaigns.models import CallbackSecret, TaskCode
from members.resealing import Resealed
from operations.keyring import Keyring, Stored

CODES = Keyring(b"qianmian: codes of tasks, sealed", b"qianmian: codes of tasks, found")
CODE = "code of a task"
SECRETS = Keyring(b"qianmian: callback secrets, sealed", b"qianmian: callback secrets, found")
SECRET = "callback secret"  # noqa: S105 a kind of value, no secret

SLICE = 500


def opened_code(stored: Stored) -> str | None:
    """Return the code as it was brought in, None where no key of the installation opens it."""
    return CODES.open(CODE, stored)


def sealed_secret(secret: str) -> bytes:
    return SECRETS.seal(SECRET, secret)


def opened_secret(stored: Stored) -> str | None:
    return SECRETS.open(SECRET, stored)


@transaction.atomic
def reseal_codes(after: int, done: Resealed) -> tuple[int, int | None]:
    """Seal the next codes anew: see `members.resealing`."""
    codes = _next(TaskCode.objects.all(), after)
    for code in codes:
        if CODES.is_of_first_key(code.sealed):
            continue
        text = opened_code(code.sealed)
        if text is None:
            done.unreadable += 1
            continue
        done.resealed += 1
        TaskCode.objects.filter(pk=code.pk).update(sealed=CODES.seal(CODE, text), found_by=CODES.hash_of(folded(text)))
    return len(codes), codes[-1].pk if codes else None


@transaction.atomic
def reseal_secrets(after: int, done: Resealed) -> tuple[int, int | None]:
    """Seal the next secrets anew. Whoever changes one at the same time waits at its row."""
    secrets = _next(CallbackSecret.objects.select_for_update(), after)
    for secret in secrets:
        changed = {}
        for name in ("sealed", "earlier_sealed"):
            stored = getattr(secret, name)
            if stored is None or SECRETS.is_of_first_key(stored):
                continue
            text = opened_secret(stored)
            if text is None:
                done.unreadable += 1
            else:
                changed[name] = sealed_secret(text)
        if changed:
            done.resealed += len(changed)
            CallbackSecret.objects.filter(pk=secret.pk).update(**changed)
    return len(secrets), secrets[-1].pk if secrets else None


def _next(rows: QuerySet, after: int) -> list:
    return list(rows.filter(pk__gt=after).order_by("pk")[:SLICE])

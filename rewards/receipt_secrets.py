"""The secrets with which senders of receipts sign: sealed, shown once, changed without a gap."""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from members.resealing import Resealed
from operations import audit
from operations.keyring import Keyring
from operations.standard_webhooks import SECRET_BYTES, new_secret
from rewards.models import ReceiptSender

KEYRING = Keyring(b"qianmian: secrets of receipts, sealed", b"qianmian: secrets of receipts, found")
KIND = "secret of receipts"
# How long the secret before it is still taken, where it was not given away.
OVERLAP = timedelta(hours=24)
HEARD_NOTED_EVERY = timedelta(minutes=1)
SLICE = 500

Chance = Callable[[int], bytes]


@transaction.atomic
def issue(
    name: str, *, provider: str, by: audit.Actor, now: datetime, chance: Chance = secrets.token_bytes
) -> tuple[ReceiptSender, str]:
    """Return a new sender and its secret, which cannot be shown again. `provider` is "" for who tells of parcels."""
    secret = new_secret(chance(SECRET_BYTES))
    about = ReceiptSender.About.PAYMENTS if provider else ReceiptSender.About.PARCELS
    sealed = KEYRING.seal(KIND, secret)
    sender = ReceiptSender.objects.create(name=name, about=about, provider=provider, sealed=sealed, issued_at=now)
    told = {"about": [None, about.value], "provider": [None, provider]}
    audit.record("receipt_sender.issued", sender, by=by, now=now, changes=told)
    return sender, secret


@transaction.atomic
def change(
    sender: ReceiptSender,
    *,
    earlier_until: datetime,
    by: audit.Actor,
    now: datetime,
    chance: Chance = secrets.token_bytes,
) -> str:
    """Return another secret of the sender. The one before it is taken until `earlier_until`."""
    # The row keeps two who change it at once apart: each would show a secret, and only one be kept.
    held = ReceiptSender.objects.select_for_update(no_key=True).get(pk=sender.pk)
    secret = new_secret(chance(SECRET_BYTES))
    overlaps = earlier_until > now
    held.earlier_sealed, held.earlier_until = (held.sealed, earlier_until) if overlaps else (None, None)
    held.sealed, held.issued_at = KEYRING.seal(KIND, secret), now
    held.save(update_fields=["sealed", "issued_at", "earlier_sealed", "earlier_until"])
    told = {"earlier_until": [None, earlier_until.isoformat() if overlaps else None]}
    audit.record("receipt_sender.changed", held, by=by, now=now, changes=told)
    return secret


def secrets_by_sender(*, now: datetime) -> Iterator[tuple[ReceiptSender, list[str]]]:
    """Yield each sender with the secrets that are taken now."""
    for sender in ReceiptSender.objects.order_by("pk"):
        stored = [sender.sealed]
        if sender.earlier_sealed is not None and sender.earlier_until is not None and now < sender.earlier_until:
            stored.append(sender.earlier_sealed)
        opened = [KEYRING.open(KIND, each) for each in stored]
        yield sender, [secret for secret in opened if secret]


def note_heard(sender: ReceiptSender, *, now: datetime) -> None:
    """Note that the sender was heard, at most once in HEARD_NOTED_EVERY: many receipts at once do not queue here."""
    if sender.last_heard_at is None or sender.last_heard_at < now - HEARD_NOTED_EVERY:
        earlier = Q(last_heard_at=None) | Q(last_heard_at__lt=now - HEARD_NOTED_EVERY)
        ReceiptSender.objects.filter(earlier, pk=sender.pk).update(last_heard_at=now)


@transaction.atomic
def reseal_slice(after: int, done: Resealed) -> tuple[int, int | None]:
    """Seal the next secrets anew: see `members.resealing`. Whoever changes one at the same time waits at its row."""
    senders = list(ReceiptSender.objects.select_for_update().filter(pk__gt=after).order_by("pk")[:SLICE])
    for sender in senders:
        changed = {}
        for name in ("sealed", "earlier_sealed"):
            stored = getattr(sender, name)
            if stored is None or KEYRING.is_of_first_key(stored):
                continue
            text = KEYRING.open(KIND, stored)
            if text is None:
                done.unreadable += 1
            else:
                changed[name] = KEYRING.seal(KIND, text)
        if changed:
            done.resealed += len(changed)
            ReceiptSender.objects.filter(pk=sender.pk).update(**changed)
    return len(senders), senders[-1].pk if senders else None

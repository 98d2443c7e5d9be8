"""Moving sealed coupon codes to the first key: see `members.resealing`."""

from django.db import connection, transaction

from members.resealing import Resealed
from rewards import sealed_codes
from rewards.models import CouponCode

# Small: who claims a code passes over those that are being written, for a few milliseconds.
SLICE = 200

_WRITE = """
    UPDATE rewards_couponcode AS code SET sealed = given.sealed, found_by = given.found_by
    FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS given (id, sealed, found_by)
    WHERE code.id = given.id
"""


@transaction.atomic
def reseal_slice(after: int, done: Resealed) -> tuple[int, int | None]:
    """Seal the next codes anew. They are not locked before: nothing else writes what is written here."""
    codes = list(CouponCode.objects.filter(pk__gt=after).order_by("pk")[:SLICE])
    changed = []
    for code in codes:
        if sealed_codes.KEYRING.is_of_first_key(code.sealed):
            continue
        text = sealed_codes.opened(code.sealed)
        if text is None:
            done.unreadable += 1
        else:
            changed.append((code.pk, *sealed_codes.sealed(text)))
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, list(map(list, zip(*changed, strict=True))))
    done.resealed += len(changed)
    return len(codes), codes[-1].pk if codes else None

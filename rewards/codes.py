"""Coupon codes: bringing them in, finding them, and who is shown one. They are money: see `rewards.sealed_codes`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from operations import audit
from operations.four_eyes import STOCK, SecondPersonNeeded
from rewards import code_text, fixed_gifts, sealed_codes
from rewards.models import Award, CodeBatch, CouponCode, Gift

BATCH = 5_000

ADD = """
    INSERT INTO rewards_couponcode (gift_id, batch_id, sealed, found_by)
    SELECT %s, %s, decode(given.sealed, 'hex'), decode(given.found_by, 'hex')
    FROM unnest(string_to_array(%s, ','), string_to_array(%s, ',')) AS given (sealed, found_by)
    ON CONFLICT (found_by, gift_id) DO NOTHING
"""
# What an older key hashed and nobody has sealed anew yet.
KNOWN_BY_OLDER = "SELECT found_by FROM rewards_couponcode WHERE gift_id = %s AND found_by = ANY(%s::bytea[])"
# A page that shows a code and a reversal that frees it wait for each other here: what does not come back is not shown.
SHOW = """
    UPDATE rewards_couponcode SET shown_at = coalesce(shown_at, %s) WHERE award_id = ANY(%s)
    RETURNING award_id, sealed
"""


class NotACoupon(ValueError):
    """Only coupons with a code of their own have codes."""


@dataclass(slots=True)
class ImportedCodes:
    """What an import did: codes added, codes the gift had already, and lines refused: (number, why)."""

    added: int = 0
    known: int = 0
    refused: list[tuple[int, code_text.Refusal]] = field(default_factory=list)


@transaction.atomic
def import_codes(gift: Gift, lines: Iterable[str], *, by: audit.Actor, now: datetime) -> ImportedCodes:
    """Add a code per line. Empty lines are passed over; importing the same lines again adds nothing.

    For what somebody typed; files go through `rewards.code_batches`, and so does what needs a second person. Raises
    NotACoupon, SecondPersonNeeded.
    """
    lock_codes_of(gift)
    if fixed_gifts.codes_need_two(gift, by):
        raise SecondPersonNeeded([STOCK])
    result = ImportedCodes()
    good: list[str] = []
    for number, line in enumerate(lines, start=1):
        code = line.strip()
        if why := code_text.refusal(code):
            result.refused.append((number, why))
        elif code:
            good.append(code)
    for start in range(0, len(good), BATCH):
        result.added += add_codes(gift.pk, good[start : start + BATCH])
    result.known = len(good) - result.added
    if result.added:
        audit.record("gift.codes_imported", gift, by=by, now=now, changes={"codes": [None, result.added]})
    return result


def lock_codes_of(gift: Gift) -> None:
    """Let nobody else add codes to this gift until the transaction ends. Grants do not wait. Raises NotACoupon.

    Two that add the same codes in another order would otherwise wait for each other for ever.
    """
    locked = Gift.objects.select_for_update(no_key=True).get(pk=gift.pk)
    if locked.kind != Gift.Kind.COUPON:
        raise NotACoupon(locked.slug)


def add_codes(gift_id: int, given: Sequence[str], *, batch: CodeBatch | None = None) -> int:
    """Seal and add codes to a gift whose codes are locked. Return how many it did not have."""
    new = _unknown_to_older_keys(gift_id, given)
    if not new:
        return 0
    stored = sealed_codes.all_sealed(new)
    with connection.cursor() as cursor:
        # As one text each: quoting an array of as many values took longer than sealing them.
        sealed, found_by = (",".join(value.hex() for value in values) for values in zip(*stored, strict=True))
        cursor.execute(ADD, [gift_id, batch.pk if batch else None, sealed, found_by])
        return cursor.rowcount


def _unknown_to_older_keys(gift_id: int, given: Sequence[str]) -> Sequence[str]:
    hashes = sealed_codes.older_hashes_of(given)
    older = [each for of_code in hashes for each in of_code]
    if not older:
        return given
    with connection.cursor() as cursor:
        cursor.execute(KNOWN_BY_OLDER, [gift_id, older])
        known = {bytes(found_by) for (found_by,) in cursor.fetchall()}
    return [code for code, of_code in zip(given, hashes, strict=True) if known.isdisjoint(of_code)]


def find_code(gift: Gift | None, typed: str) -> list[CouponCode]:
    """Return the codes that somebody typed, of this gift or of any: as they stand, or as generated ones are written.

    Full-width characters, small letters and missing hyphens are forgiven where that leaves no doubt.
    """
    for text in _readings(typed):
        found = CouponCode.objects.filter(found_by__in=sealed_codes.hashes_of(text)).select_related("award", "gift")
        if codes := list(found if gift is None else found.filter(gift=gift)):
            return codes
    return []


def _readings(typed: str) -> list[str]:
    plain = code_text.plain(typed)
    readings = [typed.strip(), plain, code_text.rewritten(typed), plain.upper()]
    return [each for each in dict.fromkeys(readings) if each and len(each) <= code_text.LONGEST]


def award_of_code(typed: str) -> int | None:
    """Return the award whose code this is; None where there is none.

    Two gifts may have one code: then it is the award that can still be used, and none where that leaves a doubt.
    """
    awards = [code.award for code in find_code(None, typed) if code.award is not None]
    if len(awards) > 1:
        awards = [award for award in awards if award.state in (Award.State.GRANTED, Award.State.CLAIMED)]
    return awards[0].pk if len(awards) == 1 else None


def show_to_owner(awards: Iterable[Award], *, now: datetime) -> dict[int, str]:
    """Return the codes of awards, {award id: code}, for their owner's page, and remember when they were first seen.

    One statement for those not seen before, none for the others: give awards with their `coupon_code` selected. A code
    that was taken back meanwhile is not among them.
    """
    given = {award.pk: award.coupon_code for award in awards if hasattr(award, "coupon_code")}
    shown = {award_id: code.sealed for award_id, code in given.items() if code.shown_at is not None}
    unseen = [award_id for award_id in given if award_id not in shown]
    if unseen:
        with connection.cursor() as cursor:
            cursor.execute(SHOW, [now, unseen])
            shown |= dict(cursor.fetchall())
    return {award_id: sealed_codes.opened(stored) or "" for award_id, stored in shown.items()}


def masked(code: str) -> str:
    """Return a code as staff may see it: enough to tell two apart, too little to use."""
    return f"{code[:2]}••••{code[-2:]}" if len(code) >= 8 else "••••"


@transaction.atomic
def reveal(code: CouponCode, *, by: audit.Actor, now: datetime) -> str | None:
    """Return a code whole, None where no key opens it, and put on record who saw which award's.

    Whoever sees an award's code may tell its owner: it counts as seen.
    """
    CouponCode.objects.filter(pk=code.pk, award__isnull=False, shown_at=None).update(shown_at=now)
    code = CouponCode.objects.select_related("gift").get(pk=code.pk)
    changes = {"gift": [None, code.gift.slug], "award": [None, code.award_id]}
    audit.record("coupon_code.revealed", code, by=by, now=now, changes=changes)
    return sealed_codes.opened(code.sealed)

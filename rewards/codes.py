"""Coupon codes: bringing them in, and hiding them from those who do not own them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils.translation import gettext as _

from operations import audit
from rewards.models import Award, CouponCode, Gift

LENGTH = 50
BATCH = 5_000

ADD = """
INSERT INTO rewards_couponcode (gift_id, code) SELECT %s, unnest(%s::text[])
ON CONFLICT (gift_id, code) DO NOTHING
"""


class NotACoupon(ValueError):
    """Only coupons with a code of their own have codes."""


@dataclass(slots=True)
class ImportedCodes:
    """What an import did: codes added, codes the gift had already, and lines refused with their numbers."""

    added: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


@transaction.atomic
def import_codes(gift: Gift, lines: Iterable[str], *, by: User | None, now: datetime) -> ImportedCodes:
    """Add a code per line. Empty lines are passed over; importing the same lines again adds nothing."""
    if gift.kind != Gift.Kind.COUPON:
        raise NotACoupon(gift.slug)
    result = ImportedCodes()
    good: list[str] = []
    for number, line in enumerate(lines, start=1):
        code = line.strip()
        if reason := _refusal(code):
            result.refused.append((number, reason))
        elif code:
            good.append(code)
    with connection.cursor() as cursor:
        for start in range(0, len(good), BATCH):
            cursor.execute(ADD, [gift.pk, good[start : start + BATCH]])
            result.added += cursor.rowcount
    result.known = len(good) - result.added
    if result.added:
        audit.record("gift.codes_imported", gift, by=by, now=now, changes={"codes": [None, result.added]})
    return result


def _refusal(code: str) -> str:
    if len(code) > LENGTH:
        return _("longer than %(length)d characters") % {"length": LENGTH}
    if not code.isprintable() or " " in code:
        return _("has spaces or characters that cannot be printed")
    return ""


def masked(code: str) -> str:
    """Return a code as staff may see it: enough to tell two apart, too little to use."""
    return f"{code[:2]}••••{code[-2:]}" if len(code) >= 8 else "••••"


def award_of_code(typed: str) -> int | None:
    """Return the award whose code this is; None where there is none, or where two gifts have the same code."""
    awards = CouponCode.objects.filter(code=typed.strip(), award__isnull=False).values_list("award", flat=True)[:2]
    return awards[0] if len(awards) == 1 else None


def show_to_owner(awards: Iterable[Award], *, now: datetime) -> dict[int, str]:  # noqa: ARG001
    """Return the codes of awards, {award id: code}, for their owner's page. Give them with `coupon_code` selected."""
    return {award.pk: award.coupon_code.code for award in awards if hasattr(award, "coupon_code")}

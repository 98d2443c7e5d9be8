"""What a gift costs and is worth, for words before many are given."""

from django.utils.translation import gettext as _

from rewards.models import Gift
from rewards.money import as_cents, short_money


def cost_of(gift: Gift, count: int = 1) -> int:
    """Return what so many of the gift cost, in cents: its cost, or its face value where no cost was entered."""
    return as_cents(gift.cost or gift.face_value) * count


def words_of(gift: Gift) -> str:
    """Return one of the gift in words, such as “Coffee · coupon · ¥15” or “Points · 100”."""
    parts = [gift.name, str(gift.get_kind_display())]
    if gift.amount is not None:
        parts.append(f"{gift.amount:,}")
    if cents := cost_of(gift):
        parts.append(short_money(cents))
    return " · ".join(parts)


def total_words(gift: Gift, count: int) -> str:
    """Return what so many of the gift come to: amounts of what is counted, and money."""
    parts = []
    if gift.amount is not None:
        words = {"total": f"{gift.amount * count:,}", "kind": gift.get_kind_display()}
        parts.append(_("%(total)s %(kind)s") % words)
    if cents := cost_of(gift, count):
        parts.append(short_money(cents))
    return " · ".join(parts) or _("no cost is entered")

"""What a draw brought its owner, read from the record."""

from dataclasses import dataclass
from datetime import datetime

from rewards.awards import state_at
from rewards.codes import show_to_owner
from rewards.models import Award, Draw


@dataclass(frozen=True, slots=True)
class DrawResult:
    """`code` is the coupon code to show, "" where the prize has none or it cannot be used any more."""

    draw_id: int
    prize: str
    name: str
    kind: str
    amount: int | None
    code: str
    expires_at: datetime | None

    @property
    def svg(self) -> str:
        return f"h5/icons/{self.kind}.svg"


def draw_result(member_id: int, scope: str, draw_id: int, *, now: datetime) -> DrawResult | None:
    """Return the result of the member's own draw, None where there is no such draw.

    One query, and one more when a code is shown for the first time.
    """
    draw = (
        Draw.objects.filter(pk=draw_id, member_id=member_id, scope=scope)
        .select_related("award__gift", "award__coupon_code")
        .first()
    )
    if draw is None:
        return None
    award = draw.award
    usable = [award] if state_at(award, now) == Award.State.GRANTED else []
    shown = show_to_owner(usable, now=now)
    return DrawResult(
        draw_id=draw.pk,
        prize=draw.prize,
        name=award.gift.name,
        kind=award.gift.kind,
        amount=award.gift.amount,
        code=shown.get(award.pk, award.gift.shared_code),
        expires_at=award.expires_at,
    )

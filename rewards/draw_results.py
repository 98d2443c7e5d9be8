"""What a draw brought its owner, read from the record."""

from dataclasses import dataclass
from datetime import datetime

from rewards.awards import state_at
from rewards.codes import show_to_owner
from rewards.models import Award, Draw, Gift

CREDITED = (Gift.Kind.POINTS, Gift.Kind.GROWTH, Gift.Kind.CHANCES)


@dataclass(frozen=True, slots=True)
class DrawResult:
    """`code` is the coupon code to show, "" where the prize has none or it cannot be used any more.

    `open` says that the award still waits for something: to be used, sent or paid out. `stage` is how the pool was
    played when it was drawn from.
    """

    draw_id: int
    award: int
    prize: str
    name: str
    kind: str
    amount: int | None
    code: str
    expires_at: datetime | None
    open: bool
    picture: str
    stage: str

    @property
    def svg(self) -> str:
        return f"h5/icons/{self.kind}.svg"

    @property
    def needs_address(self) -> bool:
        return self.kind == Gift.Kind.PHYSICAL and self.open

    @property
    def credited(self) -> bool:
        """Tell whether it is on the member's account already, so that there is nothing more to look at."""
        return self.kind in CREDITED


def draw_result(member_id: int, scope: str, draw_id: int, *, now: datetime) -> DrawResult | None:
    """Return the result of the member's own draw, None where there is no such draw.

    One query, and one more when a code is shown for the first time.
    """
    draw = (
        Draw.objects.filter(pk=draw_id, member_id=member_id, scope=scope)
        .select_related("award__gift", "award__coupon_code", "version")
        .first()
    )
    if draw is None:
        return None
    award = draw.award
    is_open = state_at(award, now) == Award.State.GRANTED
    shown = show_to_owner([award] if is_open else [], now=now)
    return DrawResult(
        draw_id=draw.pk,
        award=award.pk,
        prize=draw.prize,
        name=award.gift.name,
        kind=award.gift.kind,
        amount=award.gift.amount,
        code=shown.get(award.pk, award.gift.shared_code if is_open else ""),
        expires_at=award.expires_at,
        open=is_open,
        picture=award.gift.picture,
        stage=draw.version.stage,
    )

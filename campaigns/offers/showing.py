"""What the participants' pages show of an offer: prices, how many are left, what a tap does. It decides nothing."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.models import Offer as DraftOffer
from campaigns.models import OfferGroup, Reservation
from campaigns.offers import refusals
from campaigns.offers.standing import Standing, State
from campaigns.offers.terms import FIRST_ORDER, FLASH, GROUP, SOLD, Offer
from campaigns.refusals import Refusal
from campaigns.wordings import told_to_members
from rewards.money import short_money

TAPS: dict[str, Promise] = {
    FLASH: gettext_lazy("Grab it"),
    GROUP: gettext_lazy("Open a group"),
    FIRST_ORDER: gettext_lazy("Get the coupon"),
}
# What a member can act on comes first.
ORDER = {State.RESERVED: 0, State.AWAITING: 1, State.OPEN: 2, State.SOON: 3, State.BOUGHT: 4, State.REFUSED: 5}


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An offer as one member sees it now; `gift` is what it gives, by name."""

    standing: Standing
    now: datetime
    gift: str = ""
    leader_gift: str = ""

    @property
    def offer(self) -> Offer:
        return self.standing.offer

    @property
    def state(self) -> str:
        return self.standing.state.value

    @property
    def svg(self) -> str:
        return f"h5/icons/offer_{self.offer.kind}.svg"

    @property
    def kind(self) -> str:
        return str(DraftOffer.Kind(self.offer.kind).label)

    @property
    def is_sold(self) -> bool:
        return self.offer.kind in SOLD

    @property
    def price(self) -> str:
        return short_money(self.offer.price)

    @property
    def offer_price(self) -> str:
        return short_money(self.offer.offer_price)

    @property
    def saved(self) -> str:
        return short_money(self.offer.price - self.offer.offer_price)

    @property
    def reservation(self) -> Reservation | None:
        return self.standing.reservation

    @property
    def to_pay(self) -> str:
        """What the member has to pay for what is reserved: at the price under which it was."""
        row = self.reservation
        return short_money(row.price * row.quantity) if row else ""

    @property
    def group(self) -> OfferGroup | None:
        return self.standing.group

    @property
    def seats(self) -> list[str]:
        """The places of the member's group: paid, reserved, free."""
        group = self.group
        if group is None:
            return []
        return ["paid"] * group.paid + ["held"] * (group.taken - group.paid) + ["free"] * (group.size - group.taken)

    @property
    def can_tap(self) -> bool:
        return self.standing.state is State.OPEN

    @property
    def tap(self) -> str:
        return str(TAPS[self.offer.kind])

    @property
    def sold_out(self) -> bool:
        return self.standing.refusal is refusals.SOLD_OUT

    @property
    def over(self) -> bool:
        return self.standing.refusal is Refusal.CLOSED

    @property
    def reason(self) -> str:
        return told_to_members(self.standing.refusal) if self.standing.refusal else ""

    @property
    def taken(self) -> int:
        return self.offer.stock - (self.standing.left or 0)

    @property
    def taken_percent(self) -> int:
        return self.taken * 100 // self.offer.stock if self.offer.stock else 0

    @property
    def left_words(self) -> str:
        left = self.standing.left
        if left is None:
            return ""
        return ngettext("%d left", "%d left", left) % left if left else _("All taken")

    @property
    def until(self) -> datetime:
        """The moment that counts for the member now."""
        if self.standing.state is State.RESERVED and self.reservation:
            return self.reservation.expires_at
        if self.standing.state is State.SOON:
            return self.standing.opens_at
        if self.waits_for_others and self.group:
            return self.group.closes_at
        return self.standing.closes_at

    @property
    def until_label(self) -> str:
        if self.standing.state is State.RESERVED:
            return _("Yours for")
        if self.standing.state is State.SOON:
            return _("Opens in")
        return _("Time left") if self.waits_for_others else _("Ends in")

    @property
    def counts_down(self) -> bool:
        return not self.over and (self.standing.state is not State.REFUSED) and self.now < self.until

    @property
    def waits_for_others(self) -> bool:
        return self.group is not None and self.group.state == OfferGroup.State.OPEN and self.state == State.BOUGHT


def in_order(cards: list[OfferCard]) -> list[OfferCard]:
    """What is meant for other members is not shown: the refusal would only tell who they are."""
    shown = [card for card in cards if not card.standing.foreign]
    return sorted(shown, key=lambda card: ORDER[card.standing.state])

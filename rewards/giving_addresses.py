"""A member says where a physical award is to go, as often as they like until it was exported for shipping."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models import Member
from rewards import addresses
from rewards.addresses import Address
from rewards.models import Award, Gift, Shipment


class AddressRefusal(StrEnum):
    NO_AWARD = "no_award"
    NOT_SENT = "not_sent"
    EXPIRED = "expired"
    REVERSED = "reversed"
    ON_ITS_WAY = "on_its_way"


WORDINGS = {
    AddressRefusal.NO_AWARD: _("There is no such prize."),
    AddressRefusal.NOT_SENT: _("This prize is not sent by post."),
    AddressRefusal.EXPIRED: _("The time to give an address for this prize is over."),
    AddressRefusal.REVERSED: _("This prize was taken back."),
    AddressRefusal.ON_ITS_WAY: _("The prize is being sent already: its address cannot be changed any more."),
}


class AddressRefused(Exception):
    """The address was not taken: `code` says why."""

    def __init__(self, code: AddressRefusal) -> None:
        super().__init__(code)
        self.code = code

    @property
    def reason(self) -> str:
        return str(WORDINGS[self.code])


def award_of(member_id: int, award_id: int) -> Award | None:
    """Return the member's own award with its gift and shipment."""
    mine = Award.objects.select_related("gift", "shipment__batch")
    return mine.filter(pk=award_id, member_id=member_id).first()


def refusal(award: Award, now: datetime) -> AddressRefusal | None:
    """Return why no address is taken for the award, or None."""
    if award.gift.kind != Gift.Kind.PHYSICAL:
        return AddressRefusal.NOT_SENT
    if award.state == Award.State.REVERSED:
        return AddressRefusal.REVERSED
    if award.state == Award.State.EXPIRED or _ran_out(award, now):
        return AddressRefusal.EXPIRED
    shipment = shipment_of(award)
    open_states = (Shipment.State.WAITING, Shipment.State.RETURNED)
    return AddressRefusal.ON_ITS_WAY if shipment and shipment.state not in open_states else None


def shipment_of(award: Award) -> Shipment | None:
    return getattr(award, "shipment", None)


def _ran_out(award: Award, now: datetime) -> bool:
    return award.state == Award.State.GRANTED and award.expires_at is not None and award.expires_at <= now


@transaction.atomic
def give_address(member_id: int, award_id: int, address: Address, *, now: datetime) -> Shipment:
    """Keep the address of the member's award, which is claimed by that. Raises AddressRefused.

    The member is locked, so that no erasure is overtaken, and the award before its shipment, as everywhere; whoever
    exports it meanwhile holds it, and is waited for.
    """
    if not Member.objects.select_for_update(no_key=True).filter(pk=member_id, erased_at=None).exists():
        raise AddressRefused(AddressRefusal.NO_AWARD)
    claimable = Q(expires_at=None) | Q(expires_at__gt=now)
    # Not by `gift__kind`: the join would put the guard into a subquery, which is not looked at again after a wait.
    physical = Gift.objects.filter(kind=Gift.Kind.PHYSICAL).values("pk")
    mine = Award.objects.filter(pk=award_id, member_id=member_id, gift__in=physical)
    claimed = mine.filter(claimable, state=Award.State.GRANTED).update(state=Award.State.CLAIMED, changed_at=now)
    sealed = addresses.seal(address)
    given = {"sealed": sealed, "region": address.region, "given_at": now}
    if claimed:
        return Shipment.objects.create(award_id=award_id, **given)
    live = (Award.State.CLAIMED, Award.State.DELIVERED)
    if Award.objects.select_for_update().filter(pk=award_id, member_id=member_id, state__in=live).exists():
        waits = Q(state__in=(Shipment.State.WAITING, Shipment.State.RETURNED))
        again = {"state": Shipment.State.WAITING, "batch": None, "carrier": "", "tracking_number": ""}
        if Shipment.objects.filter(waits, award_id=award_id).update(**given, **again, shipped_at=None):
            return Shipment.objects.get(award_id=award_id)
    award = award_of(member_id, award_id)
    raise AddressRefused((award and refusal(award, now)) or AddressRefusal.NO_AWARD)

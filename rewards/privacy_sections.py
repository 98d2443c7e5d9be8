"""What rewards holds about a member: the ledger, awards and draws."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from members import privacy
from members.models import Member
from members.privacy import Row, Section, covers, dump, keep
from rewards import addresses, ledger
from rewards.models import (
    Account,
    Adjustment,
    Award,
    ChanceGrant,
    Chances,
    CouponCode,
    Delivery,
    Draw,
    Earning,
    Entry,
    ExpiryNotice,
    Lot,
    LotUse,
    PendingEntry,
    Shipment,
)


def points(member: Member) -> Iterator[Row]:
    """Yield the accounts and all that hangs on them."""
    mine = {"account__member": member}
    yield from dump(member.accounts.order_by("id"), unit_key=F("unit__slug"))
    yield from dump(Entry.objects.filter(**mine).order_by("id"), unit_key=F("account__unit__slug"))
    yield from dump(PendingEntry.objects.filter(**mine).order_by("entry"))
    yield from dump(Lot.objects.filter(**mine).order_by("entry"))
    yield from dump(LotUse.objects.filter(lot__account__member=member).order_by("id"))
    yield from dump(ExpiryNotice.objects.filter(**mine).order_by("id"))
    yield from dump(member.adjustments.order_by("id"), "requested_by_id", "decided_by_id")
    yield from dump(member.earnings.order_by("id"))


def forfeit(member: Member, now: datetime) -> None:
    """What the member holds is forfeited by entries, so that the balance is still their sum."""
    ledger.forfeit(member.pk, key=f"erased:{member.pk}", reason="erased", now=now)


def awards(member: Member) -> Iterator[Row]:
    yield from dump(member.awards.order_by("id"), gift_name=F("gift__name"), code=F("coupon_code__code"))
    yield from dump(CouponCode.objects.filter(award__member=member).order_by("id"))


def draws(member: Member) -> Iterator[Row]:
    yield from dump(member.chances.order_by("id"))
    yield from dump(ChanceGrant.objects.filter(chances__member=member).order_by("id"))
    yield from dump(member.draws.order_by("id"))


def parcels(member: Member) -> Iterator[Row]:
    shipments = Shipment.objects.filter(award__member=member).order_by("id")
    sealed = dict(shipments.values_list("pk", "sealed"))
    for row in dump(shipments, "sealed"):
        address = addresses.unseal(sealed[row["id"]])
        yield row | {"address": asdict(address) if address else None}
    yield from dump(Delivery.objects.filter(award__member=member).order_by("id"), "taken_by_id")


def erase_from_parcels(member: Member, now: datetime) -> None:
    """No address, no number that leads to one; what was not paid yet cannot be paid to nobody."""
    Shipment.objects.filter(award__member=member).update(sealed=None, region="", carrier="", tracking_number="")
    deliveries = Delivery.objects.filter(award__member=member)
    deliveries.update(error="")
    deliveries.filter(state__in=(Delivery.State.WAITING, Delivery.State.FAILED)).update(
        state=Delivery.State.GIVEN_UP, settled_at=now
    )


def register_all() -> None:
    privacy.register(
        Section(
            "points",
            _("Points, growth value and other units"),
            _("what is held is forfeited; the entries stay, of a member without a name"),
            covers(Account, Entry, PendingEntry, Lot, LotUse, ExpiryNotice, Adjustment, Earning),
        ),
        points,
        forfeit,
    )
    privacy.register(
        Section("awards", _("Awards"), _("stay, of a member without a name"), covers(Award, CouponCode)),
        awards,
        keep,
    )
    privacy.register(
        Section(
            "draws",
            _("Draws and draw chances"),
            _("stay, of a member without a name: each draw can be checked"),
            covers(Chances, ChanceGrant, Draw),
        ),
        draws,
        keep,
    )
    privacy.register(
        Section(
            "parcels",
            _("Addresses of prizes, parcels and payments"),
            _("addresses and tracking numbers are erased, what was not paid yet is given up; that there was one stays"),
            covers(Shipment, Delivery),
        ),
        parcels,
        erase_from_parcels,
    )

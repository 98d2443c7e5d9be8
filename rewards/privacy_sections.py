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
    AwardNotice,
    BudgetUse,
    ChanceGrant,
    Chances,
    CheckOff,
    CouponCode,
    Delivery,
    Draw,
    Earning,
    Entry,
    ExpiryNotice,
    Lot,
    LotUse,
    MallOrder,
    PendingEntry,
    PoolListing,
    Quota,
    Shipment,
    Streak,
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
    yield from dump(member.awards.order_by("id"), gift_name=F("gift__name"))
    # A code that its owner has not seen yet can still be taken back: it is told on the owner's page alone.
    codes = CouponCode.objects.filter(award__member=member).order_by("id")
    seen = {code.pk: code.code for code in codes.exclude(shown_at=None)}
    for row in dump(codes, "sealed", "found_by"):
        yield row | {"code": seen.get(row["id"])}
    used = CheckOff.objects.filter(award__member=member).order_by("id")
    # Which of the staff it was, and by which till, is not about the member.
    yield from dump(used, "by_id", "client", "request_key", outlet_name=F("outlet__name"))
    yield from dump(AwardNotice.objects.filter(award__member=member).order_by("award"))


def draws(member: Member) -> Iterator[Row]:
    yield from dump(member.chances.order_by("id"))
    yield from dump(ChanceGrant.objects.filter(chances__member=member).order_by("id"))
    yield from dump(member.draws.order_by("id"))
    yield from dump(member.streaks.order_by("id"))
    yield from dump(member.quotas.order_by("id"))


def listings(member: Member) -> Iterator[Row]:
    yield from dump(member.pool_listings.order_by("id"), "listed_by_id", pool_key=F("pool__slug"))


def unlist(member: Member, _now: datetime) -> None:
    """Why somebody was listed is told of a person. A white list stays: without its last row everybody could win."""
    # Locked before the catalogue's edition, as by whoever takes members off; most are on none, and leave it alone.
    if list(member.pool_listings.select_for_update().order_by("id")):
        member.pool_listings.filter(kind=PoolListing.Kind.BLACK).delete()
        member.pool_listings.update(reason="erased")


def budget_uses(member: Member) -> Iterator[Row]:
    yield from dump(member.budget_uses.order_by("id"), budget_scope=F("budget__scope"))


def mall_orders(member: Member) -> Iterator[Row]:
    yield from dump(member.mall_orders.order_by("id"), "cancelled_by_id", item_name=F("item__slug"))


def forget_reasons(member: Member, _now: datetime) -> None:
    """What operators wrote of an order may tell who it was."""
    member.mall_orders.exclude(cancel_reason="").update(cancel_reason="")


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
        Section(
            "awards",
            _("Awards"),
            _("stay, of a member without a name"),
            covers(Award, CouponCode, CheckOff, AwardNotice),
        ),
        awards,
        keep,
    )
    privacy.register(
        Section(
            "draws",
            _("Draws and draw chances"),
            _("stay, of a member without a name: each draw can be checked"),
            covers(Chances, ChanceGrant, Draw, Streak, Quota),
        ),
        draws,
        keep,
    )
    privacy.register(
        Section(
            "budgets",
            _("Budgets of money spent on the member"),
            _("stay, of a member without a name: they are part of what was spent in all"),
            covers(BudgetUse),
        ),
        budget_uses,
        keep,
    )
    privacy.register(
        Section(
            "mall_orders",
            _("Orders of the mall"),
            _("stay, of a member without a name; reasons that operators wrote are taken away"),
            covers(MallOrder),
        ),
        mall_orders,
        forget_reasons,
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
    privacy.register(
        Section(
            "pool_listings",
            _("White and black lists of prize pools"),
            _("reasons and black lists are deleted; that somebody was listed stays, of a member without a name"),
            covers(PoolListing),
        ),
        listings,
        unlist,
    )

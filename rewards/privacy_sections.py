"""What rewards holds about a member: the ledger, awards and draws."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from members import privacy
from members.models import Member
from members.privacy import Row, Section, covers, dump, keep
from rewards import ledger
from rewards.models import (
    Account,
    Adjustment,
    Award,
    ChanceGrant,
    Chances,
    CouponCode,
    Draw,
    Earning,
    Entry,
    ExpiryNotice,
    Lot,
    LotUse,
    PendingEntry,
    PoolListing,
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
    yield from dump(member.awards.order_by("id"), gift_name=F("gift__name"), code=F("coupon_code__code"))
    yield from dump(CouponCode.objects.filter(award__member=member).order_by("id"))


def draws(member: Member) -> Iterator[Row]:
    yield from dump(member.chances.order_by("id"))
    yield from dump(ChanceGrant.objects.filter(chances__member=member).order_by("id"))
    yield from dump(member.draws.order_by("id"))
    yield from dump(member.streaks.order_by("id"))


def listings(member: Member) -> Iterator[Row]:
    yield from dump(member.pool_listings.order_by("id"), "listed_by_id", pool_key=F("pool__slug"))


def unlist(member: Member, _now: datetime) -> None:
    """Why somebody was listed is told of a person; nobody is left who could win or not."""
    member.pool_listings.all().delete()


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
            covers(Chances, ChanceGrant, Draw, Streak),
        ),
        draws,
        keep,
    )
    privacy.register(
        Section(
            "pool_listings",
            _("White and black lists of prize pools"),
            _("are deleted; that somebody was listed stays in the audit trail, without a name"),
            covers(PoolListing),
        ),
        listings,
        unlist,
    )

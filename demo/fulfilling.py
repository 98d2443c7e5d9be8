"""What became of the demo's awards: one in each state, each brought there by the way that a shop's own awards take."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib.auth.models import User

from campaigns.models import Campaign, Enrolment
from demo.campaign import SLUG
from demo.guarding import SCOPE
from demo.words import say
from members.models import Member
from rewards import award_expiry, checking_off, giving_addresses, reversing, shipping, tracking
from rewards.addresses import Address
from rewards.awards import USABLE, grant_award
from rewards.models import Award, Gift, Outlet, Shipment

EARLY_BIRDS = 12
# The last of these is what is sent to them.
GIVEN = ("red-packet", "flash", "mug")
REGIONS = ("110105", "310104", "440305", "330106")


def fulfil(language: str, finished: Campaign, *, by: User, now: datetime) -> None:
    _send_prizes_of(finished, language, by=by, now=now)
    awards = _thank_early_birds(now=now)
    _send_mugs(awards, language, by=by, now=now)
    _check_off(by=by, now=now)
    reversing.reverse_award(awards[-1].pk, by=by, reason=say("reason.reversed", language), now=now)
    award_expiry.expire_due(now=now, limit=10_000)


def _send_prizes_of(campaign: Campaign, language: str, *, by: User, now: datetime) -> None:
    """Of a campaign that is over, nearly all parcels are with who won them; one prize was taken back."""
    scope = f"campaign:{campaign.slug}"
    parcels = list(
        Award.objects.filter(scope=scope, gift__kind=Gift.Kind.PHYSICAL).select_related("gift").order_by("pk")
    )
    at = now - timedelta(days=5)
    told = parcels[:-1]
    _give_addresses(told, language, now=at - timedelta(days=2))
    shipping.export_waiting(list({award.gift for award in told}), by=by, now=at)
    rows = [tracking.TrackingRow(award.pk, say("carrier", language), f"SF13{award.pk:011d}") for award in told[1:]]
    tracking.ingest_tracking(rows, now=at + timedelta(days=1))
    again = Award.objects.filter(scope=scope, state=Award.State.GRANTED, gift__kind=Gift.Kind.SHARED_COUPON).first()
    if again is not None:
        reversing.reverse_award(again.pk, by=by, reason=say("reason.reversed", language), now=at)


def _thank_early_birds(*, now: datetime) -> list[Award]:
    """Give the first who came a red packet, a coupon of one day's validity and a mug."""
    gifts = {gift.slug: gift for gift in Gift.objects.filter(slug__in=GIVEN)}
    awards = []
    early = Enrolment.objects.filter(campaign__slug=SLUG).order_by("joined_at", "pk")
    for enrolment in early[:EARLY_BIRDS]:
        at = min(enrolment.joined_at + timedelta(minutes=5), now)
        for slug in GIVEN:
            key = f"demo:{slug}:{enrolment.member_id}"
            award = grant_award(gifts[slug], enrolment.member_id, key=key, source=SCOPE, scope=SCOPE, now=at)
        awards.append(award)
    return awards


def _send_mugs(awards: Sequence[Award], language: str, *, by: User, now: datetime) -> None:
    """Leave two without an address and two to be sent; export the others, of which all but two are on their way."""
    mug = awards[0].gift
    exported, waiting = awards[4:-1], awards[2:4]
    _give_addresses(exported, language, now=now)
    shipping.export_waiting([mug], by=by, now=now - timedelta(hours=20))
    sent = exported[2:]
    rows = [tracking.TrackingRow(award.pk, say("carrier", language), f"SF14{award.pk:011d}") for award in sent]
    tracking.ingest_tracking(rows, now=now - timedelta(hours=3))
    back = Shipment.objects.get(award=sent[-1].pk)
    tracking.note_return(back.pk, by=by, now=now - timedelta(hours=1))
    _give_addresses(waiting, language, now=now)


def _give_addresses(awards: Sequence[Award], language: str, *, now: datetime) -> None:
    names = dict(Member.objects.filter(pk__in=[award.member_id for award in awards]).values_list("pk", "name"))
    for number, award in enumerate(awards):
        recipient = names[award.member_id] or say("address.recipient", language)
        phone = f"138{award.member_id:08d}"
        street = say("address.street", language) % (number + 1)
        address = Address(recipient, phone, REGIONS[number % len(REGIONS)], street)
        giving_addresses.give_address(award.member_id, award.pk, address, now=min(award.granted_at, now))


def _check_off(*, by: User, now: datetime) -> None:
    """Let every third coupon be used at an outlet some hours after it was won."""
    outlets = list(Outlet.objects.filter(active=True).order_by("pk"))
    coupons = Award.objects.filter(gift__kind__in=USABLE, state=Award.State.GRANTED, granted_at__lt=now).order_by("pk")
    for number, award in enumerate(coupons[::3]):
        at = min(award.granted_at + timedelta(hours=2 + number % 9), now)
        with suppress(checking_off.NotRedeemable):
            checking_off.redeem(award.pk, outlet=outlets[number % len(outlets)], by=by, now=at)

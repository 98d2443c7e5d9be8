"""A member about whom something is held in every table of the house."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from campaigns import board_rules, energy, energy_drops, energy_rules, giving_tags, playing, rank_prizes, scoring
from campaigns.entering import Origin
from campaigns.models import (
    Bargain,
    CodeTries,
    Help,
    Invitation,
    OfferCoupon,
    OfferStock,
    TakenBack,
    TaskCode,
    Team,
    TeamSeat,
    Trusted,
)
from campaigns.offers import reserving
from campaigns.published import definition_of
from members import activity, event_partitions, import_rejects, imports, inbox, inbox_kinds
from members.models import (
    Activity,
    Attribute,
    ImportReject,
    ImportRun,
    Level,
    Member,
    Refund,
)
from members.once import client_of
from operations.models import IdempotencyKey, WebhookAttempt
from rewards import adjusting, chances, checking_off, ledger, listing, mall_orders
from rewards.addresses import Address
from rewards.awards import grant_award
from rewards.giving_addresses import give_address
from rewards.models import (
    Award,
    AwardNotice,
    Budget,
    Delivery,
    Earning,
    EarningRule,
    ExpiryNotice,
    Gift,
    MallItem,
    Outlet,
    PrizePool,
    Shipment,
    ShippingBatch,
    Streak,
    Unit,
)
from segmentation import recomputing, tagging
from segmentation.models import Segment, Tag, TagGroup
from tests.campaigns.offer_stories import offer
from tests.campaigns.scenes import chain, make_coupon, publish, task
from tests.listening import listen

ENERGY = {
    "sources": [{"event": "view", "amount": 10, "per_day": 1}],
    "milestones": [{"at": 5, "reward": {"points": 1}}],
}
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PLAYED = datetime(2026, 11, 11, 4, tzinfo=UTC)
UID = "marker-uid-77"
# Texts that tell who it is. After an erasure none of them is anywhere in the database.
MARKERS = [UID, "Marker Wang", "13899990000", "marker@example.com", "Markertown", "markercity", "oMarkerOpenid"]
MARKERS += [
    "marker-word",
    "marker-item",
    "marker-answer",
    "1977-07-07",
    "marker-street 7",
    "MARKERNUMBER1",
    "marker-error",
]


def bring_in(kind, *rows):
    importer = imports.importer_of(kind)
    result = imports.take(importer, enumerate(rows), context=importer.load_context(NOW), now=NOW)
    assert not result.rejected, result.rejected
    return result


def live(uid=UID):
    """Make the member and all that is held of them, as far as possible by the doors of the house.

    An endpoint is told of all of it, and has said something about one thing that it was told.
    """
    endpoint = listen()
    Attribute.objects.create(slug="city", label="城市", kind="text")
    Level.objects.create(slug="base", name="Base", rank=1, growth_needed=0)
    paid = Level.objects.create(slug="paid", name="Paid", rank=9, kind="paid")
    profile = {"uid": uid, "name": "Marker Wang", "phone": "13899990000", "email": "marker@example.com"}
    profile |= {"gender": "female", "birthday": "1977-07-07", "region": "Markertown", "joined_at": "2020-01-01"}
    bring_in("members", profile | {"attribute.city": "markercity", "identity.wechat-openid": "oMarkerOpenid"})
    member = Member.objects.get(uid=uid)
    _buy_and_browse(uid)
    _climb(member, paid)
    _play(member)
    _compete(member)
    _play_with_friends(member)
    _earn(member)
    _shop_for_points(member)
    _be_sent_things(member)
    _be_tagged(member)
    _leave_traces(uid)
    _cost_money(member)
    _be_told(member)
    WebhookAttempt.objects.create(
        delivery=endpoint.deliveries.filter(member_id=member.pk).earliest("pk"),
        number=1,
        at=NOW,
        status=500,
        answer=uid,
    )
    return member


def _be_told(member):
    """Their level has told them something already; here their own words are."""
    words = {"title": "marker-answer", "text": UID}
    with transaction.atomic():
        inbox.put([inbox.Message(member.pk, inbox_kinds.TEXT, "hello", words)], now=NOW)


def _cost_money(member):
    jug = Gift.objects.create(slug="jug", name="Jug", kind="physical", cost=Decimal(20))
    Budget.objects.create(scope="campaign:autumn", per="member", cents=5_000)
    grant_award(jug, member.pk, key=f"jug:{member.pk}", source="test", scope="campaign:autumn", now=NOW)


def _buy_and_browse(uid):
    order = {"order_id": "o-1", "uid": uid, "paid_at": "2026-11-20T12:00:00Z", "amount": "30.00"}
    bring_in("orders", order)
    bring_in("order_items", {"order_id": "o-1", "line": "1", "sku": "A", "category": "milk", "amount": "30.00"})
    Refund.objects.create(
        refund_id="r-1", order_id="o-1", refunded_at=NOW, amount=Decimal(1), state="refused", created_at=NOW
    )
    event = {"event_id": "e-1", "uid": uid, "type": "search", "occurred_at": "2026-11-20T12:00:00Z"}
    bring_in("events", event | {"keyword": "marker-word", "item": "marker-item", "properties": json.dumps({"q": uid})})


def _climb(member, paid):
    bring_in("members", {"uid": member.uid, "level": paid.slug})
    ledger.post_entry(member.pk, "growth", amount=5, key="m:growth", reason="test", now=NOW)


def _take_offers(member, award):
    """A place in a group, and the coupon of a first order, which one who has bought is not given any more."""
    reserving.open_group(member, "autumn", "milk", now=PLAYED)
    enrolment, order = member.enrolments.get(), member.orders.first()
    enrolment.reservations.update(state="bought", order=order, line=1)
    enrolment.offer_groups_led.update(paid=1)
    OfferStock.objects.create(campaign=enrolment.campaign, offer_key="new", allowed=1, taken=1)
    OfferCoupon.objects.create(enrolment=enrolment, offer_key="new", award=award, given_at=PLAYED, order=order)


def _play(member):
    steps = [task("one", reward={"points": 5, "chances": 1}), task("two")]
    publish(
        tasks=[*steps, task("alone")],
        chains=[chain("chain", "one", "two")],
        offers=[offer("group")],
        features={"energy": ENERGY},
    )
    # Whoever invited the member takes part before them.
    playing.enrol(Member.objects.create(uid="friend", level=Level.objects.get(slug="base")), "autumn", now=PLAYED)
    for key in ("one", "two", "alone"):
        playing.submit(member, "autumn", key, {}, now=PLAYED, origin=Origin("phone"))
    Trusted.objects.create(member=member, name="tester", trusted_at=NOW)
    enrolment = member.enrolments.get()
    enrolment.progress.update(data={"answer": "marker-answer"})
    _hand_in(enrolment)
    made_up = {"day": PLAYED.date(), "month": "2026-11", "number": 1, "allowed": 1, "unit": "points", "price": 1}
    enrolment.made_up_days.create(task_key="alone", made_at=PLAYED, **made_up)
    TakenBack.objects.create(completion=enrolment.completions.get(task_key="alone"), taken_at=PLAYED)
    chances.grant_chances(member.pk, "campaign:autumn", count=1, key=f"more:{member.pk}", now=PLAYED)
    playing.draw(member.uid, "autumn", request_key="a", roll=999_999, now=PLAYED)
    pool = PrizePool.objects.get()
    Streak.objects.create(member=member, pool=pool)
    member.quotas.create(key="wins:everyone", allowed=3)
    why = {"kind": "black", "prize": "", "reason": "Staff"}
    listing.list_members(pool, [member.uid], **why, by=None, now=NOW)
    award = grant_award(make_coupon("CODE-1"), member.pk, key=f"coupon:{member.pk}", source="test", now=NOW)
    _take_offers(member, award)
    AwardNotice.objects.create(award=award, told_at=NOW)
    outlet = Outlet.objects.create(slug="west", name="West Lake")
    checking_off.redeem(award.pk, outlet=outlet, by=None, now=NOW)


def _compete(member):
    enrolment = member.enrolments.get()
    scoring.add(enrolment.pk, 5, now=PLAYED)
    boards = {"boards": ["all"], "prizes": [{"from": 1, "to": 1, "reward": {"points": 1}}]}
    rank_prizes.close(enrolment.campaign, board_rules.parse(boards), "all", now=PLAYED)
    rules, fact = energy_rules.parse(ENERGY), {"key": f"event:{member.uid}", "happened_at": PLAYED, "now": PLAYED}
    energy_drops.produce(definition_of("autumn"), rules, enrolment.pk, rules.sources["event:view"], **fact)
    energy.collect(member, "autumn", None, now=PLAYED + timedelta(days=2))
    giving_tags.give(enrolment.pk, member.pk, "autumn.joined", campaign="autumn", now=PLAYED)


def _hand_in(enrolment):
    said = {"task_key": "alone", "period": "once", "way": "review", "text": "marker-answer", "handed_in_at": PLAYED}
    enrolment.submissions.create(**said)
    CodeTries.objects.create(
        enrolment=enrolment, task_key="alone", since=PLAYED, tried=1, last_at=PLAYED, last_fault="unknown"
    )
    code = {"campaign": enrolment.campaign, "task_key": "alone", "sealed": b"s", "found_by": b"f", "added_at": PLAYED}
    TaskCode.objects.create(**code, used_by=enrolment, used_at=PLAYED)


def _play_with_friends(member):
    mine, theirs = member.enrolments.get(), Member.objects.get(uid="friend").enrolments.get()
    where = {"task_key": "alone", "period": "once"}
    Invitation.objects.create(inviter=theirs, invitee=mine, task_key="alone", invited_at=PLAYED)
    Help.objects.create(helped=theirs, helper=mine, number=1, of=2, helped_at=PLAYED, **where)
    Help.objects.create(helped=mine, helper=theirs, number=1, of=2, cut=10, left=80, helped_at=PLAYED, **where)
    terms = {"price": 100, "floor": 10, "left": 80, "helps": 2, "helped": 1, "begun_at": PLAYED, "until": NOW}
    Bargain.objects.create(enrolment=mine, **where, **terms)
    team = Team.objects.create(
        campaign=mine.campaign, founder=mine, task_key="alone", size=2, founded_at=PLAYED, until=NOW
    )
    TeamSeat.objects.create(team=team, enrolment=mine, taken_at=PLAYED, **where)


def _earn(member):
    unit = Unit.objects.create(slug="milk-drops", name="Drops", expiry="days", expires_after=30)
    post = {"reason": "test", "now": NOW}
    ledger.post_entry(member.pk, unit.slug, amount=100, key="m:earn", **post)
    ledger.post_entry(member.pk, unit.slug, amount=-40, key="m:spend", **post)
    ledger.post_entry(member.pk, unit.slug, amount=7, key="m:later", matures_at=NOW + timedelta(days=3), **post)
    account = member.accounts.get(unit=unit)
    ExpiryNotice.objects.create(account=account, expires_at=NOW, amount=60, told_at=NOW)
    adjusting.request(member, unit, amount=1, reason="goodwill", by=_operator(), now=NOW)
    rule = EarningRule.objects.create(slug="per-order", name="Per order", unit=unit, rate=Decimal(1), starts_at=NOW)
    Earning.objects.create(
        rule=rule, member=member, reference="order:o-9", day=date(2026, 11, 20), base=1, multiplier=1, granted=0
    )


def _shop_for_points(member):
    ledger.post_entry(member.pk, "points", amount=50, key="m:mall", reason="test", now=NOW)
    gift = Gift.objects.create(slug="mall-mug", name="Mug", kind="link", link="https://shop.example/")
    MallItem.objects.create(slug="mug", gift=gift, price=10, state="on_sale")
    placed = [mall_orders.place(member.pk, "mug", request_key=str(number), now=NOW) for number in range(2)]
    mall_orders.cancel(placed[0].order_id, by=None, reason="returned", now=NOW)
    member.mall_orders.filter(pk=placed[0].order_id).update(cancel_reason=f"asked for by {member.uid}")


def _be_sent_things(member):
    for slug, kind in (("mug", "physical"), ("packet", "red_packet")):
        paid = {"provider": "manual", "face_value": 5} if kind == "red_packet" else {}
        gift = Gift.objects.create(slug=slug, name=slug, kind=kind, **paid)
        award = grant_award(gift, member.pk, key=f"{slug}:{member.pk}", source="test", now=NOW)
        if kind == "physical":
            home = Address("Marker Wang", "13899990000", "330106", "marker-street 7", "310012")
            give_address(member.pk, award.pk, home, now=NOW)
    Shipment.objects.update(state="shipped", batch=ShippingBatch.objects.create(created_at=NOW, parcels=1))
    Shipment.objects.update(carrier="SF", tracking_number="MARKERNUMBER1", shipped_at=NOW)
    Award.objects.filter(shipment__isnull=False).update(state="delivered")
    Delivery.objects.update(error="refused: marker-error")


def _operator():
    from django.contrib.auth.models import User

    return User.objects.create_user("operator")


def _be_tagged(member):
    group = TagGroup.objects.create(slug="taste", name="Taste")
    tag = Tag.objects.create(group=group, slug="milk", name="Milk")
    tagging.set_tag([member.pk], tag, source="import", now=NOW)
    rule = {"version": 1, "combinator": "and", "rules": [{"field": "orders.count", "operator": ">=", "value": 1}]}
    segment = Segment.objects.create(slug="buyers", name="Buyers", rule=rule)
    recomputing.recompute(segment, now=NOW)


def _leave_traces(uid):
    Activity.objects.create(
        member=Member.objects.get(uid=uid), kind=activity.ORDER_PAID, reference="o-1", occurred_at=NOW, data={"q": uid}
    )
    run = ImportRun.objects.create(kind="orders", file="f.csv", name="f.csv", created_at=NOW)
    ImportReject.objects.create(
        run=run, line=2, code="negative", **import_rejects.sealed(["o-2", uid, "-1"], {"value": "-1"})
    )
    IdempotencyKey.objects.create(
        client="c", endpoint=f"POST /api/v1/campaigns/autumn/members/{uid}/draws/", key="k", body_hash="h"
    )
    form = {"client": client_of(Member.objects.get(uid=uid)), "endpoint": "/h5/c/autumn/t/check-in/#"}
    IdempotencyKey.objects.create(**form, key="k", body_hash="h", answer=f'["/h5/", [[25, "{uid}"]]]')


def archive_events():
    """Detach the month of the member's events, so that they are in an archive."""
    event_partitions.detach_old(now=datetime(2030, 1, 1, tzinfo=UTC))

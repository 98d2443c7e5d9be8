"""The shop that the tour walks through: the demo, and in it one member who has met everything there is to meet."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import override

from campaigns import campaign_files, pausing, playing
from campaigns.models import Invitation, OfferGroup
from demo import campaign, carnival, loading, planned
from members.models import Member
from rewards import award_expiry, checking_off, giving_addresses, ledger, mall_orders, reversing, shipping, tracking
from rewards.addresses import Address
from rewards.awards import grant_award
from rewards.chances import grant_chances
from rewards.drawing import SCALE
from rewards.models import Award, Gift, MallItem, Outlet, Shipment
from tests.campaigns import scenes

FARM, DAYS = carnival.SLUG, campaign.SLUG
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

# The tasks of the farm, one of every kind, and those of the chain that the member has in the other campaign.
TASKS = tuple(task["key"] for task in json.loads(carnival.FILE.read_text(encoding="utf-8"))["tasks"])
PATH = ("daily", "scratch", "exam", "start-growth", "quiz-growth", "buy-milk")

# What the member's awards are called: gift, and how many days ago it was granted.
GRANTED = {
    "code_of_an_outlet": ("latte", 0),
    "code": ("coupon-100", 0),
    "shared_code": ("coupon-20", 0),
    "code_used": ("coupon-50", 2),
    "code_expired": ("flash", 3),
    "code_taken_back": ("coupon-20", 1),
    "mug_won": ("mug", 0),
    "mug_addressed": ("mug", 1),
    "mug_packed": ("mug", 4),
    "mug_sent": ("mug", 4),
    "mug_returned": ("mug", 4),
    "mug_expired": ("mug", 20),
    "red_packet": ("red-packet", 0),
    "points_won": ("points-500", 0),
    "growth_won": ("growth-50", 0),
    "draws_won": ("spin", 0),
    "link_won": ("cookbook", 0),
}
AWARDS = tuple(GRANTED)
HOME = Address("王芳", "13812345678", "330106", "文三路 1 号 2 单元 301", "310012")


def open_shop(*, now: datetime) -> dict[str, Any]:
    """Load it all, in Chinese; return what the names in the addresses of the tour stand for, and `member`, a Member."""
    with override("zh-hans"):
        loading.load(members=200, language="zh-hans", now=now, step=lambda: None)
        member = Member.objects.get(uid=loading.newcomers()["growth"])
        admin = User.objects.get(username="admin")
        _close_some(admin, now)
        ledger.post_entry(member.pk, "points", amount=3_000, key="tour", reason="生日礼物", now=now)
        return {
            "member": member,
            "farm": FARM,
            "days": DAYS,
            "scheduled": planned.SCHEDULED,
            "paused": "paused",
            "ended": "ended",
            "letter": member.inbox_messages.get(key="letter:opening-hours").pk,
            "shelf": MallItem.objects.get(slug="mug").shelf,
            **_draw(member, now),
            **_friends(member, now),
            **_order(member, admin, now),
            **_awards(member, admin, now),
        }


def _close_some(admin: User, now: datetime) -> None:
    """Two campaigns more: one is paused, one has been ended."""
    window = {"opens_at": (now - 3 * DAY).isoformat(), "closes_at": (now + 3 * DAY).isoformat()}
    for slug, close in [("paused", pausing.pause), ("ended", pausing.end)]:
        tasks = [scenes.task("check-in", title="打卡")]
        file = scenes.campaign_file(slug, name="早餐打卡", organiser="千面牧场", pools=[], tasks=tasks, **window)
        made = campaign_files.load(file, by=admin, now=now)
        scenes.publish_draft(made, by=admin, now=now - 2 * DAY)
        made.refresh_from_db()
        close(made, by=admin, now=now)


def _draw(member: Member, now: datetime) -> dict[str, int]:
    """One draw that wins a code, one that wins nothing much, and chances left in both campaigns."""
    for slug in (FARM, DAYS):
        playing.enrol(member, slug, now=now - HOUR)
        grant_chances(member.pk, f"campaign:{slug}", count=4, key=f"tour:{slug}", now=now)
    rolls = {"won": 20_000, "lost": SCALE - 1}
    return {
        name: playing.draw(member.uid, DAYS, request_key=f"tour-{name}", roll=roll, now=now).draw_id
        for name, roll in rolls.items()
    }


def _friends(member: Member, now: datetime) -> dict[str, Any]:
    """Links of a friend whom the member has not answered yet, the member's own, and a group that lacks somebody."""
    asker = Member.objects.filter(uid__startswith="qm-").exclude(enrolments__campaign__slug=FARM).order_by("pk").first()
    links = {key: _link(asker, key, now) for key in ("invite", "cheer", "bargain", "team")}
    invited = Invitation.objects.filter(inviter__member=member, inviter__campaign__slug=FARM).order_by("pk")[0]
    return {
        **{f"{key}_link": link for key, link in links.items()},
        "own_link": _link(member, "cheer", now),
        "friend": invited.invitee_id,
        "group": OfferGroup.objects.get(campaign__slug=FARM).code,
    }


def _link(member: Member, key: str, now: datetime) -> str:
    moved = playing.submit(member, FARM, key, {}, now=now)
    return str(moved.result["link"]).strip("/").rpartition("/")[2]


def _order(member: Member, admin: User, now: datetime) -> dict[str, int]:
    placed = {
        name: mall_orders.place(member.pk, slug, request_key=f"tour-{name}", now=now).order_id
        for name, slug in [("order", "cookbook"), ("parcel_order", "mug"), ("cancelled_order", "coupon-20")]
    }
    mall_orders.cancel(placed["cancelled_order"], by=admin, reason="商品售罄", now=now)
    return placed


def _awards(member: Member, admin: User, now: datetime) -> dict[str, int]:
    """An award in every state that a member can meet, each brought there by the way that a shop's own awards take."""
    granted = {name: _grant(member, name, now - days * DAY) for name, (_gift, days) in GRANTED.items()}
    checking_off.redeem(granted["code_used"].pk, outlet=Outlet.objects.filter(active=True)[0], by=admin, now=now - HOUR)
    reversing.reverse_award(granted["code_taken_back"].pk, by=admin, reason="活动规则调整", now=now)
    parcels = [granted[name] for name in ("mug_packed", "mug_sent", "mug_returned")]
    for award in parcels:
        giving_addresses.give_address(member.pk, award.pk, HOME, now=award.granted_at)
    shipping.export_waiting([parcels[0].gift], by=admin, now=now - 3 * DAY)
    giving_addresses.give_address(member.pk, granted["mug_addressed"].pk, HOME, now=now - HOUR)
    rows = [tracking.TrackingRow(award.pk, "顺丰速运", f"SF14{award.pk:011d}") for award in parcels[1:]]
    tracking.ingest_tracking(rows, now=now - 2 * DAY)
    tracking.note_return(Shipment.objects.get(award=parcels[2]).pk, by=admin, now=now - HOUR)
    award_expiry.expire_due(now=now, limit=10_000)
    return {name: award.pk for name, award in granted.items()}


def _grant(member: Member, name: str, at: datetime) -> Award:
    gift = Gift.objects.get(slug=GRANTED[name][0])
    scope = f"campaign:{DAYS}"
    return grant_award(gift, member.pk, key=f"tour:{name}", source=scope, scope=scope, now=at)

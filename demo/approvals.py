"""What waits for a second person at the demo shop, one of each kind (四眼), with a word on it; and what was decided."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model

from demo.guarding import SCOPE
from demo.words import say
from members.models import Member
from operations import approvals, guarded_fields
from operations.models import ApprovalRequest
from rewards import adjusting, award_batches, code_batches
from rewards.approving import awards as batches
from rewards.approving import codes, pools
from rewards.models import Account, Budget, Gift, MallItem, Prize, PrizePool, Unit
from segmentation import member_sets
from segmentation.models import Segment

Staff = dict[str, User]
MOST_AT_ONCE = 40


def ask_for_all(staff: Staff, language: str, *, by: User, now: datetime) -> None:
    """Let colleagues ask for what one person alone may not do; `by` is the administrator."""
    _decide_some(staff, language, now=now - timedelta(days=3))
    _ask_for_stock(staff["operator"], staff["reviewer"], language, now=now - timedelta(hours=5))
    _ask_for_value(staff["operator"], now=now - timedelta(hours=4))
    _ask_for_budget(staff["finance"], by, language, now=now - timedelta(hours=7))
    _ask_for_points(staff["support"], staff["finance"], language, now=now - timedelta(hours=6))
    asked = _ask_for_awards(staff["operator"], "thanks", "coupon-20", language, now=now - timedelta(hours=2))
    _say(asked, staff["finance"], "comment.awards", language, now=now - timedelta(minutes=50))


def _ask(row: Model, values: dict[str, Any], *, by: User, now: datetime) -> ApprovalRequest:
    """Ask for values of the row's fields: of the one guard that has them."""
    guard = next(each for each in guarded_fields.guards_of(type(row)) if all(each.field(name) for name in values))
    return guarded_fields.ask(guard, row, values, by=by, now=now)


def _ask_for_stock(operator: User, reviewer: User, language: str, *, now: datetime) -> None:
    """More of a coupon in the mall, more codes of one that runs low, and a pool that has more to give."""
    asked = _ask(MallItem.objects.get(slug="coupon-100"), {"stock": 40}, by=operator, now=now)
    _say(asked, reviewer, "comment.stock", language, now=now + timedelta(hours=1))
    at = now + timedelta(minutes=9)
    codes.ask(
        code_batches.begin_generation(Gift.objects.get(slug="latte"), 200, by=operator, now=at), by=operator, now=at
    )
    pool = PrizePool.objects.get(slug="everyone")
    Prize.objects.filter(pool=pool, key="coupon-50").update(stock=260)
    pools.ask(pool, by=operator, now=now + timedelta(minutes=30), reason=say("ask.pool", language))


def _ask_for_value(operator: User, *, now: datetime) -> None:
    gift = Gift.objects.get(slug="flash")
    _ask(gift, {"face_value": gift.face_value + 2, "cost": gift.face_value + 2}, by=operator, now=now)


def _ask_for_budget(finance: User, admin: User, language: str, *, now: datetime) -> None:
    budget = Budget.objects.get(scope=SCOPE, per=Budget.Per.TOTAL)
    asked = _ask(budget, {"cents": budget.cents * 3 // 2}, by=finance, now=now)
    _say(asked, admin, "comment.budget", language, now=now + timedelta(hours=2))


def _ask_for_points(support: User, finance: User, language: str, *, now: datetime) -> None:
    """One correction small enough for one person, one that waits, and one that was refused."""
    unit = Unit.objects.get(slug="points")
    members = Member.objects.filter(pk__in=Account.objects.filter(unit=unit).values("member_id")).order_by("uid")
    few = members[3:6]
    for number, (member, amount) in enumerate(
        zip(few, (20, unit.adjustment_limit + 500, unit.adjustment_limit + 9_000), strict=True)
    ):
        reason = say(f"adjust.{number}", language)
        at = now - timedelta(hours=20 * (number == 2))
        adjustment = adjusting.request(member, unit, amount=amount, reason=reason, by=support, now=at)
        if number == 2:
            adjusting.refuse(adjustment, by=finance, now=at + timedelta(hours=3))


def _ask_for_awards(asker: User, why: str, gift: str, language: str, *, now: datetime) -> ApprovalRequest:
    """A coupon for some of the shop's best customers."""
    segment = Segment.objects.get(slug="high-value")
    if segment.members_id is None:
        raise RuntimeError("the segment was not computed")
    best = member_sets.load(segment.members_id)
    uids = Member.objects.filter(pk__in=list(best)[:MOST_AT_ONCE]).order_by("uid").values_list("uid", flat=True)
    reason = say(f"ask.{why}", language)
    found = Gift.objects.get(slug=gift)
    batch = award_batches.prepare(found, "\n".join(uids), None, scope="", reason=reason, by=asker, now=now)
    return batches.ask(batch, by=asker, now=now)


def _decide_some(staff: Staff, language: str, *, now: datetime) -> None:
    """What was asked for some days ago: one was approved and done, one refused."""
    asked = _ask_for_awards(staff["operator"], "sorry", "points-20", language, now=now)
    at = now + timedelta(hours=2)
    token = approvals.shown(asked).token
    approvals.approve(asked, by=staff["finance"], now=at, token=token, note=say("approve.awards", language))
    members = member_sets.load(asked.payload["set"])
    while award_batches.give_next(int(asked.target_id), members, now=at + timedelta(minutes=1)):
        pass
    refused = _ask(Gift.objects.get(slug="phone"), {"stock": 30}, by=staff["operator"], now=now)
    approvals.refuse(refused, by=staff["reviewer"], now=at, note=say("refuse.stock", language))


def _say(asked: ApprovalRequest, by: User, words: str, language: str, *, now: datetime) -> None:
    approvals.comment(asked, by=by, now=now, text=say(words, language))

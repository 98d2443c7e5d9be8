"""A member of whom every room knows something, by the functions that write facts in earnest."""

from datetime import datetime, timedelta
from decimal import Decimal

from campaigns import playing
from members.ingest import ingest_members, ingest_order_items, ingest_orders
from members.models import Attribute, Level, LevelChange, Member, MemberLevel
from members.rows import MemberRow, OrderItemRow, OrderRow
from operations import jobs
from operations.models import Job
from segmentation import recomputing, rfm, tagging
from segmentation.models import MemberTag, RfmModel, Segment, Tag, TagGroup
from tests.browser import fair

BUYERS = {
    "version": 1,
    "combinator": "and",
    "rules": [{"field": "orders.count", "operator": ">=", "value": 3}],
}
STRANGERS = {
    "version": 1,
    "combinator": "and",
    "rules": [{"field": "orders.count", "operator": "=", "value": 0}],
}


def make(*, now: datetime, orders: int = 30) -> Member:
    """Let Ann join the fair, buy, give something back, climb, and be tagged, segmented and scored."""
    campaign = fair.open_fair(now=now)
    _be_someone(now)
    _buy(orders, now=now)
    ann = Member.objects.get(uid="ann")
    playing.submit(ann, "fair", "sign", {}, now=now)
    for job in Job.objects.filter(state=Job.State.QUEUED).order_by("id"):
        jobs.run(job.pk)
    playing.draw("ann", "fair", request_key="one", roll=0, now=now)
    _climb(ann, now=now)
    _be_sorted(ann, now=now)
    assert campaign.state == "live"
    return ann


def _be_someone(now: datetime) -> None:
    Attribute.objects.create(slug="pet", label="宠物", label_en="Pet", kind="text")
    row = MemberRow("ann", name="Ann", phone="13812345678", email="ann@example.com", attributes={"pet": "Otter"})
    ingest_members([row], now=now)


def _buy(orders: int, *, now: datetime) -> None:
    rows = [
        OrderRow(
            f"A-{number}",
            "ann",
            now - timedelta(days=3 * number, hours=number),
            Decimal("20.50") + number % 7,
            channel=("app", "store")[number % 2],
            payment_method=("wechat", "alipay", "")[number % 3],
        )
        for number in range(orders)
    ]
    ingest_orders(rows, now=now)
    items = [
        OrderItemRow(row.order_id, 1, "M-1", ("milk", "tea")[index % 2], 1, row.amount)
        for index, row in enumerate(rows)
    ]
    ingest_order_items(items, now=now)


def _climb(ann: Member, *, now: datetime) -> None:
    silver = Level.objects.create(slug="silver", name="银卡", name_en="Silver", rank=1, growth_needed=100)
    Level.objects.create(slug="gold", name="金卡", name_en="Gold", rank=2, growth_needed=500)
    Member.objects.filter(pk=ann.pk).update(level=silver)
    MemberLevel.objects.update_or_create(
        member=ann, defaults={"growth_level": silver, "growth": 200, "since": now, "until": now + timedelta(days=365)}
    )
    LevelChange.objects.create(member=ann, before=None, after=silver, cause="growth", changed_at=now)


def _be_sorted(ann: Member, *, now: datetime) -> None:
    tag = Tag.objects.create(group=TagGroup.objects.create(slug="taste", name="Taste"), slug="milk", name="Loves milk")
    tagging.set_tag([ann.pk], tag, source=MemberTag.Source.HAND, now=now, expires_at=now + timedelta(days=30))
    for slug, name, rule in (("buyers", "Buyers", BUYERS), ("strangers", "Strangers", STRANGERS)):
        recomputing.recompute(Segment.objects.create(slug=slug, name=name, rule=rule), now=now)
    rfm.recompute(RfmModel.objects.get(), at=now.date(), now=now)

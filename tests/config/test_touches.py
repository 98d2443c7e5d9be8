"""Every write path of facts tells whom it touched, in its own transaction, and nobody else.

The tables themselves note what changed (`watched_facts`), so a door that forgets its touch is found out, and so is one
that writes a table behind the doors.
"""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from campaigns import following, playing, published
from campaigns.models import Campaign, Enrolment
from members import erasing, paid_levels, profiling, standing, touches
from members.event_partitions import ensure_around
from members.event_rows import EventRow
from members.ingest import ingest_members, ingest_order_items, ingest_orders, ingest_refunds
from members.ingest_events import ingest_events
from members.models import Attribute, Level, LevelChange, Member, Touch
from members.rows import MemberRow
from operations import jobs
from rewards import adjusting, drawing, earning, ledger, mall_orders
from rewards.awards import grant_award
from rewards.chances import grant_chances
from rewards.models import Gift, MallItem, MallOrder, Unit
from tests.campaigns import scenes
from tests.config import watched_facts
from tests.members.shop import NOW, item, order, refund
from tests.rewards.earned import rule

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PLAYED = scenes.NOW


def event(event_id: str, uid: str) -> EventRow:
    return EventRow(event_id, uid, "view", datetime(2026, 11, 20, 12, tzinfo=UTC))


def member(uid: str) -> Member:
    return Member.objects.get(uid=uid)


@pytest.fixture
def shop():
    """Ann has bought, earned and joined, Cat has joined, Bob is known. Then the watch begins."""
    ensure_around(now=NOW)
    Attribute.objects.create(slug="city", label="City", kind="text")
    Level.objects.create(slug="base", name="Base", rank=1, growth_needed=0)
    Level.objects.create(slug="silver", name="Silver", rank=2, growth_needed=100, valid_months=12)
    Level.objects.create(slug="paid", name="Paid", rank=9, kind="paid", valid_months=1)
    Unit.objects.create(slug="lots", name="lots", expiry="days", expires_after=1)
    rule()
    ingest_members(
        [MemberRow("ann", name="Ann", attributes={"city": "Wuxi"}), MemberRow("bob"), MemberRow("cat")], now=NOW
    )
    ingest_orders([order("o1", "ann"), order("o2", "ann")], now=NOW)
    ingest_order_items([item("o1")], now=NOW)
    ingest_events([event("e1", "ann")], now=NOW)
    ann = member("ann")
    ledger.post_entry(ann.pk, "points", amount=50, key="old", reason="old", now=NOW)
    ledger.post_entry(ann.pk, "lots", amount=5, key="lot", reason="old", now=NOW - 9 * DAY)
    matures_at = NOW - DAY
    ledger.post_entry(ann.pk, "points", amount=7, key="due", reason="old", now=NOW - 9 * DAY, matures_at=matures_at)
    scenes.publish(
        tasks=[scenes.task("one"), scenes.task("two"), scenes.task("buy", "purchase")],
        chains=[scenes.chain("path", "one", "two")],
    )
    definition = published.definition_of("autumn")
    assert definition is not None
    playing.enrol(ann, "autumn", now=PLAYED)
    playing.enrol(member("cat"), "autumn", now=PLAYED)
    watched_facts.watch()


def _adjust():
    boss = User.objects.create(username="boss", is_staff=True)
    adjusting.request(member("ann"), Unit.objects.get(slug="points"), amount=5, reason="gift", by=boss, now=NOW)


def _reverse():
    entry = ledger.post_entry(member("bob").pk, "points", amount=5, key="k", reason="r", now=NOW)
    ledger.reverse_entry(entry.pk, key="back", reason="r", now=NOW)


def _growth(uid: str):
    ledger.post_entry(member(uid).pk, "growth", amount=100, key=f"g{uid}", reason="r", now=NOW)


def _republish():
    """Give the chain a step more: who had finished it has not any more."""
    campaign = Campaign.objects.get()
    three = scenes.task("three")
    file = scenes.campaign_file(
        tasks=[scenes.task("one"), scenes.task("two"), three, scenes.task("buy", "purchase")],
        chains=[scenes.chain("path", "one", "two", "three")],
    )
    scenes.campaign_files.load(file, by=None, now=PLAYED)
    scenes.publish_draft(campaign, by=None, now=PLAYED)


def _draw():
    grant_chances(member("ann").pk, "campaign:autumn", count=1, key="chance", now=PLAYED)
    playing.draw("ann", "autumn", request_key="one", roll=0, now=PLAYED)


def _order():
    MallItem.objects.create(slug="mug", gift=Gift.objects.get(slug="thanks"), price=1, state="on_sale")
    mall_orders.place(member("ann").pk, "mug", request_key="k", now=NOW)


def _cancel():
    _order()
    Touch.objects.all().delete()
    mall_orders.cancel(MallOrder.objects.get().pk, by=None, reason="r", now=NOW)


def _claims(uid: str):
    playing.submit(member(uid), "autumn", "one", {}, now=PLAYED)


def _buys(uid: str):
    return paid_levels.buy_level(member(uid), Level.objects.get(slug="paid"), key=uid, order_id="o9", now=NOW)


def _end_paid():
    _buys("bob")
    standing.end_paid_periods([member("bob").pk], now=NOW + 60 * DAY)


def _settle():
    earning.settle_orders(member("ann").orders.values_list("pk", flat=True), now=NOW)


def _follow():
    ingest_orders([order("o3", "cat")], now=NOW)
    following.follow([Enrolment.objects.get(member=member("cat")).pk], now=PLAYED)


ORDERS, PROFILE, EVENTS, LEVEL = ({each: {"ann"}} for each in ("orders", "profile", "events", "level"))
ATTRIBUTE, POINTS, DRAWS, PLAYING = ({each: {"ann"}} for each in ("attribute", "points", "draws", "participation"))
NOBODY: dict[str, set[str]] = {}

DOORS = {
    "a new member comes in": (
        lambda: ingest_members([MemberRow("eve", attributes={"city": "Wuxi"})], now=NOW),
        {"profile": {"eve"}, "attribute": {"eve"}},
    ),
    "a member is renamed": (lambda: ingest_members([MemberRow("ann", name="Anna")], now=NOW), PROFILE),
    "a member comes in unchanged": (lambda: ingest_members([MemberRow("ann", name="Ann")], now=NOW), NOBODY),
    "an attribute changes": (
        lambda: ingest_members([MemberRow("ann", attributes={"city": "Suzhou"})], now=NOW),
        ATTRIBUTE,
    ),
    "a level is imported": (lambda: ingest_members([MemberRow("ann", level="silver")], now=NOW), LEVEL),
    "a member is erased": (lambda: erasing.erase(member("ann").pk, by=None, reason="asked", now=NOW), None),
    "a member refuses profiling": (lambda: profiling.refuse(member("ann"), by=None, now=NOW), NOBODY),
    "an order comes in": (lambda: ingest_orders([order("o3", "ann")], now=NOW), ORDERS),
    "an order of a stranger comes in": (
        lambda: ingest_orders([order("o3", "eve")], now=NOW),
        {"profile": {"eve"}, "orders": {"eve"}},
    ),
    "an order comes in again": (lambda: ingest_orders([order("o1", "ann")], now=NOW), NOBODY),
    "an order is corrected": (lambda: ingest_orders([order("o1", "ann", amount="11.00")], now=NOW), ORDERS),
    "an order comes twice": (
        lambda: ingest_orders([order("o3", "ann"), order("o3", "ann", amount="12.00")], now=NOW),
        ORDERS,
    ),
    "an order is refunded": (lambda: ingest_orders([order("o1", "ann", status="refunded")], now=NOW), ORDERS),
    "a line comes in": (lambda: ingest_order_items([item("o2")], now=NOW), ORDERS),
    "a line is corrected": (lambda: ingest_order_items([item("o1", category="tea")], now=NOW), ORDERS),
    "a refund comes in": (lambda: ingest_refunds([refund("r1")], now=NOW), ORDERS),
    "a refund waits for its order": (lambda: ingest_refunds([refund("r1", "o9")], now=NOW), NOBODY),
    "an event comes in": (lambda: ingest_events([event("e2", "ann")], now=NOW), EVENTS),
    "an event of a stranger comes in": (
        lambda: ingest_events([event("e2", "eve")], now=NOW),
        {"profile": {"eve"}, "events": {"eve"}},
    ),
    "an event comes in again": (lambda: ingest_events([event("e1", "ann")], now=NOW), NOBODY),
    "growth value lifts": (lambda: _growth("ann"), POINTS | LEVEL),
    "a level is bought": (lambda: _buys("ann"), LEVEL),
    "a paid level ends": (_end_paid, {"level": {"bob"}}),
    "the ladder is climbed by review": (
        lambda: standing.follow_growth(member("ann").pk, growth=100, cause=LevelChange.Cause.GROWTH, now=NOW),
        LEVEL,
    ),
    "points are earned": (
        lambda: ledger.post_entry(member("ann").pk, "points", amount=1, key="k", reason="r", now=NOW),
        POINTS,
    ),
    "points are spent": (
        lambda: ledger.post_entry(member("ann").pk, "points", amount=-1, key="k", reason="r", now=NOW),
        POINTS,
    ),
    "points are reversed": (_reverse, {"points": {"bob"}}),
    "a balance is adjusted": (_adjust, POINTS),
    "points are given away": (
        lambda: ledger.transfer(member("ann").pk, member("bob").pk, "points", amount=3, key="k", reason="r", now=NOW),
        {"points": {"ann", "bob"}},
    ),
    "points are forfeited": (lambda: ledger.forfeit(member("ann").pk, key="k", reason="r", now=NOW), POINTS),
    "points mature": (lambda: ledger.mature_due(now=NOW, limit=9), POINTS),
    "points expire": (lambda: ledger.expire_due(now=NOW, limit=9), POINTS),
    "a gift of points is granted": (
        lambda: grant_award(Gift.objects.get(slug="hundred-points"), member("ann").pk, key="k", source="s", now=NOW),
        POINTS,
    ),
    "words of thanks are granted": (
        lambda: grant_award(Gift.objects.get(slug="thanks"), member("ann").pk, key="k", source="s", now=NOW),
        NOBODY,
    ),
    "an item of the mall is had": (_order, POINTS),
    "an order of the mall is cancelled": (_cancel, POINTS),
    "orders earn": (_settle, POINTS),
    "a draw wins points": (_draw, POINTS | DRAWS),
    "a member joins and finishes a task": (lambda: _claims("bob"), {"participation": {"bob"}, "points": {"bob"}}),
    "a purchase finishes a task": (
        _follow,
        {"orders": {"cat"}, "points": {"cat"}, "participation": {"cat"}},
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_door_touches_whom_it_changes_and_nobody_else(door, shop):
    act, expected = DOORS[door]
    act()
    changed, touched = watched_facts.changed(), watched_facts.touched()
    if expected is None:
        # Who is erased is touched once, for all families.
        erased = set(Member.objects.exclude(erased_at=None).values_list("uid", flat=True))
        assert touched.pop("profile") == erased == set.union(*changed.values())
        assert set.union(set(), *touched.values()) <= erased
        return
    assert touched == expected
    forgotten = {family: uids - touched.get(family, set()) for family, uids in changed.items()}
    assert not any(forgotten.values()), forgotten


def test_a_new_revision_touches_those_who_have_begun_a_chain(shop):
    _claims("ann")
    Touch.objects.all().delete()
    _republish()
    assert watched_facts.touched() == PLAYING


def test_a_fact_that_is_rolled_back_touches_nobody(shop):
    def fail() -> None:
        with transaction.atomic():
            ingest_orders([order("o3", "ann")], now=NOW)
            assert watched_facts.touched() == ORDERS
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert watched_facts.touched() == NOBODY


def test_a_draw_that_is_asked_again_touches_nobody(shop):
    _draw()
    Touch.objects.all().delete()
    assert playing.draw("ann", "autumn", request_key="one", roll=0, now=PLAYED).repeated
    assert watched_facts.touched() == NOBODY


def test_what_one_transaction_touches_together_is_one_row_for_each_family(shop):
    with touches.together():
        _settle()
        _claims("bob")
    rows = [(row.family, len(row.member_ids)) for row in Touch.objects.order_by("family")]
    assert rows == [("participation", 1), ("points", 2)]


def test_a_touch_outside_a_transaction_is_refused(shop, monkeypatch):
    monkeypatch.setattr(touches, "connection", SimpleNamespace(in_atomic_block=False))
    with pytest.raises(jobs.NotInTransaction):
        touches.touch(touches.ORDERS, [1])


def test_an_order_of_the_mall_that_is_asked_again_touches_nobody(shop):
    _order()
    Touch.objects.all().delete()
    assert mall_orders.place(member("ann").pk, "mug", request_key="k", now=NOW).repeated
    assert watched_facts.touched() == NOBODY


def test_draws_ask_those_who_follow_them(shop, monkeypatch):
    asked = []
    monkeypatch.setattr(touches, "_followers", {"segmentation.jobs.look": "SELECT 'draws'"})
    monkeypatch.setattr(drawing, "draw_statement", drawing.draw_statement.__wrapped__)
    monkeypatch.setattr("operations.jobs.enqueue", lambda function, **_: asked.append(function))
    _draw()
    assert asked == ["segmentation.jobs.look"]

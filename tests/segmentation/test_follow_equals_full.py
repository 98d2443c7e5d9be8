"""After any sequence of facts, what the segments followed is what a whole computation finds at the same moment."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import erasing
from members.ingest import ingest_members, ingest_orders, ingest_refunds
from members.locking import UidsErased
from members.models import Level, Member, Order
from members.rows import MemberRow, OrderRow, RefundRow
from segmentation import evaluation, following, member_sets, recomputing, world
from segmentation.counting import read_rule
from segmentation.models import Segment, Tag, TagGroup
from segmentation.tagging import remove_tag, set_tag
from tests.segmentation.people import NOW

PEOPLE = 4
# From the ground up, so that the ones below come after what they read.
RULES = {
    "buyers": [{"field": "orders.count", "operator": ">=", "value": 2, "window": {"last_days": 30}}],
    "spenders": [{"field": "orders.amount.sum", "operator": ">=", "value": "50"}],
    "vips": [{"field": "tag.club", "operator": "=", "value": "vip"}],
    "gold": [{"field": "level", "operator": "=", "value": "gold"}],
    "strangers": [
        {"field": "profile.region", "operator": "not_in", "value": ["here"]},
        {"field": "orders.last.days_ago", "operator": "is_null"},
    ],
    "reader": [
        {"field": "segment", "operator": "in", "value": ["buyers", "gold"]},
        {"field": "segment", "operator": "not_in", "value": ["vips"]},
    ],
    "reader-of-reader": [{"field": "segment", "operator": "not_in", "value": ["reader", "strangers"]}],
}
PERSON = st.integers(0, PEOPLE - 1)
FACT = st.one_of(
    st.tuples(st.just("order"), PERSON, st.integers(0, 60), st.sampled_from(["10.00", "25.00", "50.00"])),
    st.tuples(st.just("refund"), PERSON, st.sampled_from(["10.00", "50.00"])),
    st.tuples(st.just("tag"), PERSON),
    st.tuples(st.just("untag"), PERSON),
    st.tuples(st.just("level"), PERSON),
    st.tuples(st.just("region"), PERSON, st.sampled_from(["here", "there"])),
    st.tuples(st.just("erase"), PERSON),
    st.tuples(st.just("follow")),
    st.tuples(st.just("whole"), st.sampled_from(sorted(RULES))),
)
numbers = count()

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> None:
    Tag.objects.create(group=TagGroup.objects.create(slug="club", name="Club"), slug="vip", name="VIP")
    Level.objects.create(slug="gold", name="Gold", rank=5, kind="paid")
    for slug, leaves in RULES.items():
        rule = {"version": 1, "combinator": "and", "rules": leaves}
        segment = Segment.objects.create(slug=slug, name=slug, rule=rule)
        assert recomputing.recompute(segment, now=NOW).state == "done"


class Story:
    """The facts of one example, about people of its own."""

    def __init__(self) -> None:
        self.number = next(numbers)

    def uid(self, person: int) -> str:
        return f"p{self.number}-{person}"

    def member(self, person: int) -> Member | None:
        return Member.objects.filter(uid=self.uid(person)).first()

    def order(self, person: int, days: int, amount: str) -> None:
        paid_at = NOW - timedelta(days=days)
        ingest_orders([OrderRow(f"o{next(numbers)}", self.uid(person), paid_at, Decimal(amount))], now=NOW)

    def refund(self, person: int, amount: str) -> None:
        order = Order.objects.filter(member__uid=self.uid(person)).last()
        if order:
            ingest_refunds([RefundRow(f"r{next(numbers)}", order.order_id, NOW, Decimal(amount))], now=NOW)

    def tag(self, person: int) -> None:
        if member := self.member(person):
            with transaction.atomic():
                set_tag([member.pk], Tag.objects.get(), source="hand", now=NOW)

    def untag(self, person: int) -> None:
        if member := self.member(person):
            with transaction.atomic():
                remove_tag([member.pk], Tag.objects.get(), source="hand", now=NOW)

    def level(self, person: int) -> None:
        ingest_members([MemberRow(self.uid(person), level="gold")], now=NOW)

    def region(self, person: int, region: str) -> None:
        ingest_members([MemberRow(self.uid(person), region=region)], now=NOW)

    def erase(self, person: int) -> None:
        if member := self.member(person):
            erasing.erase(member.pk, by=None, reason="asked for", now=NOW)

    def follow(self) -> None:
        following.follow(now=NOW)

    def whole(self, slug: str) -> None:
        recomputing.recompute(Segment.objects.get(slug=slug), now=NOW)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=st.lists(FACT, max_size=10))
def test_what_was_followed_is_what_a_whole_computation_finds(shop, facts):
    story = Story()
    for name, *details in facts:
        # Whoever was erased is not made anew of later facts.
        with suppress(UidsErased):
            getattr(story, name)(*details)
    following.follow(now=NOW)
    for slug in RULES:
        segment = Segment.objects.get(slug=slug)
        found = evaluation.members_of(read_rule(segment.rule), world.everyone(now=NOW))
        assert member_sets.load(segment.members_id) == found, slug
        assert segment.as_of
    assert following.follow(now=NOW) == []

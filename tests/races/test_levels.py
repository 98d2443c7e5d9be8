"""Levels that many move at once: growth, purchases, refunds and reviews of one member."""

from datetime import timedelta

import pytest

from campaigns import level_chances, playing, published
from campaigns.subjects import load_subject
from members import standing
from members.ingest import ingest_orders
from members.models import Level, LevelChange, MemberLevel, PaidPeriod
from rewards import ledger
from rewards.chances import chances_left
from rewards.models import Account
from tests.campaigns import scenes
from tests.members.levels import books_of_levels_are_right, level_of, new_member, short_ladder
from tests.members.shop import order
from tests.races.together import Crowd
from tests.rewards.build import NOW, books_are_right

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_posts_that_cross_a_level_are_one_change_in_each_of_ten_rounds():
    short_ladder()
    with Crowd(20) as crowd:
        for number in range(10):
            member = new_member(f"m{number}")

            def earn(each, member=member):
                key = f"{member.uid}:{each}"
                ledger.post_entry(member.pk, "growth", amount=5, key=key, reason="test", now=NOW)

            assert crowd.each(earn, range(20)) == [None] * 20
            changes = LevelChange.objects.filter(member=member).values_list("after__slug", flat=True)
            assert (list(changes), MemberLevel.objects.get(member=member).growth) == (["silver"], 100)
    assert books_of_levels_are_right()
    assert books_are_right()


def test_twenty_purchases_with_one_key_are_one_period_in_each_of_ten_rounds():
    plus = short_ladder()["plus"]
    with Crowd(20) as crowd:
        for number in range(10):
            member = new_member(f"m{number}")

            def buy(_each, member=member):
                return standing.buy_level(member, plus, key=f"k:{member.uid}", order_id="A", now=NOW).pk

            assert len(set(crowd.each(buy, range(20)))) == 1
            assert PaidPeriod.objects.filter(member=member).count() == 1
    assert books_of_levels_are_right()


def test_ten_purchases_at_once_follow_each_other():
    plus = short_ladder()["plus"]
    with Crowd(10) as crowd:
        for number in range(5):
            member = new_member(f"m{number}")

            def buy(each, member=member):
                key = f"{member.uid}:{each}"
                return standing.buy_level(member, plus, key=key, order_id=key, now=NOW).pk

            crowd.each(buy, range(10))
            periods = list(PaidPeriod.objects.filter(member=member).order_by("starts_at"))
            assert [each.starts_at for each in periods[1:]] == [each.ends_at for each in periods[:-1]]
            assert LevelChange.objects.filter(member=member).count() == 1
    assert books_of_levels_are_right()


def test_a_purchase_and_the_refund_of_its_order_leave_nothing_bought_in_each_of_thirty_rounds():
    plus = short_ladder()["plus"]
    with Crowd(4) as crowd:
        for number in range(30):
            member = new_member(f"m{number}")
            order_id = f"order-{number}"
            ingest_orders([order(order_id, member.uid)], now=NOW)

            def act(each, member=member, order_id=order_id):
                if each % 2:
                    # As much work as a refund is, so that sometimes the one comes first and sometimes the other.
                    ingest_orders([order(f"{order_id}-{each}", f"other-{each}")], now=NOW)
                    return standing.buy_level(member, plus, key=order_id, order_id=order_id, now=NOW)
                ingest_orders([order(order_id, member.uid, status="refunded")], now=NOW)
                return standing.refund_order(order_id, now=NOW)

            for outcome in crowd.each(act, range(4)):
                assert isinstance(outcome, int | PaidPeriod | standing.LevelRefused)
            assert not PaidPeriod.objects.filter(member=member, revoked_at=None).exists()
            assert level_of(member) == "normal"
    assert books_of_levels_are_right()


def test_a_review_and_growth_at_once_lose_nothing_in_each_of_thirty_rounds():
    short_ladder()
    with Crowd(6) as crowd:
        for number in range(30):
            member = new_member(f"m{number}")
            ledger.post_entry(member.pk, "growth", amount=120, key=f"{member.uid}", reason="test", now=NOW)
            MemberLevel.objects.filter(member=member).update(until=NOW)
            later = NOW + timedelta(minutes=5)

            def act(each, member=member, later=later):
                if each % 2:
                    return standing.review([member.pk], last_year={}, now=later)
                key = f"{member.uid}:{each}"
                ledger.post_entry(member.pk, "growth", amount=50, key=key, reason="test", now=later)
                return 0

            assert sum(crowd.each(act, range(6))) == 1
            held = MemberLevel.objects.get(member=member)
            assert held.growth == Account.objects.get(member=member).earned == 270
    assert books_of_levels_are_right()
    assert books_are_right()


def test_twenty_visits_bring_the_draws_of_a_level_once_in_each_of_ten_rounds():
    short_ladder()
    Level.objects.filter(slug="normal").update(extra_chances=2)
    scenes.publish()
    definition = published.definition_of("autumn")
    with Crowd(20) as crowd:
        for number in range(10):
            member = new_member(f"m{number}")

            playing.enrol(member, "autumn", now=scenes.NOW)
            tomorrow = scenes.NOW + scenes.DAY

            def visit(_each, member=member, tomorrow=tomorrow):
                return level_chances.give(load_subject(member, definition, now=tomorrow), definition, now=tomorrow)

            assert sum(crowd.each(visit, range(20))) == 1
            assert chances_left(member.pk, "campaign:autumn") == 4
    assert books_are_right()

"""Levels follow the growth value, whichever way it is earned or taken back, and are reviewed by what it was."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from members.models import LevelChange, Member, MemberLevel
from operations.models import Job
from rewards import ledger, level_following
from rewards.awards import grant_award
from rewards.drawing import draw
from rewards.granting import grant
from rewards.models import Entry
from tests.members.levels import books_of_levels_are_right, level_of, new_member, short_ladder
from tests.rewards.build import NOW, SCOPE, books_are_right, gift, published, with_chances

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    short_ladder()
    return new_member()


def post(member, amount, now=NOW, *, key=None, **more) -> Entry:
    key = key or f"{member.pk}:{now.isoformat()}:{amount}"
    return ledger.post_entry(member.pk, "growth", amount=amount, key=key, reason="test", now=now, **more)


def causes(member):
    changes = LevelChange.objects.filter(member=member).order_by("id")
    return list(changes.values_list("after__slug", "cause", "reference"))


def all_books_are_right():
    return books_are_right() and books_of_levels_are_right()


def test_growth_that_is_posted_lifts_at_once(ann):
    post(ann, 99, key="a")
    assert level_of(ann) == "normal"
    post(ann, 1, key="b", reference="order:B")
    post(ann, 1, key="b", reference="order:B")
    assert causes(ann) == [("silver", "growth", "order:B")]
    assert all_books_are_right()


def test_growth_that_is_spent_leaves_the_level(ann):
    post(ann, 100)
    post(ann, -100)
    assert level_of(ann) == "silver"


def test_points_lift_nobody_and_cost_no_query_more(ann, django_assert_num_queries):
    ledger.post_entry(ann.pk, "points", amount=1, key="p", reason="test", now=NOW)
    # The entry, and whom it touched with who follows.
    with django_assert_num_queries(2):
        ledger.post_entry(ann.pk, "points", amount=100_000, key="q", reason="test", now=NOW)
    assert level_of(ann) == "normal"


def test_pending_growth_lifts_once_it_matures(ann):
    post(ann, 100, matures_at=NOW + timedelta(days=7))
    assert level_of(ann) == "normal"
    assert ledger.mature_due(now=NOW + timedelta(days=8), limit=10) == 1
    assert level_of(ann) == "silver"
    assert all_books_are_right()


def test_growth_taken_back_lowers_at_once(ann):
    entry = post(ann, 500, reference="order:A")
    ledger.reverse_entry(entry.pk, amount=1, key="r1", reason="refund", now=NOW)
    ledger.reverse_entry(entry.pk, key="r2", reason="refund", now=NOW)
    assert causes(ann) == [
        ("gold", "growth", "order:A"),
        ("silver", "reversal", "order:A"),
        ("normal", "reversal", "order:A"),
    ]
    assert all_books_are_right()


def test_growth_taken_back_after_it_was_spent_lowers_too(ann):
    entry = post(ann, 100)
    post(ann, -80)
    ledger.reverse_entry(entry.pk, key="r", reason="refund", now=NOW)
    assert level_of(ann) == "normal"
    assert all_books_are_right()


def test_an_adjustment_by_hand_lifts_and_one_downwards_leaves_the_level(ann):
    ledger.adjust(ann.pk, "growth", amount=100, key="up", reason="goodwill", now=NOW)
    ledger.adjust(ann.pk, "growth", amount=-100, key="down", reason="error", now=NOW)
    assert causes(ann) == [("silver", "by_hand", "up")]
    assert all_books_are_right()


def test_what_a_task_gives_lifts(ann):
    grant(ann.pk, growth=100, key="task:1", scope=SCOPE, reason="test", now=NOW)
    assert level_of(ann) == "silver"
    grant(ann.pk, gift=gift("boost", "growth", amount=400).slug, key="task:2", scope=SCOPE, reason="test", now=NOW)
    assert level_of(ann) == "gold"
    assert all_books_are_right()


def test_a_gift_of_growth_lifts_once_per_key(ann):
    boost = gift("boost", "growth", amount=100)
    for _ in range(3):
        grant_award(boost, ann.pk, key="one", source="test", now=NOW)
    assert MemberLevel.objects.get(member=ann).growth == 100
    assert len(causes(ann)) == 1


def test_growth_that_is_drawn_lifts(django_assert_num_queries):
    short_ladder()
    (member,) = with_chances(1, each=3)
    growing = published((gift("boost", "growth", amount=100), 10, None), consolation=(gift("thanks"), 999_990))
    for number, roll in enumerate([999_999, 0, 0]):
        draw(member.pk, scope=SCOPE, version_id=growing.pk, request_key=str(number), roll=roll, now=NOW)
    standing = MemberLevel.objects.get(member=member)
    assert (standing.growth, level_of(member)) == (200, "silver")
    assert books_are_right()


def test_a_draw_that_gives_no_growth_stays_one_statement(django_assert_num_queries):
    (member,) = with_chances(1, each=3)
    version = published(consolation=(gift("thanks"), 1_000_000))
    draw(member.pk, scope=SCOPE, version_id=version.pk, request_key="1", roll=0, now=NOW)
    with django_assert_num_queries(1):
        draw(member.pk, scope=SCOPE, version_id=version.pk, request_key="2", roll=0, now=NOW)


def local(year, month, day, hour=0):
    return datetime(year, month, day, hour, tzinfo=timezone.get_default_timezone())


def test_the_year_before_a_review_is_what_was_earned_in_it(ann):
    """From the same date a year back, included, to the review, not included; net of what was taken back in it."""
    until = local(2028, 3, 1)
    post(ann, 1, local(2027, 2, 28, 23))
    inside = post(ann, 10, local(2027, 3, 1))
    post(ann, 100, local(2028, 2, 29, 23))
    post(ann, 1_000, until)
    ledger.reverse_entry(inside.pk, amount=4, key="r", reason="refund", now=local(2027, 6, 1))
    post(ann, -50, local(2027, 7, 1))
    assert level_following.earned_in_the_year_before({ann.pk: until}) == {ann.pk: 106}


@pytest.mark.parametrize(("last_year", "level"), [(499, "silver"), (500, "gold"), (99, "normal"), (100, "silver")])
def test_the_nightly_job_reviews_by_last_years_growth(ann, last_year, level):
    post(ann, 500, local(2026, 1, 15, 9))
    post(ann, last_year, local(2026, 6, 1))
    MemberLevel.objects.update(until=local(2027, 2, 1))
    level_following.review_levels(now=local(2027, 2, 1))
    assert level_of(ann) == level
    assert MemberLevel.objects.get().until in (None, local(2028, 2, 1))
    assert all_books_are_right()


def test_reviews_go_through_all_members_in_slices(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(level_following, "SLICE", 2)
    short_ladder()
    people = [new_member(f"m{number}") for number in range(5)]
    for member in people:
        post(member, 100, local(2026, 1, 15, 9))
    now = local(2027, 1, 16, 0)
    for left in (3, 1, 0):
        with django_assert_max_num_queries(21):
            level_following.review_levels(now=now)
        assert MemberLevel.objects.filter(until__lte=now).count() == left
    assert {level_of(member) for member in people} == {"normal"}
    assert Job.objects.filter(function=level_following.REVIEW).count() == 1


def test_members_without_a_ladder_earn_growth_all_the_same():
    member = Member.objects.create(uid="ann")
    post(member, 5, datetime(2026, 1, 1, tzinfo=UTC))
    assert level_of(member) is None
    assert all_books_are_right()

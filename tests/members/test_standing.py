"""Where members stand, with the database: told as stories, and whatever may happen in any order."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import level_jobs, standing
from members.ingest import ingest_members, ingest_orders, ingest_refunds
from members.models import Level, LevelChange, Member, MemberLevel, Order, PaidPeriod
from members.rows import MemberRow
from members.standing import LevelRefusal
from operations.models import AuditRecord, Job
from tests.members.levels import PLUS, books_of_levels_are_right, level_of, make_ladder, new_member, short_ladder
from tests.members.shop import order
from tests.members.shop import refund as refund_row

pytestmark = pytest.mark.django_db

CASES = json.loads((Path(__file__).parents[1] / "cases" / "levels.json").read_text())
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
GROWTH = LevelChange.Cause.GROWTH


def follow(member, growth, now=NOW, reference=""):
    standing.follow_growth(member.pk, growth=growth, now=now, cause=GROWTH, reference=reference)


def buy(member, level, order_id, now=NOW):
    key = f"order:{member.pk}:{level.slug}:{order_id}"
    return standing.buy_level(member, level, key=key, order_id=order_id, now=now)


def refund(order_id, member, now=NOW):
    """Let the order be known and refunded in whole, as the job after its refund finds it."""
    Order.objects.update_or_create(
        order_id=order_id,
        defaults={"member": member, "paid_at": now, "amount": 10, "refunded_amount": 10, "status": "refunded"},
    )
    return standing.refund_order(order_id, now=now)


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.get_default_timezone())


def tell(step, member):
    """Let one step of a story happen."""
    now = local(step["at"])
    if "growth" in step:
        follow(member, step["growth"], now)
    if "review" in step:
        standing.review([member.pk], last_year={member.pk: step["review"]}, now=now)
    if "buy" in step:
        buy(member, Level.objects.get(slug=step["buy"]), step["order"], now)
    if "refund" in step:
        refund(step["refund"], member, now)
    if "import" in step:
        ingest_members([MemberRow(uid=member.uid, level=step["import"])], now=now)
    if "end" in step:
        level_jobs.end_paid_levels(now=now)


def periods_of(member):
    return [
        [period.starts_at, period.ends_at]
        for period in PaidPeriod.objects.filter(member=member, closed=False, revoked_at=None).order_by("starts_at")
    ]


@pytest.mark.parametrize("case", CASES["stories"], ids=[case["name"] for case in CASES["stories"]])
def test_a_story_of_levels(case):
    # “plus” ranks between platinum and crown.
    crown = CASES["ladder"][-1] | {"rank": 20}
    make_ladder(*CASES["ladder"][:-1], crown, PLUS)
    member = new_member()
    for step in case["steps"]:
        tell(step, member)
        assert level_of(member) == step["level"], step["at"]
        assert LevelChange.objects.filter(member=member).count() == step["changes"], step["at"]
        if "until" in step:
            assert MemberLevel.objects.get(member=member).until == (step["until"] and local(step["until"])), step["at"]
        if "periods" in step:
            assert periods_of(member) == [[local(since), local(until)] for since, until in step["periods"]], step["at"]
        assert books_of_levels_are_right()


def test_each_change_is_recorded_with_its_cause_and_reference():
    levels = short_ladder()
    member = new_member()
    follow(member, 100, reference="order:A-1")
    buy(member, levels["plus"], "B-1", NOW + timedelta(hours=1))
    refund("B-1", member, NOW + timedelta(hours=2))
    changes = LevelChange.objects.filter(member=member).order_by("id")
    assert list(changes.values_list("before__slug", "after__slug", "cause", "reference")) == [
        ("normal", "silver", "growth", "order:A-1"),
        ("silver", "plus", "bought", "order:B-1"),
        ("plus", "silver", "refunded", "order:B-1"),
    ]


def test_the_history_never_changes():
    short_ladder()
    follow(new_member(), 100)
    with pytest.raises(DatabaseError, match="its rows never change"), transaction.atomic():
        LevelChange.objects.update(reference="other")


def test_the_level_held_at_a_time_is_read_from_the_history():
    short_ladder()
    member = new_member()
    assert standing.level_held(member.pk, NOW).slug == "normal"
    follow(member, 100, NOW)
    follow(member, 500, NOW + timedelta(days=1))
    moments = [NOW - timedelta(days=9), NOW, NOW + timedelta(hours=23), NOW + timedelta(days=1)]
    assert [standing.level_held(member.pk, at).slug for at in moments] == ["normal", "silver", "silver", "gold"]


def test_whoever_came_in_with_a_level_had_it_before():
    short_ladder()
    ingest_members([MemberRow(uid="ann", level="gold"), MemberRow(uid="bob")], now=NOW)
    ingest_members([MemberRow(uid="bob", level="gold")], now=NOW + timedelta(days=2))
    ann, bob = Member.objects.order_by("uid")
    moments = [NOW - timedelta(days=400), NOW + timedelta(days=1), NOW + timedelta(days=3)]
    assert [standing.level_held(ann.pk, at).slug for at in moments] == ["gold", "gold", "gold"]
    assert [standing.level_held(bob.pk, at).slug for at in moments] == ["normal", "normal", "gold"]


def test_growth_that_changes_no_level_costs_the_same_few_queries_for_one_and_for_many(django_assert_num_queries):
    short_ladder()
    people = [new_member(f"m{number}") for number in range(20)]
    follow(people[0], 1)
    with django_assert_num_queries(6):  # a savepoint, its release, the lock, the ladder, the standings, the write
        follow(people[0], 2)
    with django_assert_num_queries(6):
        standing.follow_growth_of({member.pk: 3 for member in people}, now=NOW, cause=GROWTH)


def test_whoever_is_new_stands_on_the_level_that_needs_nothing():
    short_ladder()
    ingest_orders([order("A-1", "bob")], now=NOW)
    ingest_members([MemberRow(uid="cid"), MemberRow(uid="dan", level="normal")], now=NOW)
    assert set(Member.objects.values_list("uid", "level__slug")) == {(uid, "normal") for uid in ("bob", "cid", "dan")}
    assert not LevelChange.objects.exists()
    assert books_of_levels_are_right()


def test_a_file_of_members_with_levels_changes_nothing_when_it_is_repeated():
    short_ladder()
    rows = [MemberRow(uid="ann", level="gold"), MemberRow(uid="bob", level="plus"), MemberRow(uid="cid", name="Cid")]
    first = ingest_members(rows, now=NOW)
    again = ingest_members(rows, now=NOW + timedelta(days=40))
    assert (first.created, again.unchanged, LevelChange.objects.count()) == (3, 3, 2)
    # Who bought a paid level after the file was written still stands on the level by growth that it names.
    ann = Member.objects.get(uid="ann")
    buy(ann, Level.objects.get(slug="plus"), "A-1")
    assert ingest_members(rows, now=NOW).unchanged == 3
    assert level_of(ann) == "plus"


def test_of_two_rows_with_levels_the_later_one_holds():
    short_ladder()
    ingest_members([MemberRow(uid="ann", level="gold"), MemberRow(uid="ann", level="silver")], now=NOW)
    ingest_members([MemberRow(uid="ann", level="gold"), MemberRow(uid="ann", level="silver")], now=NOW)
    assert level_of(Member.objects.get()) == "silver"
    assert list(LevelChange.objects.values_list("cause", flat=True)) == ["imported"]


def test_importing_levels_costs_the_same_for_one_member_and_for_many(django_assert_num_queries):
    short_ladder()
    rows = [MemberRow(uid=f"m{number}", level="gold" if number % 2 else "plus") for number in range(50)]
    with django_assert_num_queries(23):
        ingest_members(rows[:2], now=NOW)
    with django_assert_num_queries(23):
        ingest_members(rows[2:], now=NOW)


@pytest.mark.parametrize(
    ("slug", "order_id", "code"),
    [
        ("gold", "A-1", LevelRefusal.BY_GROWTH),
        ("plus", "BOBS", LevelRefusal.ORDER_OF_ANOTHER_MEMBER),
        ("plus", "GONE", LevelRefusal.ORDER_REFUNDED),
        ("ever", "A-2", LevelRefusal.NEVER_ENDS),
    ],
)
def test_what_cannot_be_bought_is_refused_by_name(slug, order_id, code):
    levels = short_ladder() | make_ladder({"slug": "ever", "rank": 11, "kind": "paid"})
    ann = new_member()
    ingest_orders([order("BOBS", "bob"), order("GONE", "ann", status="refunded")], now=NOW)
    buy(ann, levels["ever"], "A-1")
    before = PaidPeriod.objects.count()
    with pytest.raises(standing.LevelRefused) as refused:
        buy(ann, levels[slug], order_id)
    assert (refused.value.code, PaidPeriod.objects.count()) == (code, before)


def test_a_key_buys_once_and_stands_for_one_purchase():
    levels = short_ladder()
    ann, bob = new_member(), new_member("bob")
    first = standing.buy_level(ann, levels["plus"], key="k", order_id="A-1", now=NOW)
    assert standing.buy_level(ann, levels["plus"], key="k", order_id="A-1", now=NOW + timedelta(days=9)) == first
    with pytest.raises(standing.LevelRefused) as refused:
        standing.buy_level(bob, levels["plus"], key="k", order_id="A-1", now=NOW)
    assert refused.value.code == "key_reused"
    assert PaidPeriod.objects.get().ends_at == local("2026-12-22T00:00")


def test_a_part_refund_leaves_the_level_and_the_last_of_it_takes_it_back():
    levels = short_ladder()
    ingest_orders([order("A-1", "ann", amount="30.00")], now=NOW)
    ann = Member.objects.get()
    buy(ann, levels["plus"], "A-1")
    Order.objects.update(refunded_amount=Decimal("29.99"))
    assert (standing.refund_order("A-1", now=NOW), level_of(ann)) == (0, "plus")
    Order.objects.update(refunded_amount=F("amount"))
    assert (standing.refund_order("A-1", now=NOW), level_of(ann)) == (1, "normal")


def test_a_refunded_order_that_comes_in_takes_the_level_back_by_its_job():
    levels = short_ladder()
    ingest_orders([order("A-1", "ann")], now=NOW)
    ann = Member.objects.get()
    buy(ann, levels["plus"], "A-1")
    ingest_orders([order("A-1", "ann", status="refunded")], now=NOW)
    from members import jobs

    job = Job.objects.get(function="members.jobs.take_back_paid_levels")
    jobs.take_back_paid_levels(**job.arguments)
    assert level_of(ann) == "normal"
    assert books_of_levels_are_right()


def run_jobs_of_paid_levels():
    from members import jobs

    for job in Job.objects.filter(function__endswith="_paid_levels").order_by("pk"):
        getattr(jobs, job.function.rpartition(".")[2])(**job.arguments)
    Job.objects.all().delete()


def test_an_order_corrected_back_to_paid_has_its_level_again_as_if_never_refunded():
    levels = short_ladder()
    ingest_orders([order("A-1", "ann"), order("A-2", "ann")], now=NOW)
    ann = Member.objects.get()
    buy(ann, levels["plus"], "A-1")
    buy(ann, levels["plus"], "A-2")
    bought = periods_of(ann)
    for status in ("refunded", "paid"):
        ingest_orders([order("A-1", "ann", status=status)], now=NOW)
        run_jobs_of_paid_levels()
        assert level_of(ann) == "plus"
        assert (periods_of(ann) == bought) == (status == "paid")
        assert books_of_levels_are_right()
    assert buy(ann, levels["plus"], "A-1").revoked_at is None


@pytest.mark.parametrize(("amounts", "held"), [(["4.00"], "normal"), (["4.00", "9.00"], "plus")])
def test_a_paid_level_follows_corrections_of_the_amount_of_a_part_refunded_order(amounts, held):
    levels = short_ladder()
    ingest_orders([order("A-1", "ann", amount="10.00")], now=NOW)
    ann = Member.objects.get()
    buy(ann, levels["plus"], "A-1")
    ingest_refunds([refund_row("R-1", "A-1", amount="4.00")], now=NOW)
    for amount in amounts:
        ingest_orders([order("A-1", "ann", amount=amount)], now=NOW)
        run_jobs_of_paid_levels()
    assert level_of(ann) == held
    assert books_of_levels_are_right()


def test_a_level_given_by_hand_is_audited_with_its_reason(admin_user):
    levels = short_ladder()
    ann = new_member()
    for _ in range(2):
        standing.give_level(ann, levels["plus"], key="hand:1", reason="a broken parcel", by=admin_user, now=NOW)
    record = AuditRecord.objects.get(action="member.level_given")
    assert (record.actor, record.reason, record.target_id) == (admin_user, "a broken parcel", str(ann.pk))
    assert LevelChange.objects.get().cause == "by_hand"
    assert (PaidPeriod.objects.count(), level_of(ann)) == (1, "plus")


def test_a_changed_ladder_reaches_all_members_in_slices(monkeypatch):
    monkeypatch.setattr(level_jobs, "SLICE", 2)
    levels = short_ladder()
    people = [new_member(f"m{number}") for number in range(5)]
    for number, member in enumerate(people):
        follow(member, number * 100)
    levels["silver"].growth_needed = 300
    levels["silver"].save()
    run_ladder_jobs()
    assert [level_of(member) for member in people] == ["normal", "normal", "normal", "silver", "silver"]
    assert list(LevelChange.objects.filter(cause="ladder").values_list("member__uid", flat=True)) == ["m1", "m2"]
    assert books_of_levels_are_right()


def run_ladder_jobs():
    level_jobs.ladder_changed(now=NOW)
    while job := Job.objects.filter(function=level_jobs.FOLLOW_LADDER, state="queued").first():
        level_jobs.follow_ladder(**job.arguments, now=NOW)
        job.delete()


def test_a_new_level_that_needs_nothing_is_everyones():
    make_ladder({"slug": "gold", "rank": 3, "needed": 500})
    member = new_member()
    assert level_of(member) is None
    make_ladder({"slug": "normal", "rank": 1, "needed": 0})
    run_ladder_jobs()
    assert level_of(member) == "normal"
    assert books_of_levels_are_right()


def test_paid_levels_end_in_slices(monkeypatch):
    monkeypatch.setattr(level_jobs, "SLICE", 2)
    levels = short_ladder()
    people = [new_member(f"m{number}") for number in range(5)]
    for member in people:
        buy(member, levels["plus"], "A")
    later = NOW + timedelta(days=40)
    for left in (3, 1, 0):
        level_jobs.end_paid_levels(now=later)
        assert PaidPeriod.objects.filter(closed=False).count() == left
    assert {level_of(member) for member in people} == {"normal"}
    assert books_of_levels_are_right()


events = st.lists(
    st.tuples(
        st.sampled_from(["growth", "review", "buy", "refund", "end", "import", "ladder"]),
        st.integers(0, 900),
        st.integers(0, 200),
    ),
    max_size=15,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events)
def test_whatever_happens_in_whatever_order_the_books_of_levels_hold(happening):
    with transaction.atomic():
        levels = short_ladder() | make_ladder({"slug": "vip", "rank": 2000, "kind": "paid", "valid_months": 3})
        member, now = new_member(), NOW
        for number, (what, value, days) in enumerate(happening):
            now += timedelta(days=days)
            happen(what, value, number, member, levels, now)
            assert books_of_levels_are_right()
            last = LevelChange.objects.filter(member=member).order_by("id").last()
            assert last is None or last.before_id != last.after_id
        transaction.set_rollback(True)


def happen(what, value, number, member, levels, now):
    match what:
        case "growth":
            follow(member, value, now)
        case "review":
            standing.review([member.pk], last_year={member.pk: value}, now=now)
        case "buy":
            buy(member, levels["plus" if value % 2 else "vip"], f"A-{number}", now)
        case "refund":
            bought = list(PaidPeriod.objects.exclude(order_id="").values_list("order_id", flat=True))
            if bought:
                refund(bought[value % len(bought)], member, now)
        case "end":
            level_jobs.end_paid_levels(now=now)
        case "import":
            slug = ["normal", "silver", "gold", "plus"][value % 4]
            ingest_members([MemberRow(uid=member.uid, level=slug)], now=now)
        case "ladder":
            Level.objects.filter(slug="silver").update(growth_needed=1 + value)
            standing.follow_ladder([member.pk], now=now)

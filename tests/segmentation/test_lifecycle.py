"""Lifecycle models: everyone from what a version keeps is each one from the facts; a version is whole or none."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from members import touches
from members.models import Member
from members.models import Order as StoredOrder
from operations.models import Job
from segmentation import daily_models, jobs, lifecycle, lifecycle_stages, member_sets, world
from segmentation.counting import read_rule
from segmentation.evaluation import members_of
from segmentation.facts.parts import ReadPart
from segmentation.lifecycle_stages import STAGES
from segmentation.models import (
    CategoryCycle,
    LifecycleModel,
    LifecycleSet,
    LifecycleVersion,
    MemberSet,
    Segment,
    ValueModel,
)
from segmentation.sources import SourceError, source_of
from tests.segmentation import lives, lives_written
from tests.segmentation.lives import NOW, Order

pytestmark = pytest.mark.django_db
# A transaction does not tell its own touches from those before its state: what is touched after is in one of its own.
committed = pytest.mark.django_db(transaction=True)


def clause(**leaf):
    rule = {"version": 1, "combinator": "and", "rules": [{"field": "lifecycle.default", "operator": "=", **leaf}]}
    return read_rule(rule)


def in_stage(stage: str, where: world.World) -> set[int]:
    return set(members_of(clause(value=stage), where))


def by_hand(shop, version, now) -> dict[str, set[int]]:
    means = lifecycle_stages.from_json(version.definition)
    found = {stage: set() for stage in STAGES}
    for life in shop:
        found[lives.stage_of(life, means, now)].add(life.id)
    return found


def touched(family, member):
    with transaction.atomic():
        touches.touch(family, [member.pk])


@pytest.fixture
def model() -> LifecycleModel:
    model = LifecycleModel.objects.get(slug="default")
    model.fewest_gaps = 3
    model.save()
    return model


@committed
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everyone_is_each_one_at_the_moment_later_and_after_new_facts(seed, model):
    shop = lives_written.invent(seed)
    lives_written.write(shop)
    version = lifecycle.recompute(model, now=NOW)
    assert version.definition["cycles"], "some category is bought again"

    def agree(now):
        found = by_hand(shop, version, now)
        everyone = world.everyone(now=now)
        for stage in STAGES:
            assert in_stage(stage, everyone) == found[stage], (stage, now)
            few = [life.id for life in shop[::7]]
            assert in_stage(stage, world.only(few, now=now)) == found[stage] & set(few)
        others = members_of(clause(operator="not_in", value=["new", "lost"]), everyone)
        assert set(others) == everyone_but(found, "new", "lost")
        assert set(members_of(clause(operator="is_null"), everyone)) == set()

    agree(NOW)
    for later in (timedelta(microseconds=1), timedelta(hours=7), timedelta(days=2), timedelta(days=9)):
        agree(NOW + later)
    for life in shop[:9]:
        lives_written.add(life, Order(NOW + timedelta(minutes=life.id), categories=("milk",)))
    agree(NOW + timedelta(days=1))
    agree(NOW - timedelta(days=1))


def everyone_but(found, *stages):
    return set().union(*(members for stage, members in found.items() if stage not in stages))


def test_everyone_is_read_from_sets_and_not_from_facts(model, monkeypatch):
    lives_written.write(lives_written.invent(4, 20))
    lifecycle.recompute(model, now=NOW)
    monkeypatch.setattr(ReadPart, "_orders_and_items", property(lambda part: pytest.fail(f"read {part}")))
    LifecycleSet.objects.filter(stage="later").update(members=member_sets.store(member_sets.BitMap()))
    everyone = world.everyone(now=NOW)
    assert sum(len(in_stage(stage, everyone)) for stage in STAGES) == len(everyone.members)


def test_a_stage_is_what_the_same_conditions_say_as_a_rule(model):
    shop = lives_written.invent(5)
    lives_written.write(shop)
    model.priority = "new,interested,repurchase"
    model.save()
    lifecycle.recompute(model, now=NOW)
    once = {"field": "orders.count", "operator": "=", "value": 1, "window": {"last_days": 730}}
    lately = {"field": "orders.count", "operator": "=", "value": 1, "window": {"last_days": 30}}
    rule = read_rule({"version": 1, "combinator": "and", "rules": [once, lately]})
    everyone = world.everyone(now=NOW)
    assert in_stage("new", everyone) == set(members_of(rule, everyone)) != set()


@committed
def test_a_refund_that_undoes_the_only_order_makes_a_prospect_again(model):
    member = Member.objects.create(uid="u1")
    order = lives_written.buy(member.pk, Order(NOW - timedelta(days=3)), "1")
    lifecycle.recompute(model, now=NOW)
    everyone = world.everyone(now=NOW)
    assert in_stage("new", everyone) == {member.pk}
    StoredOrder.objects.filter(pk=order.pk).update(status="refunded", refunded_amount=order.amount)
    touched(touches.ORDERS, member)
    assert in_stage("prospect", everyone) == {member.pk}


@committed
def test_a_new_member_is_a_prospect_before_the_next_staging(model):
    lifecycle.recompute(model, now=NOW)
    member = Member.objects.create(uid="u1")
    touched(touches.PROFILE, member)
    assert in_stage("prospect", world.everyone(now=NOW)) == {member.pk}


def test_a_version_that_is_too_old_is_asked_of_the_facts(model):
    shop = lives_written.invent(6, 20)
    lives_written.write(shop)
    version = lifecycle.recompute(model, now=NOW)
    LifecycleVersion.objects.update(as_of="1:1:")
    touches.Touch.objects.create(family="", member_ids=[], xid=5)
    lives_written.buy(shop[0].id, Order(NOW), "untold")
    shop[0].orders.append(Order(NOW))
    found = by_hand(shop, version, NOW)
    assert {stage: in_stage(stage, world.everyone(now=NOW)) for stage in STAGES} == found


def test_a_model_that_was_never_computed_says_so(model):
    with pytest.raises(SourceError, match="default has not been computed yet"):
        in_stage("new", world.everyone(now=NOW))


def test_time_alone_moves_stages():
    leaf = clause(value="new").rules[0]
    assert source_of(leaf).moves_with_time(leaf)


def test_settings_that_were_edited_count_from_the_next_staging_on(model):
    member = Member.objects.create(uid="u1")
    lives_written.buy(member.pk, Order(NOW - timedelta(days=40)), "1")
    lives_written.buy(member.pk, Order(NOW - timedelta(days=99)), "2")
    lifecycle.recompute(model, now=NOW)
    LifecycleModel.objects.update(active_days=20)
    assert in_stage("active", world.only([member.pk], now=NOW)) == {member.pk}
    lifecycle.recompute(model, now=NOW)
    assert in_stage("sleeping", world.only([member.pk], now=NOW)) == {member.pk}


def test_the_summary_counts_stages_conditions_and_moves(model):
    member = Member.objects.create(uid="u1")
    lives_written.buy(member.pk, Order(NOW - timedelta(days=3)), "1")
    first = lifecycle.recompute(model, now=NOW)
    assert first.summary["stages"]["new"] == first.summary["meets"]["active"] == 1
    assert (first.summary["moves"], first.summary["before"]) == ([], None)
    second = lifecycle.recompute(model, now=NOW + timedelta(days=30))
    assert second.summary["moves"] == [["new", "active", 1]]
    assert datetime.fromisoformat(second.summary["before"]) == NOW


def test_a_day_in_the_past_is_staged_as_it_ended(model):
    member = Member.objects.create(uid="u1")
    lives_written.buy(member.pk, Order(NOW - timedelta(days=3)), "1")
    version = lifecycle.recompute(model, at=NOW.date() - timedelta(days=4), now=NOW)
    assert version.summary["stages"]["prospect"] == 1
    assert in_stage("new", world.everyone(now=NOW)) == {member.pk}


def test_categories_set_by_hand_count_as_they_are_set(model):
    member = Member.objects.create(uid="u1")
    lives_written.buy(member.pk, Order(NOW - timedelta(days=70), categories=("tea",)), "1")
    lives_written.buy(member.pk, Order(NOW - timedelta(days=90)), "2")
    assert lifecycle.recompute(model, now=NOW).summary["stages"]["sleeping"] == 1
    CategoryCycle.objects.create(model=model, category="tea", days=80, high="always")
    assert lifecycle.recompute(model, now=NOW).summary["stages"]["repurchase"] == 1
    CategoryCycle.objects.update(high="never")
    assert lifecycle.recompute(model, now=NOW).summary["stages"]["sleeping"] == 1


def test_no_members_make_an_empty_version(model):
    version = lifecycle.recompute(model, now=NOW)
    assert (version.size, set(version.summary["stages"].values()), version.cycles) == (0, {0}, [])
    assert in_stage("lost", world.everyone(now=NOW)) == set()


def test_a_staging_that_fails_leaves_the_last_good_version(model, monkeypatch):
    good = lifecycle.recompute(model, now=NOW)
    monkeypatch.setattr(lifecycle, "_summary", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lifecycle.recompute(model, now=NOW)
    model.refresh_from_db()
    assert model.current == LifecycleVersion.objects.get() == good


def test_old_versions_go_with_their_sets(model):
    for _ in range(5):
        lifecycle.recompute(model, now=NOW)
    assert LifecycleVersion.objects.count() == 3
    assert MemberSet.objects.count() == LifecycleSet.objects.count() == 3 * 8


def test_segments_that_read_the_stages_are_asked_for_afterwards(model):
    rule = {
        "version": 1,
        "combinator": "and",
        "rules": [{"field": "lifecycle.default", "operator": "=", "value": "new"}],
    }
    segment = Segment.objects.create(slug="new", name="New", rule=rule)
    Segment.objects.create(slug="other", name="Other", rule={"version": 1, "combinator": "and", "rules": []})
    jobs.recompute_lifecycle(model.pk, None)
    (asked,) = Job.objects.filter(function="segmentation.jobs.recompute")
    assert asked.arguments == {"segment_id": segment.pk}


def test_a_model_is_computed_each_day_at_its_hour_once(model):
    ValueModel.objects.update(daily_at=None)
    LifecycleModel.objects.update(daily_at=time(3, 30), next_run_at=None)
    asked = Job.objects.filter(function="segmentation.jobs.recompute_lifecycle")
    assert daily_models.score_due(now=NOW) == 0
    model.refresh_from_db()
    due = model.next_run_at
    assert due == NOW.replace(hour=3, minute=30) + timedelta(days=1)
    assert daily_models.score_due(now=due - timedelta(seconds=1)) == 0
    assert daily_models.score_due(now=due) == daily_models.score_due(now=due) + 1 == 1
    assert asked.get().key == f"lifecycle:{model.pk}:daily:{due.isoformat()}"
    LifecycleModel.objects.update(next_run_at=due)
    daily_models.score_due(now=due + timedelta(hours=5))
    assert asked.count() == 1, "one intended time is one job"
    assert daily_models.score_due(now=due + timedelta(days=10)) == 1
    model.refresh_from_db()
    assert model.next_run_at == due + timedelta(days=11)


def test_a_model_without_an_hour_is_left_alone(model):
    ValueModel.objects.update(daily_at=None)
    LifecycleModel.objects.update(daily_at=None, next_run_at=NOW)
    assert daily_models.score_due(now=NOW) == 0
    model.refresh_from_db()
    assert model.next_run_at is None


@pytest.mark.parametrize(
    "fault", [{"is_default": True}, {"active_days": 180, "sleeping_days": 180}, {"due_from": 101, "due_until": 100}]
)
def test_the_database_refuses_what_makes_no_sense(model, fault):
    with transaction.atomic(), pytest.raises(IntegrityError):
        LifecycleModel.objects.create(slug="second", name="Second", **fault)


def test_the_command_prints_the_stages_and_the_cycles(model, capsys):
    lives_written.write(lives_written.invent(1))
    call_command("recompute_lifecycle", "default", "--at", "2026-11-22")
    said = capsys.readouterr().out
    assert "60 members staged at 2026-11-22" in said
    assert "repurchase (" in said
    assert "milk: " in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["gone"], "no lifecycle model is called gone"), (["default", "--at", "soon"], "soon is not a day")],
)
def test_the_command_says_what_is_wrong(model, arguments, said):
    with pytest.raises(CommandError, match=said):
        call_command("recompute_lifecycle", *arguments)


def test_the_last_moment_of_a_day_is_the_sites():
    assert lifecycle.end_of(date(2026, 1, 1), NOW).isoformat() == "2026-01-01T23:59:59.999999+08:00"
    assert lifecycle.end_of(NOW.date(), NOW) == lifecycle.end_of(None, NOW) == NOW

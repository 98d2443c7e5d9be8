"""Value models: everyone from what a version keeps is each one from the facts, by the scale of that version."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from members import touches
from members.models import Member
from operations.models import Job
from segmentation import jobs, member_sets, value, value_facts, value_scale, world
from segmentation.counting import read_rule
from segmentation.evaluation import members_of
from segmentation.facts import clock
from segmentation.facts.parts import ReadPart
from segmentation.fields import spec_of
from segmentation.models import MemberSet, Segment, ValueModel, ValueSet, ValueVersion
from segmentation.sources import SourceError, source_of
from segmentation.value_versions import NAMES, figures_in
from tests.segmentation import lives, lives_written
from tests.segmentation.lives import NOW, TODAY, Order

pytestmark = pytest.mark.django_db
# A transaction does not tell its own touches from those before its state: what is touched after is in one of its own.
committed = pytest.mark.django_db(transaction=True)


def rule(column: str, operator: str, wanted=None) -> dict:
    leaf = {"field": f"value.default.{column}", "operator": operator}
    return {"version": 1, "combinator": "and", "rules": [leaf if wanted is None else leaf | {"value": wanted}]}


def found(column, operator, wanted, where) -> set[int]:
    return set(members_of(read_rule(rule(column, operator, wanted)), where))


def touched(family, member):
    with transaction.atomic():
        touches.touch(family, [member.pk])


@pytest.fixture
def model() -> ValueModel:
    model = ValueModel.objects.get(slug="default")
    model.fewest_gaps = 3
    model.save()
    return model


@pytest.mark.parametrize("seed", [1, 2])
def test_the_values_of_everyone_are_those_by_hand(seed, model):
    shop = lives_written.invent(seed)
    lives_written.write(shop)
    value.recompute(model, now=NOW)
    everyone = world.everyone(now=NOW)
    wanted = {life.id: lives.value_of(life, shop, model, NOW, TODAY) for life in shop}
    for column, names in NAMES.items():
        for name in names:
            by_hand = {number for number, each in wanted.items() if each[column] == name}
            assert found(column, "=", name, everyone) == by_hand, (column, name)
        missing = {number for number, each in wanted.items() if each[column] is None}
        assert found(column, "is_null", None, everyone) == missing
    for score in (0, 1, 250, 499, 500, 733, 1000):
        assert found("score", ">=", score, everyone) == {n for n, each in wanted.items() if each["score"] >= score}
        assert found("score", "!=", score, everyone) == {n for n, each in wanted.items() if each["score"] != score}
    between = {n for n, each in wanted.items() if 300 <= each["score"] <= 600}
    assert found("score", "between", [300, 600], everyone) == between
    assert found("score", "not_in", [each["score"] for each in wanted.values()], everyone) == set()


@committed
@pytest.mark.parametrize("seed", [3, 4])
def test_everyone_is_each_one_at_the_moment_later_and_after_new_facts(seed, model):
    shop = lives_written.invent(seed)
    lives_written.write(shop)
    version = value.recompute(model, now=NOW)

    def agree(now):
        everyone, few = world.everyone(now=now), [life.id for life in shop[::5]]
        whole = ReadPart(world.Scope([life.id for life in shop]), world.site_zone())
        valued = value_scale.value(*figures_in(whole, version, clock.moment(now)))
        for column, names in NAMES.items():
            places = dict(zip((life.id for life in shop), getattr(valued, column).tolist(), strict=True))
            for place, name in enumerate(names):
                held = {number for number, own in places.items() if own == place}
                assert found(column, "=", name, everyone) == held
                assert found(column, "=", name, world.only(few, now=now)) == held & set(few)
        for score in (1, 200, 400, 600, 800):
            held = {life.id for life, own in zip(shop, valued.score.tolist(), strict=True) if own < score}
            assert found("score", "<", score, everyone) == held
            assert found("score", "<", score, world.only(few, now=now)) == held & set(few)

    agree(NOW)
    agree(NOW + timedelta(days=5))
    for life in shop[:9]:
        lives_written.add(life, Order(NOW + timedelta(hours=9), categories=("tea",)))
    agree(NOW)
    agree(NOW + timedelta(hours=9))
    agree(NOW + timedelta(days=1))


def test_everyone_is_read_from_sets_and_not_from_facts(model, monkeypatch):
    lives_written.write(lives_written.invent(4, 20))
    value.recompute(model, now=NOW)
    ValueSet.objects.filter(dimension="later").update(members=member_sets.store(member_sets.BitMap()))
    monkeypatch.setattr(ReadPart, "_orders_and_items", property(lambda part: pytest.fail(f"read {part}")))
    everyone = world.everyone(now=NOW)
    assert found("score", ">=", 0, everyone) == set(everyone.members)
    assert found("tier", "in", ["core", "high_potential", "ordinary"], everyone) == set(everyone.members)


def test_a_score_is_of_a_day_and_only_facts_move_it(model):
    leaf = read_rule(rule("score", ">=", 1)).rules[0]
    assert not source_of(leaf).moves_with_time(leaf)
    assert source_of(leaf).families == {touches.ORDERS, touches.EVENTS, touches.PROFILE}


@committed
def test_a_refund_that_undoes_the_only_order_takes_the_degrees_away(model):
    member = Member.objects.create(uid="u1")
    order = lives_written.buy(member.pk, Order(NOW - timedelta(days=3)), "1")
    value.recompute(model, now=NOW)
    everyone = world.everyone(now=NOW)
    assert found("loyalty", "=", "low", everyone) == {member.pk}
    type(order).objects.filter(pk=order.pk).update(status="refunded", refunded_amount=order.amount)
    touched(touches.ORDERS, member)
    assert found("loyalty", "is_null", None, everyone) == {member.pk}
    assert found("score", "=", 0, everyone) == {member.pk}


def test_months_as_a_member_and_good_words_make_a_reputation():
    crowd = [
        lives.Life(1, joined_at=NOW - timedelta(days=29)),
        lives.Life(2, joined_at=NOW - timedelta(days=60)),
        lives.Life(3, joined_at=NOW - timedelta(days=9999)),
        lives.Life(4, joined_at=NOW, events=[(NOW, "review"), (NOW, "view")]),
        lives.Life(5),
    ]
    who, orders, items, events = lives.tables(crowd)
    past = value_facts.Past(
        who, value_facts.Bought(*(orders.member,) * 4, items.order, items.category, items.categories), events
    )
    figures = value_facts.figures(past, value_facts.Settings(365, (), ("review",), 3), TODAY, {})
    assert figures.reputation.tolist() == [0, 2, 60, 3, 0]


def test_fixed_scores_cut_the_tiers_where_that_is_asked(model):
    lives_written.write(lives_written.invent(1))
    ValueModel.objects.update(tiers_by="scores", core_score=800, high_potential_score=500)
    value.recompute(model, now=NOW)
    everyone = world.everyone(now=NOW)
    assert found("tier", "=", "core", everyone) == found("score", ">=", 800, everyone) != set()
    assert found("tier", "=", "high_potential", everyone) == found("score", "between", [500, 799], everyone)


def test_no_members_make_an_empty_version(model):
    version = value.recompute(model, now=NOW)
    assert (version.size, sum(version.summary["scores"]), version.summary["buyers"]) == (0, 0, 0)
    assert found("score", ">=", 0, world.everyone(now=NOW)) == set()


def test_a_model_that_was_never_computed_says_so(model):
    with pytest.raises(SourceError, match="default has not been computed yet"):
        found("score", ">=", 1, world.everyone(now=NOW))


def test_a_scoring_that_fails_leaves_the_last_good_version(model, monkeypatch):
    good = value.recompute(model, now=NOW)
    monkeypatch.setattr(value, "_summary", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        value.recompute(model, now=NOW)
    model.refresh_from_db()
    assert model.current == ValueVersion.objects.get() == good


def test_old_versions_go_with_their_sets(model):
    for _ in range(5):
        value.recompute(model, now=NOW)
    assert ValueVersion.objects.count() == 3
    assert MemberSet.objects.count() == ValueSet.objects.count() == 3 * (10 + 3 * 4 + 1)


def test_the_summary_counts_scores_tiers_and_moves(model):
    shop = lives_written.invent(1)
    lives_written.write(shop)
    first = value.recompute(model, now=NOW)
    assert sum(first.summary["scores"]) == sum(first.summary["tier"].values()) == len(shop) == first.size
    ValueModel.objects.update(core_share=0, high_potential_share=0)
    second = value.recompute(model, now=NOW)
    core, high = first.summary["tier"]["core"], first.summary["tier"]["high_potential"]
    assert sorted(second.summary["moves"]) == [["core", "ordinary", core], ["high_potential", "ordinary", high]]


def test_segments_that_read_the_scores_are_asked_for_afterwards(model):
    segment = Segment.objects.create(slug="core", name="Core", rule=rule("tier", "=", "core"))
    jobs.recompute_value(model.pk, "2026-11-20")
    (asked,) = Job.objects.filter(function="segmentation.jobs.recompute")
    assert asked.arguments == {"segment_id": segment.pk}


@pytest.mark.parametrize("fault", [{"is_default": True}, {"amount_weight": 41}, {"churn_middle": 301}])
def test_the_database_refuses_what_makes_no_sense(model, fault):
    with transaction.atomic(), pytest.raises(IntegrityError):
        ValueModel.objects.create(slug="second", name="Second", **fault)


@pytest.mark.parametrize(
    "field", ["value", "value.default", "value.default.worth", "value.default.score.x", "lifecycle"]
)
def test_there_are_no_other_fields(field):
    assert spec_of(field) is None


def test_the_command_prints_tiers_and_degrees(model, capsys):
    lives_written.write(lives_written.invent(1))
    call_command("recompute_value")
    said = capsys.readouterr().out
    assert "60 members scored at" in said
    assert "tier core" in said
    assert "churn high" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["gone"], "no value model is called gone"), (["default", "--at", "9999-01-01"], "9999-01-01 is not between")],
)
def test_the_command_says_what_is_wrong(model, arguments, said):
    with pytest.raises(CommandError, match=said):
        call_command("recompute_value", *arguments)

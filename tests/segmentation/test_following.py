"""A segment follows new facts: only the touched are looked at, and what it reads comes first."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pyroaring import BitMap

from members import touches
from members.models import Member, Order, Touch
from operations.models import Job
from segmentation import following, jobs, member_sets, recomputing, sources
from segmentation.dependencies import families_of, family_of
from segmentation.models import MemberTag, Segment, SegmentRun, Tag, TagGroup
from segmentation.rules import parse
from segmentation.tagging import FAMILY, remove_tag, set_tag
from tests.races.together import at_once
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db(transaction=True)
TAGGED = {"field": "tag.club", "operator": "=", "value": "vip"}


def rule(*leaves: dict) -> dict:
    return {"version": 1, "combinator": "and", "rules": list(leaves)}


def reads(*slugs: str) -> dict:
    return rule({"field": "segment", "operator": "in", "value": list(slugs)})


@pytest.fixture
def members() -> list[Member]:
    return Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(5))


@pytest.fixture
def vip() -> Tag:
    return Tag.objects.create(group=TagGroup.objects.create(slug="club", name="Club"), slug="vip", name="VIP")


def segment(slug: str, rule_json: dict, **fields) -> Segment:
    made = Segment.objects.create(slug=slug, name=slug, rule=rule_json, **fields)
    assert recomputing.recompute(made, now=NOW).state == "done"
    return Segment.objects.get(pk=made.pk)


def tag(members: list[Member], vip: Tag) -> None:
    set_tag([each.pk for each in members], vip, source="hand", now=NOW)


def untag(members: list[Member], vip: Tag) -> None:
    remove_tag([each.pk for each in members], vip, source="hand", now=NOW)


def members_of(slug: str) -> set[int]:
    return set(member_sets.load(Segment.objects.get(slug=slug).members_id))


def asked_for_all(each: Segment) -> bool:
    return Job.objects.filter(function="segmentation.jobs.recompute", arguments={"segment_id": each.pk}).exists()


def test_only_the_touched_are_looked_at(members, vip):
    segment("vips", rule(TAGGED))
    tag(members[:2], vip)
    (run,) = following.follow(now=NOW)
    assert (run.kind, run.state, run.looked_at, run.size, run.entered, run.left) == ("touched", "done", 2, 2, 2, 0)
    assert members_of("vips") == {each.pk for each in members[:2]}

    untag(members[:1], vip)
    (run,) = following.follow(now=NOW)
    assert (run.looked_at, run.size, run.entered, run.left) == (1, 1, 0, 1)
    assert recomputing.entered_and_left(run.before_id, run.members_id) == (BitMap(), BitMap([members[0].pk]))


def test_whoever_changes_nothing_leaves_no_run(members, vip):
    tag(members[:2], vip)
    vips = segment("vips", rule(TAGGED))
    with transaction.atomic():
        touches.touch(FAMILY, [each.pk for each in members])
    assert following.follow(now=NOW) == []
    assert Segment.objects.get().as_of != vips.as_of
    assert SegmentRun.objects.count() == 1


def test_nothing_to_do_is_cheap(members, vip):
    for number in range(30):
        segment(f"s{number}", rule(TAGGED))
    following.follow(now=NOW)
    first = Segment.objects.first().as_of
    Segment.objects.update(as_of=first)
    with CaptureQueriesContext(connection) as queries:
        assert following.follow(now=NOW) == []
    assert len(queries) <= 9


def test_the_readers_of_a_segment_come_after_it_in_one_pass(members, vip):
    segment("z-base", rule(TAGGED))
    segment("m-reader", reads("z-base"))
    segment("a-reader", reads("m-reader"))
    tag(members[:3], vip)
    runs = following.follow(now=NOW)
    assert [(run.segment.slug, run.entered) for run in runs] == [("z-base", 3), ("m-reader", 3), ("a-reader", 3)]
    assert following.follow(now=NOW) == []


def test_a_whole_run_is_followed_by_its_readers(members, vip):
    base = segment("base", rule(TAGGED), follows=False)
    segment("reader", reads("base"))
    tag(members, vip)
    assert following.follow(now=NOW) == []
    recomputing.recompute(base, now=NOW)
    assert Job.objects.filter(function="segmentation.jobs.follow").exists()
    following.follow(now=NOW)
    assert len(members_of("reader")) == 5


def test_who_was_touched_while_a_run_was_reading_is_looked_at_in_the_next(members, vip, monkeypatch):
    vips = segment("vips", rule(TAGGED))
    read = sources.SOURCES["tag"].members_of

    def late_touch(leaf, world):
        found = read(leaf, world)
        tag(members[:1], vip)
        return found

    monkeypatch.setattr(sources.SOURCES["tag"], "members_of", late_touch)
    recomputing.recompute(vips, now=NOW)
    assert members_of("vips") == set()
    monkeypatch.undo()
    following.follow(now=NOW)
    assert members_of("vips") == {members[0].pk}


def test_too_many_touched_ask_for_a_whole_run(members, vip, monkeypatch):
    vips = segment("vips", rule(TAGGED))
    monkeypatch.setattr(following, "MOST", 3)
    tag(members, vip)
    assert following.follow(now=NOW) == []
    assert asked_for_all(vips)
    assert Segment.objects.get().as_of == ""


def test_a_look_that_takes_too_long_asks_for_a_whole_run(members, vip, monkeypatch):
    vips = segment("vips", rule(TAGGED))

    def slow(leaf, world):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr(following, "LONGEST", timedelta(milliseconds=400))
    monkeypatch.setattr(sources.SOURCES["tag"], "members_of", slow)
    tag(members, vip)
    assert following.follow(now=NOW) == []
    assert asked_for_all(vips)


def test_a_look_of_many_quick_queries_that_takes_too_long_asks_for_a_whole_run(members, vip, monkeypatch):
    vips, asked = segment("vips", rule(TAGGED)), []

    def slow(leaf, world):
        while True:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.1)")
            asked.append(leaf)

    monkeypatch.setattr(following, "LONGEST", timedelta(milliseconds=400))
    monkeypatch.setattr(sources.SOURCES["tag"], "members_of", slow)
    tag(members, vip)
    assert following.follow(now=NOW) == []
    assert 1 < len(asked) < 6
    assert asked_for_all(vips)


def test_an_unknown_state_asks_for_a_whole_run(members, vip):
    vips = segment("vips", rule(TAGGED))
    Segment.objects.update(as_of="99999999:99999999:")
    following.follow(now=NOW)
    assert asked_for_all(vips)


def test_a_saved_rule_is_as_of_no_state_until_it_is_computed(members, vip):
    vips = segment("vips", rule(TAGGED))
    tag(members[:2], vip)
    vips.rule = rule({"field": "tag.club", "operator": "is_null"})
    vips.save()
    assert Segment.objects.get().as_of == ""
    following.follow(now=NOW)
    assert members_of("vips") == set()


def test_a_rule_saved_while_it_is_computed_waits_for_its_own_run(members, vip, monkeypatch):
    vips = segment("vips", rule(TAGGED))
    read = sources.SOURCES["tag"].members_of

    def saved_meanwhile(leaf, world):
        Segment.objects.update(rule=rule({"field": "tag.club", "operator": "is_null"}))
        return read(leaf, world)

    monkeypatch.setattr(sources.SOURCES["tag"], "members_of", saved_meanwhile)
    recomputing.recompute(vips, now=NOW)
    assert Segment.objects.get().as_of == ""


def test_a_fault_in_one_segment_leaves_the_others_followed(members, vip):
    segment("a-vips", rule(TAGGED))
    broken = segment("b-gone", rule(TAGGED))
    segment("c-vips", rule(TAGGED))
    Segment.objects.filter(pk=broken.pk).update(rule=rule(TAGGED | {"value": "gone"}))
    Segment.objects.filter(pk=broken.pk).update(as_of=Segment.objects.get(slug="a-vips").as_of)
    tag(members[:2], vip)
    runs = following.follow(now=NOW)
    states = [(run.segment.slug, run.state) for run in runs]
    assert states == [("a-vips", "done"), ("b-gone", "failed"), ("c-vips", "done")]
    assert asked_for_all(broken)
    assert runs[1].error == "rules[0].value: tag.club knows no “gone”."
    assert following.follow(now=NOW) == []


def test_new_and_erased_members_are_looked_at_whatever_the_rule_reads(members, vip):
    everyone_else = rule({"field": "tag.club", "operator": "is_null"})
    segment("others", everyone_else)
    with transaction.atomic():
        new = Member.objects.create(uid="new")
        Member.objects.filter(pk=members[0].pk).update(erased_at=NOW)
        touches.touch(touches.PROFILE, [new.pk, members[0].pk])
    following.follow(now=NOW)
    assert members_of("others") == {new.pk, *(each.pk for each in members[1:])}


def test_families_are_those_of_the_clauses_and_always_the_profile():
    base = Segment.objects.create(slug="base", name="base", rule=rule(TAGGED))
    asked = rule(TAGGED, {"field": "orders.count", "operator": ">", "value": 1}, reads("base")["rules"][0])
    assert families_of(parse(asked)) == sorted([FAMILY, touches.ORDERS, touches.PROFILE, family_of(base.pk)])


def test_only_families_that_a_segment_follows_are_wanted(members, vip):
    assert touches.wanted_by(following.WANTS) == set()
    vips = segment("vips", rule(TAGGED))
    segment("still", rule({"field": "orders.count", "operator": ">", "value": 1}), follows=False)
    assert touches.wanted_by(following.WANTS) == {FAMILY, touches.PROFILE}
    Segment.objects.filter(pk=vips.pk).update(as_of="")
    assert touches.wanted_by(following.WANTS) == set()


def test_a_quiet_segment_is_told_to_be_as_of_now(members, vip):
    vips = segment("vips", rule(TAGGED))
    following.follow(now=NOW + timedelta(minutes=59))
    assert Segment.objects.get().as_of == vips.as_of
    following.follow(now=NOW + timedelta(minutes=61))
    assert Segment.objects.get().as_of != vips.as_of
    assert Segment.objects.get().refreshed_at == NOW + timedelta(minutes=61)


def test_a_burst_and_a_trickle_end_alike(vip):
    crowd = Member.objects.bulk_create(Member(uid=f"c{n}") for n in range(3_000))
    segment("vips", rule(TAGGED))
    tag(crowd[:2_000], vip)
    following.follow(now=NOW)
    for each in crowd[2_000:2_010]:
        tag([each], vip)
        following.follow(now=NOW)
    assert members_of("vips") == {each.pk for each in crowd[:2_010]}
    assert MemberTag.objects.count() == 2_010


def test_old_touches_are_forgotten_and_the_segment_is_computed_whole(members, vip):
    vips = segment("vips", rule(TAGGED))
    tag(members[:1], vip)
    Touch.objects.update(created_at=NOW - timedelta(days=3))
    touches.forget(now=NOW)
    following.follow(now=NOW)
    assert asked_for_all(vips)


def test_an_order_is_followed_by_a_job_of_its_transaction(members):
    segment("buyers", rule({"field": "orders.count", "operator": ">=", "value": 1}))
    Job.objects.all().delete()
    with transaction.atomic():
        Order.objects.create(
            order_id="o1", member=members[0], paid_at=NOW, amount=1, quantity=1, status="paid", currency="CNY"
        )
        touches.touch(touches.ORDERS, [members[0].pk])
    assert [job.function for job in Job.objects.all()] == ["segmentation.jobs.follow"]
    jobs.follow()
    assert members_of("buyers") == {members[0].pk}


def test_a_quiet_reader_is_not_told_to_be_as_of_a_change_that_comes_in_the_same_pass(members, vip):
    segment("vips", rule(TAGGED))
    segment("z-readers", reads("vips"))
    tag(members[:2], vip)
    later = NOW + timedelta(hours=2)
    with transaction.atomic():
        # As in a job, which holds its row; then a transaction that began later ends.
        Member.objects.filter(pk=members[0].pk).update(name="held")
        assert at_once(1, lambda _number: Member.objects.create(uid="later").pk)
        following.follow(now=later)
    following.follow(now=later)
    assert members_of("z-readers") == members_of("vips") == {each.pk for each in members[:2]}

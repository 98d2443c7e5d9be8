"""A tag that follows a rule: its members are those for whom the rule holds, and hands leave it alone."""

from datetime import timedelta

import pytest
from django.db import transaction

from members import touches
from members.models import Member
from operations.models import Job
from segmentation import definitions, following, jobs, member_sets, tagging_by_rule
from segmentation.models import MemberTag, Segment, Tag, TagChange, TagGroup
from segmentation.rule_cycles import refuse_cycle
from segmentation.rule_errors import RuleError
from segmentation.rules import parse
from segmentation.sources import SourceError
from segmentation.tagging import set_tag
from tests.races.together import at_once
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db


def rule(field: str, operator: str, value: object) -> dict:
    return {
        "version": 1,
        "combinator": "and",
        "rules": [{"field": field, "operator": operator, "value": value}],
    }


def region(*names: str) -> dict:
    return rule("profile.region", "in", list(names))


@pytest.fixture
def ids() -> list[int]:
    regions = ["Suzhou", "Hangzhou", "Suzhou", "Beijing"]
    people = [Member(uid=f"u{n}", region=each) for n, each in enumerate(regions)]
    return [member.pk for member in Member.objects.bulk_create(people)]


def make(*rules_of_tags: dict, exclusive: bool = False) -> list[Tag]:
    group = TagGroup.objects.create(slug="place", name="Place", exclusive=exclusive)
    return [
        Tag.objects.create(group=group, slug=f"t{n}", name=f"T{n}", rule=each, position=9 - n)
        for n, each in enumerate(rules_of_tags)
    ]


def carried() -> list[tuple[int, str]]:
    return list(MemberTag.objects.order_by("member", "tag__slug").values_list("member", "tag__slug"))


def test_members_follow_the_rule(ids):
    (tag,) = make(region("Suzhou"))
    assert tagging_by_rule.recompute(tag, now=NOW) == tagging_by_rule.Moved(2, 0, 0)
    assert carried() == [(ids[0], "t0"), (ids[2], "t0")]
    Member.objects.filter(pk=ids[0]).update(region="Beijing")
    assert tagging_by_rule.recompute(tag, now=NOW) == tagging_by_rule.Moved(0, 1, 0)
    assert tagging_by_rule.recompute(tag, now=NOW) == tagging_by_rule.Moved(0, 0, 0)
    assert list(TagChange.objects.filter(member=ids[0]).values_list("source", "action")) == [
        ("rule", "removed"),
        ("rule", "set"),
    ]


def test_in_an_exclusive_group_the_first_tag_in_order_wins(ids):
    everywhere, suzhou = make(region("Suzhou", "Hangzhou"), region("Suzhou"), exclusive=True)
    assert suzhou.position < everywhere.position
    tagging_by_rule.recompute(everywhere, now=NOW)
    assert carried() == [(ids[0], "t1"), (ids[1], "t0"), (ids[2], "t1")]
    Tag.objects.filter(pk=suzhou.pk).update(position=99)
    moved = tagging_by_rule.recompute(suzhou, now=NOW)
    assert carried() == [(each, "t0") for each in ids[:3]]
    assert moved.waiting == 0


def move(ids, region):
    with transaction.atomic():
        Member.objects.filter(pk__in=ids).update(region=region)
        touches.touch(touches.PROFILE, ids)


@pytest.mark.django_db(transaction=True)
def test_only_those_touched_are_looked_at_and_only_for_families_that_the_rule_reads(ids):
    (tag,) = make(region("Suzhou"))
    assert touches.wanted_by(following.WANTS) == set()
    tagging_by_rule.recompute(tag, now=NOW)
    assert touches.wanted_by(following.WANTS) == {"profile"}
    Member.objects.filter(pk=ids[1]).update(region="Suzhou")
    with transaction.atomic():
        touches.touch(touches.ORDERS, [ids[1]])
    assert tagging_by_rule.follow(tag, now=NOW) == tagging_by_rule.Moved(0, 0, 0)
    move([ids[0]], "Beijing")
    assert tagging_by_rule.follow(tag, now=NOW).left == 1
    assert ids[1] not in dict(carried())


@pytest.mark.django_db(transaction=True)
def test_following_in_an_exclusive_group_ends_where_recomputing_does(ids):
    tags = make(region("Suzhou", "Hangzhou"), region("Suzhou"), exclusive=True)
    tagging_by_rule.recompute(tags[0], now=NOW)
    move([ids[1]], "Suzhou")
    move([ids[0]], "Hangzhou")
    tagging_by_rule.follow(tags[0], now=NOW)
    followed = carried()
    assert tagging_by_rule.recompute(tags[0], now=NOW) == tagging_by_rule.Moved(0, 0, 0)
    assert carried() == followed == [(ids[0], "t0"), (ids[1], "t1"), (ids[2], "t1")]


@pytest.mark.django_db(transaction=True)
def test_one_pass_of_following_asks_for_the_tags_that_are_behind_and_a_changed_rule_is_asked_for_whole(ids):
    (tag,) = make(region("Suzhou"))
    tagging_by_rule.recompute(tag, now=NOW)
    following.follow(now=NOW)
    assert not Job.objects.filter(function=tagging_by_rule.FOLLOW).exists()
    move([ids[1]], "Suzhou")
    following.follow(now=NOW)
    jobs.follow_tag(**Job.objects.get(function=tagging_by_rule.FOLLOW).arguments)
    assert ids[1] in dict(carried())
    Tag.objects.filter(pk=tag.pk).update(rule=region("Beijing"))
    tag.refresh_from_db()
    assert tag.rule_as_of == ""
    tagging_by_rule.follow(tag, now=NOW)
    assert Job.objects.filter(function=tagging_by_rule.JOB).exists()


def test_members_are_brought_in_line_slice_by_slice(ids, monkeypatch):
    monkeypatch.setattr(tagging_by_rule, "SLICE", 2)
    monkeypatch.setattr(tagging_by_rule._bring_in_line, "__defaults__", (2,))
    (tag,) = make(region("Suzhou", "Hangzhou"))
    tagging_by_rule.request_recompute(tag, now=NOW)
    done = 0
    while jobs_left := list(Job.objects.exclude(state="done").filter(function=tagging_by_rule.JOB)):
        for job in jobs_left:
            jobs.recompute_tags_by_rule(**job.arguments)
            Job.objects.filter(pk=job.pk).update(state="done")
            done += 1
            assert MemberTag.objects.count() == min(2 * done, 3)
    assert done == 2
    assert [each for each, _slug in carried()] == ids[:3]


def test_what_hands_had_set_before_follows_the_rule_then(ids):
    (tag,) = make(region("Suzhou"))
    Tag.objects.update(rule=None)
    plain = Tag.objects.get()
    set_tag([ids[0], ids[3]], plain, source="hand", now=NOW, expires_at=NOW.replace(year=2030))
    Tag.objects.update(rule=region("Suzhou"))
    tagging_by_rule.recompute(tag, now=NOW)
    assert carried() == [(ids[0], "t0"), (ids[2], "t0")]
    assert not MemberTag.objects.exclude(expires_at=None).exists()


def test_tags_without_a_rule_are_left_alone(ids):
    (ruled,) = make(region("Suzhou"))
    plain = Tag.objects.create(group=ruled.group, slug="plain", name="Plain")
    set_tag(ids, plain, source="hand", now=NOW)
    assert tagging_by_rule.request_all(now=NOW) == 1
    tagging_by_rule.follow(plain, now=NOW)
    assert tagging_by_rule.recompute(plain, now=NOW) == tagging_by_rule.Moved(0, 0, 0)
    assert MemberTag.objects.filter(tag=plain).count() == 4


def test_a_rule_that_cannot_be_answered_changes_nothing(ids):
    Segment.objects.create(slug="later", name="Later", rule=region("Suzhou"))
    (tag,) = make(rule("segment", "in", ["later"]))
    with pytest.raises(SourceError, match="later"):
        tagging_by_rule.recompute(tag, now=NOW)
    Segment.objects.update(members=member_sets.store(member_sets.BitMap(ids[:1])))
    assert tagging_by_rule.recompute(tag, now=NOW).entered == 1
    assert tagging_by_rule.request_all(now=NOW, reading="segment") == 1
    assert tagging_by_rule.request_all(now=NOW, reading="rfm") == 0


def test_rules_of_tags_and_segments_never_read_themselves(ids):
    make(rule("segment", "in", ["suzhou"]))
    Segment.objects.create(slug="suzhou", name="Suzhou", rule=region("Suzhou"))
    with pytest.raises(RuleError, match="suzhou → place → suzhou"):
        definitions.check_rule(rule("tag.place", "in", ["t0"]), slug="suzhou")
    with pytest.raises(RuleError, match="place → place"):
        refuse_cycle(parse(rule("tag.place", "in", ["t0"])), ("tag_group", "place"))
    definitions.check_rule(rule("tag.place", "in", ["t0"]), slug="another")


@pytest.mark.django_db(transaction=True)
def test_who_is_touched_between_the_question_and_the_answer_is_looked_at_next(ids, monkeypatch):
    (tag,) = make(region("Suzhou"))
    tagging_by_rule.recompute(tag, now=NOW)
    move([ids[1]], "Suzhou")
    ask, late = tagging_by_rule._touched, [ids[3]]

    def ask_then_move(unit):
        found = ask(unit)
        while late:
            assert at_once(1, lambda _number: move([late.pop()], "Suzhou")) == [None]
        return found

    monkeypatch.setattr(tagging_by_rule, "_touched", ask_then_move)
    tagging_by_rule.follow(tag, now=NOW)
    tagging_by_rule.follow(tag, now=NOW)
    assert [each for each, _slug in carried()] == ids


def test_a_tag_that_waits_to_be_followed_is_asked_for_once(ids):
    (tag,) = make(region("Suzhou"))
    tagging_by_rule.recompute(tag, now=NOW)
    move([ids[1]], "Suzhou")
    assert [tagging_by_rule.ask_to_follow(now=NOW + timedelta(seconds=n)) for n in range(3)] == [1, 1, 1]
    assert Job.objects.filter(function=tagging_by_rule.FOLLOW).count() == 1

"""Tags for taking part: for joining, finishing, winning and scoring, each given once."""

import pytest

from campaigns import playing, uses, winning_tags
from campaigns.faults import faults
from campaigns.models import TagGiven
from rewards.chances import grant_chances
from segmentation import tagging
from segmentation.models import MemberTag, Tag, TagGroup
from tests.campaigns import scenes

pytestmark = pytest.mark.django_db

TASKS = [scenes.task("one", reward={"score": 50}), scenes.task("two", reward={"score": 30, "points": 1})]


@pytest.fixture(autouse=True)
def known_tags():
    group = TagGroup.objects.create(slug="autumn", name="Autumn")
    for slug in ("joined", "finished", "won", "fifty", "eighty"):
        Tag.objects.create(group=group, slug=slug, name=slug)


@pytest.fixture
def ann():
    return scenes.make_member("ann")


def carried(member):
    return sorted(MemberTag.objects.filter(member=member).values_list("tag__slug", flat=True))


def publish(tags, **changes):
    return scenes.publish(features={"tags": tags}, **{"tasks": TASKS} | changes)


def do(member, *keys):
    for key in keys:
        playing.submit(member, "autumn", key, {}, now=scenes.NOW)


def test_whoever_joins_carries_the_tag(ann):
    publish({"joined": "autumn.joined"})
    playing.enrol(ann, "autumn", now=scenes.NOW)
    assert carried(ann) == ["joined"]


def test_the_tag_says_by_which_campaign(ann):
    publish({"joined": "autumn.joined"})
    playing.enrol(ann, "autumn", now=scenes.NOW)
    assert MemberTag.objects.values_list("source", "set_by").get() == ("participation", "autumn")


def test_scores_give_their_tags_when_they_are_reached(ann):
    publish({"scored": [{"from": 50, "tag": "autumn.fifty"}, {"from": 80, "tag": "autumn.eighty"}]})
    do(ann, "one")
    assert carried(ann) == ["fifty"]
    do(ann, "two")
    assert carried(ann) == ["eighty", "fifty"]


def test_finished_without_chains_is_every_task(ann):
    publish({"finished": "autumn.finished"})
    do(ann, "one")
    assert carried(ann) == []
    do(ann, "two")
    assert carried(ann) == ["finished"]


@pytest.mark.parametrize(
    "finished",
    ["autumn.finished", [{"chain": "path", "tag": "autumn.finished"}], [{"task": "two", "tag": "autumn.finished"}]],
)
def test_finished_is_a_chain_or_a_task_by_its_key(ann, finished):
    publish({"finished": finished}, chains=[scenes.chain("path", "one", "two")])
    do(ann, "one")
    assert carried(ann) == []
    do(ann, "two")
    assert carried(ann) == ["finished"]


def test_who_had_the_tag_taken_away_does_not_get_it_again(ann):
    publish({"finished": [{"task": "one", "tag": "autumn.finished"}]}, tasks=[scenes.task("one", period="daily")])
    do(ann, "one")
    tag = Tag.objects.get(slug="finished")
    tagging.remove_tag([ann.pk], tag, source="manual", now=scenes.NOW)
    playing.submit(ann, "autumn", "one", {}, now=scenes.NOW + scenes.DAY)
    assert carried(ann) == []


def draw(member, roll, key):
    grant_chances(member.pk, "campaign:autumn", count=1, key=f"{member.pk}:{key}", now=scenes.NOW)
    playing.draw(member.uid, "autumn", request_key=key, roll=roll, now=scenes.NOW)


def test_whoever_wins_carries_the_tag_soon_and_consolation_is_no_win(ann):
    publish({"won": "autumn.won"})
    ben = scenes.make_member("ben")
    for member in (ann, ben):
        playing.enrol(member, "autumn", now=scenes.NOW)
    draw(ben, 999_999, "first")
    draw(ann, 0, "first")
    assert winning_tags.follow(now=scenes.NOW) == 1
    assert (carried(ann), carried(ben)) == (["won"], [])
    assert winning_tags.follow(now=scenes.NOW) == 0
    draw(ben, 0, "second")
    assert winning_tags.follow(now=scenes.NOW) == 1
    assert carried(ben) == ["won"]


def test_winners_from_before_the_tag_was_configured_get_it_too(ann):
    publish({"joined": "autumn.joined"})
    playing.enrol(ann, "autumn", now=scenes.NOW)
    draw(ann, 0, "first")
    campaign = scenes.Campaign.objects.get()
    campaign.features = {"tags": {"won": "autumn.won"}}
    campaign.save()
    scenes.publish_draft(campaign, by=None, now=scenes.OPENS)
    assert winning_tags.follow(now=scenes.NOW) == 1


def test_more_winners_than_one_run_takes_are_found_by_the_next(ann, monkeypatch):
    monkeypatch.setattr(winning_tags, "AT_ONCE", 1)
    publish({"won": "autumn.won"})
    for uid in ("ben", "cyd"):
        member = scenes.make_member(uid)
        playing.enrol(member, "autumn", now=scenes.NOW)
        draw(member, 0, "first")
    assert [winning_tags.follow(now=scenes.NOW) for _run in range(3)] == [1, 1, 0]
    assert TagGiven.objects.count() == 2


def test_a_tag_that_is_given_is_in_use():
    publish({"won": "autumn.won"})
    assert len(list(uses.in_rewards(("tag", "autumn.won")))) == 1
    assert len(list(uses.in_rewards(("tag_group", "autumn")))) == 1
    assert not list(uses.in_rewards(("tag", "autumn.joined")))


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({"won": "autumn.none"}, "reward_unknown"),
        ({"won": "autumn"}, "feature_invalid"),
        ({"lost": "autumn.won"}, "feature_invalid"),
        ({"scored": [{"from": 5, "tag": "autumn.won"}, {"from": 5, "tag": "autumn.won"}]}, "feature_invalid"),
        ({"finished": [{"tag": "autumn.won"}]}, "feature_invalid"),
    ],
)
def test_what_cannot_be_given_is_refused_before_it_is_published(tags, code):
    assert [fault.code for fault in faults(scenes.draft(features={"tags": tags}), now=scenes.OPENS)] == [code]

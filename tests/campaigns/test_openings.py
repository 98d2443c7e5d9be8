"""What would open a task that is kept from a member, and the words for it."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from django.utils.translation import override

from campaigns.definition import Audience, Campaign, Chain, Quota, Reward, Skip, Task
from campaigns.eligibility import Subject, TaskFacts, decide
from campaigns.opening_words import Asking, told
from campaigns.openings import Opening, opening_of
from campaigns.refusals import Refusal
from members.models import Level, Member
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS

ANN = Subject(
    member_id=1, uid="ann", now=NOW, level="silver", tags=frozenset(), segments=frozenset(), score=30, enrolled=True
)
GOLD = frozenset({"gold", "plus"})
DONE = TaskFacts(count=1, completed=True, rewarded=True)


def task(key="one", audience=Audience(), **changes):  # noqa: B008  an audience is frozen
    return replace(Task(key, f"Task {key}", "", "checkin", {}, "once", "automatic", audience, Reward()), **changes)


def campaign(*tasks, chains=(), **changes):
    known = Campaign("autumn", "Autumn", 1, OPENS, CLOSES, "", "", "The shop", "#000000", Audience(), tasks, chains, ())
    return replace(known, by_key={each.key: each for each in tasks}, **changes)


def opening(definition, subject=ANN, key="one"):
    return opening_of(definition, subject, decide(definition, subject), key, UTC)


@pytest.mark.parametrize(
    ("audience", "found"),
    [
        (Audience(levels=GOLD), Opening(Refusal.LEVEL, levels=GOLD)),
        (Audience(score_from=31), Opening(Refusal.SCORE, score_from=31, score_missing=1)),
        (Audience(score_below=30), Opening(Refusal.SCORE, score_below=30)),
        (
            Audience(levels=GOLD, score_from=80),
            Opening(Refusal.LEVEL, levels=GOLD, score_from=80, score_missing=50),
        ),
        (Audience(levels=GOLD, score_below=30), Opening(Refusal.SCORE, score_below=30)),
        # What is not told is not told in part either: the level alone would not open it.
        (Audience(levels=GOLD, tags_any=frozenset({"a.b"})), Opening(Refusal.LEVEL, for_others=True)),
        (Audience(tags_any=frozenset({"a.b"})), Opening(Refusal.TAGS_ANY, for_others=True)),
        (Audience(tag_groups=frozenset({"a"})), Opening(Refusal.TAG_GROUP, for_others=True)),
        (Audience(segments_in=frozenset({"new"})), Opening(Refusal.SEGMENT_IN, for_others=True)),
        (Audience(levels=GOLD, segments_in=frozenset({"new"})), Opening(Refusal.LEVEL, for_others=True)),
    ],
)
def test_an_audience_is_told_by_level_and_score_and_by_nothing_else(audience, found):
    assert opening(campaign(task(audience=audience))) == found


def test_being_shut_out_by_a_tag_is_not_told():
    marked = replace(ANN, tags=frozenset({"risk.cheat"}), tag_groups=frozenset({"risk"}))
    found = opening(campaign(task(audience=Audience(tags_none=frozenset({"risk.cheat"})))), marked)
    assert found.for_others


def test_who_refused_profiling_is_told_of_their_own_choice():
    private = replace(ANN, profiling_refused=True)
    found = opening(campaign(task(audience=Audience(levels=GOLD, tags_any=frozenset({"a.b"})))), private)
    assert found == Opening(Refusal.PROFILING_REFUSED)


def test_a_level_has_to_satisfy_chain_and_task_at_once():
    chain = Chain("path", "Path", Audience(levels=GOLD), Reward(), ("one",))
    tasks = [task(audience=Audience(levels=frozenset({"gold"})))]
    assert opening(campaign(*tasks, chains=(chain,))).levels == {"gold"}
    tasks = [task(audience=Audience(levels=frozenset({"other"})))]
    assert opening(campaign(*tasks, chains=(chain,))).for_others


def test_a_locked_step_names_the_one_that_is_due():
    skips = (Skip("two", Audience(levels=frozenset({"silver"}))),)
    chain = Chain("path", "Path", Audience(), Reward(), ("one", "two", "three", "four"), skips=skips)
    definition = campaign(*map(task, chain.steps), chains=(chain,))
    assert opening(definition, key="four").task.key == "one"
    begun = replace(ANN, chains={"path": 1}, tasks={"one": DONE})
    assert opening(definition, begun, "four").task.key == "three"
    assert opening(definition, begun, "two") == Opening(Refusal.STEP_SKIPPED, task=definition.by_key["three"])


def test_a_taken_place_leads_to_what_stands_there():
    tasks = [task("one", slot="milk"), task("two", slot="milk")]
    assert opening(campaign(*tasks), key="two").task.key == "one"


@pytest.mark.parametrize(
    ("per", "opens_at"),
    [("day", NOW.replace(hour=0) + DAY), ("week", NOW.replace(day=16, hour=0)), ("month", None), ("all", None)],
)
def test_full_quotas_open_with_their_next_period_if_the_campaign_is_open_then(per, opens_at):
    quota = Quota(1, per)
    full = replace(ANN, full={("one", quota.key): 1})
    assert opening(campaign(task(quotas=(quota,))), full) == Opening(Refusal.QUOTA, opens_at=opens_at)


def test_of_several_full_quotas_the_last_to_open_counts():
    quotas = (Quota(1, "day"), Quota(5, "week"))
    full = replace(ANN, full={("one", each.key): each.quota for each in quotas})
    assert opening(campaign(task(quotas=quotas)), full).opens_at == NOW.replace(day=16, hour=0)


def test_a_missed_deadline_of_a_daily_task_opens_tomorrow():
    late = replace(ANN, tasks={"one": TaskFacts(finish_until=NOW - timedelta(minutes=1))})
    assert opening(campaign(task(period="daily")), late).opens_at == NOW.replace(hour=0) + DAY
    assert opening(campaign(task()), late) == Opening(Refusal.TOO_LATE)


def test_before_the_opening_it_is_told_when_that_is():
    assert opening(campaign(task()), replace(ANN, now=OPENS - DAY)) == Opening(Refusal.NOT_OPEN, opens_at=OPENS)


# In words


@pytest.fixture
def ladder(db):
    for rank, (slug, needed) in enumerate({"silver": 0, "gold": 500, "diamond": 900}.items()):
        Level.objects.create(slug=slug, name=slug.title(), rank=rank, growth_needed=needed)
    Level.objects.create(slug="plus", name="Plus", rank=9, kind="paid")


@pytest.fixture
def asking(ladder):
    member = Member.objects.create(uid="ann", level=Level.objects.get(slug="silver"))
    return Asking(campaign(), member, score=30, now=NOW)


def levels(*slugs, **more):
    return Opening(Refusal.LEVEL, levels=frozenset(slugs), **more)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("opening", "reason", "more", "url"),
    [
        (
            levels("gold", "diamond", "plus"),
            "From level Gold on",
            "You are Silver: 500 growth value more, and it opens.",
            "/h5/me/level/?c=autumn&t=000000",
        ),
        (
            levels("diamond", score_from=80, score_missing=50),
            "From level Diamond on",
            "You are Silver: 900 growth value more, and it opens. You have 30 campaign score: 50 more, and it opens.",
            "/h5/me/level/?c=autumn&t=000000",
        ),
        (
            levels("plus"),
            "For members of this level: Plus",
            "You are Silver. It opens as soon as you have this level.",
            "/h5/me/level/?c=autumn&t=000000",
        ),
        (
            Opening(Refusal.SCORE, score_from=80, score_missing=50),
            "From 80 campaign score on",
            "You have 30 campaign score: 50 more, and it opens.",
            "/h5/c/autumn/",
        ),
        (
            Opening(Refusal.SCORE, score_below=20),
            "For members below 20 campaign score",
            "You have 30 already: other tasks are there for you.",
            "/h5/c/autumn/",
        ),
        (
            Opening(Refusal.TAGS_NONE, for_others=True),
            "This task is for other members.",
            "Other tasks are there for you.",
            "/h5/c/autumn/",
        ),
        (
            Opening(Refusal.PROFILING_REFUSED),
            "This is for a chosen group, and you have asked not to be put into groups.",
            "You can change that under privacy at any time.",
            "/h5/me/privacy/",
        ),
        (
            Opening(Refusal.STEP_LOCKED, task=task("one")),
            "First: Task one",
            "These tasks open one after the other.",
            "/h5/c/autumn/t/one/",
        ),
        (
            Opening(Refusal.STEP_SKIPPED, task=task("two")),
            "This step falls away for you.",
            "Go on with “Task two”.",
            "/h5/c/autumn/t/two/",
        ),
        (
            Opening(Refusal.SLOT_TAKEN, task=task("two")),
            "Another task is there for you instead.",
            "Task two",
            "/h5/c/autumn/t/two/",
        ),
        (
            Opening(Refusal.QUOTA, opens_at=NOW),
            "All places are taken for now.",
            "New places open on 2026-11-11 12:00.",
            "/h5/c/autumn/",
        ),
        (
            Opening(Refusal.QUOTA),
            "All places of this task are taken.",
            "Other tasks are there for you.",
            "/h5/c/autumn/",
        ),
        (
            Opening(Refusal.CHAIN_OVER),
            "The time for this row of tasks is over.",
            "What you have received stays yours, and your other tasks go on.",
            "/h5/c/autumn/",
        ),
        (
            Opening(Refusal.TOO_LATE, opens_at=NOW),
            "The time to finish this task is over.",
            "You can try again from 2026-11-11 12:00 on.",
            "/h5/c/autumn/",
        ),
        (
            Opening(Refusal.HELD),
            "We are checking this. Your reward follows if all is in order.",
            "There is nothing you need to do. What comes of it is shown here.",
            "/h5/c/autumn/",
        ),
        (
            Opening(Refusal.NOT_GRANTED),
            "This was checked, and its reward is not given.",
            "If you think this is a mistake, please ask The shop.",
            "/h5/c/autumn/",
        ),
        (
            Opening(Refusal.CLOSED),
            "This campaign is over.",
            "What you have won stays yours.",
            "/h5/me/awards/",
        ),
        (
            Opening(Refusal.NOT_OPEN, opens_at=NOW),
            "This campaign has not begun yet.",
            "It opens on 2026-11-11 12:00.",
            "/h5/c/autumn/",
        ),
    ],
)
def test_every_reason_says_what_opens_it_and_leads_there(asking, opening, reason, more, url):
    with override("en"):
        words = told(opening, asking)
    assert (words.reason, words.more, words.url) == (reason, more, url)
    assert words.way


@pytest.mark.django_db
def test_who_has_risen_beyond_a_level_is_not_sent_there(asking):
    asking.member.level = Level.objects.get(slug="plus")
    with override("en"):
        words = told(levels("gold"), asking)
    assert words.reason == "For members of this level: Gold"
    assert words.more == "You are Plus: other tasks are there for you."


@pytest.mark.django_db
def test_the_levels_are_read_only_where_a_level_is_missing(asking, django_assert_num_queries):
    with django_assert_num_queries(0):
        told(Opening(Refusal.SCORE, score_from=80, score_missing=50), asking)
    with django_assert_num_queries(2):  # the ladder, and where the member stands on it
        told(levels("gold"), asking)

"""What a rehearsal finds: each finding comes with its case and goes once that is mended."""

import pytest
from django.utils import translation

from campaigns import playing
from campaigns.models import Campaign
from campaigns.rehearsal import forecasts, learning
from campaigns.rehearsal.findings import Severity
from campaigns.rehearsal.rates import Level, Rates, parse
from campaigns.rehearsal.rehearsing import rehearse
from members.models import Member
from rewards.models import Budget, Gift
from segmentation.models import MemberTag, Tag, TagGroup
from tests.campaigns import scenes
from tests.campaigns.offer_stories import offer
from tests.campaigns.scenes import DAY, NOW, OPENS, chain, draft, make_level, make_member, pool, task

pytestmark = pytest.mark.django_db
PAID, GOLD = {"levels": ["paid"]}, {"levels": ["gold"]}
VIEWS = {"type": "view", "count": 9, "distinct": "days"}
WEEK = {"opens_at": OPENS.isoformat(), "closes_at": (OPENS + 7 * DAY).isoformat()}
STREAK = {"streaks": [{"days": 9, "reward": {"points": 5}}]}
DRAWS = [task("check-in", reward={"chances": 1})]


@pytest.fixture(autouse=True)
def members():
    """Six members who paid and four of no level; nobody has gold."""
    paid, _gold = make_level("paid"), make_level("gold", 2)
    for number in range(10):
        Member.objects.create(uid=f"m{number}", level=paid if number < 6 else None)


def found(campaign, *, now=OPENS, rates=None):
    return {each.key: each for each in rehearse(campaign, now=now, rates=rates).findings}


def of_scene(**changes):
    return found(draft(**changes))


@pytest.mark.parametrize(
    ("key", "severity", "wrong", "right"),
    [
        ("nobody:campaign", "warning", {"audience": GOLD}, {"audience": PAID}),
        ("nobody:task:a", "warning", {"tasks": [task("a", audience=GOLD)]}, {"tasks": [task("a", audience=PAID)]}),
        (
            "place_taken:task:b",
            "warning",
            {"tasks": [task("a", slot="top"), task("b", slot="top")]},
            {"tasks": [task("a", slot="top", audience=PAID), task("b", slot="top")]},
        ),
        (
            "nobody:chain:c",
            "warning",
            {"tasks": [task("a")], "chains": [chain("c", "a", audience=GOLD)]},
            {"tasks": [task("a")], "chains": [chain("c", "a")]},
        ),
        (
            "step_stops:c:b",
            "warning",
            {"tasks": [task("a"), task("b", audience=GOLD)], "chains": [chain("c", "a", "b")]},
            {"tasks": [task("a"), task("b", audience=PAID)], "chains": [chain("c", "a", "b")]},
        ),
        (
            "step_narrows:c:b",
            "note",
            {"tasks": [task("a"), task("b", audience=PAID)], "chains": [chain("c", "a", "b")]},
            {"tasks": [task("a"), task("b")], "chains": [chain("c", "a", "b")]},
        ),
        (
            "nobody:pool:rich",
            "warning",
            {"pools": [pool("rich", audience=GOLD), pool("everyone")]},
            {"pools": [pool("rich", audience=PAID), pool("everyone")]},
        ),
        (
            "pool_shared:everyone",
            "note",
            {"pools": [pool("rich", audience=PAID), pool("everyone")]},
            {"pools": [pool("everyone")]},
        ),
        (
            "score_beyond:high",
            "warning",
            {"pools": [pool("high", audience={"score_from": 50}), pool("low", audience={"score_below": 50})]},
            {
                "tasks": [task("a", reward={"score": 50})],
                "pools": [pool("high", audience={"score_from": 50}), pool("low", audience={"score_below": 50})],
            },
        ),
        (
            "between:pools",
            "warning",
            {"tasks": DRAWS, "pools": [pool("rich", audience=PAID)]},
            {"tasks": DRAWS, "pools": [pool("rich", audience=PAID), pool("everyone")]},
        ),
        ("between:tasks", "note", {"tasks": [task("a", audience=PAID)]}, {"tasks": [task("a")]}),
        ("level_empty:gold", "note", {"tasks": [task("a", audience=GOLD)]}, {"tasks": [task("a")]}),
        (
            "pool_unnamed:quiet",
            "warning",
            {"pools": [pool("quiet", named_only=True), pool("everyone")]},
            {
                "tasks": [task("a", reward={"chances": 1, "pool": "quiet"})],
                "pools": [pool("quiet", named_only=True), pool("everyone")],
            },
        ),
        (
            "nobody:offer:milk",
            "warning",
            {"offers": [offer(key="milk", audience=GOLD)]},
            {"offers": [offer(key="milk", audience=PAID)]},
        ),
        (
            "task_too_long:a",
            "error",
            WEEK | {"tasks": [task("a", "event", config=VIEWS)]},
            {"tasks": [task("a", "event", config=VIEWS)]},
        ),
        (
            "chain_too_long:c",
            "error",
            WEEK | {"tasks": [task("a", "event", config=VIEWS)], "chains": [chain("c", "a")]},
            {"tasks": [task("a", "event", config=VIEWS)], "chains": [chain("c", "a")]},
        ),
        (
            "streak_too_long:a",
            "warning",
            WEEK | {"tasks": [task("a", period="daily", config=STREAK)]},
            {"tasks": [task("a", period="daily", config=STREAK)]},
        ),
    ],
)
def test_each_finding_comes_with_its_case_and_goes_once_it_is_mended(key, severity, wrong, right):
    before = of_scene(**wrong)
    after = of_scene(slug="another", **right)

    assert before[key].severity == severity
    assert key not in after


def test_pools_of_tags_that_overlap_on_the_members_there_are_shadow_one_another():
    group = TagGroup.objects.create(slug="taste", name="Taste")
    tags = [Tag.objects.create(group=group, slug=slug, name=slug) for slug in ("tea", "milk")]
    for tag in tags:
        MemberTag.objects.create(member=Member.objects.get(uid="m0"), tag=tag, source="hand", set_at=NOW)
    tea, milk = ({"tags_any": [f"taste.{slug}"]} for slug in ("tea", "milk"))
    campaign = draft(pools=[pool("tea", audience=tea), pool("milk", audience=milk), pool("everyone")])

    with translation.override("en"):
        before = found(campaign)
    MemberTag.objects.create(member=Member.objects.get(uid="m1"), tag=tags[1], source="hand", set_at=NOW)

    told = "Nobody draws from prize pool “Pool milk”: everybody in its audience (1) draws from “Pool tea” (1)."
    assert before["pool_taken:milk"].message == told
    assert "pool_taken:milk" not in found(campaign)
    assert found(campaign)["pool_shared:milk"].severity == Severity.NOTE


def test_what_the_draft_says_wrongly_is_an_error_beside_what_the_members_show():
    campaign = draft(audience=GOLD | {"score_from": 5, "score_below": 5})

    findings = found(campaign)

    assert findings["audience_unreachable:0"].severity == Severity.ERROR
    assert findings["nobody:campaign"].severity == Severity.WARNING


def test_a_draft_that_cannot_be_read_shows_its_errors_alone():
    rehearsal = rehearse(draft(tasks=[task("q", "quiz", config={})]), now=OPENS)

    assert rehearsal.expected is None
    assert {each.severity for each in rehearsal.findings} == {Severity.ERROR}


def test_a_task_that_takes_more_days_than_are_left_is_warned_of():
    campaign = draft(tasks=[task("a", "event", config=VIEWS)])

    assert "task_late:a" not in found(campaign)
    assert found(campaign, now=scenes.CLOSES - 3 * DAY)["task_late:a"].severity == Severity.WARNING


def test_without_members_there_is_nothing_to_say_about_reach():
    Member.objects.all().delete()

    findings = of_scene(audience=GOLD)

    assert set(findings) == {"no_members"}


EVERYBODY = Rates({Level.LOW: 50.0, Level.EXPECTED: 100.0, Level.HIGH: 100.0}, {"traffic": 100.0}, 0.0)


def cup_for_everyone(stock):
    gift = Gift.objects.create(slug="cup", name="Cup", kind="physical", stock=stock, cost=3)
    return gift, draft(tasks=[task("a", reward={"gift": "cup"})])


def test_a_gift_runs_out_on_a_day_and_no_more_once_there_are_enough():
    gift, campaign = cup_for_everyone(8)

    with translation.override("en"):
        told = found(campaign, rates=EVERYBODY)["runs_out:gift:cup"]
    Gift.objects.filter(pk=gift.pk).update(stock=10)

    assert told.severity == Severity.WARNING
    assert "Gift “Cup”: what is left, 8, is used up on November" in told.message
    assert "runs_out:gift:cup" not in found(campaign, rates=EVERYBODY)


def test_what_runs_out_only_if_many_take_part_is_a_note():
    _gift, campaign = cup_for_everyone(8)
    rates = Rates({Level.LOW: 10.0, Level.EXPECTED: 50.0, Level.HIGH: 100.0}, {"traffic": 100.0}, 0.0)

    assert found(campaign, rates=rates)["may_run_out:gift:cup"].severity == Severity.NOTE


def test_a_stock_of_nothing_is_told_as_such():
    _gift, campaign = cup_for_everyone(0)

    with translation.override("en"):
        assert found(campaign, rates=EVERYBODY)["runs_out:gift:cup"].message == "Gift “Cup”: nothing is left."


def test_a_budget_runs_out_by_what_gifts_and_draws_cost():
    _gift, campaign = cup_for_everyone(None)
    Budget.objects.create(scope="campaign:autumn", per="total", cents=2_900)
    daily = Budget.objects.create(scope="campaign:autumn", per="day", cents=1)

    findings = found(campaign, rates=EVERYBODY)
    Budget.objects.update(cents=3_000)

    assert [key.partition(":")[0] for key in findings if ":budget:" in key] == ["runs_out", "runs_out"]
    assert f"runs_out:budget:{daily.pk}" in findings
    assert not [key for key in found(campaign, rates=EVERYBODY) if ":budget:" in key]


def test_a_prize_runs_out_by_its_odds():
    make_coupon = scenes.make_coupon
    make_coupon("A", "B", "C", "D", "E", "F")
    prizes = [
        {"key": "win", "gift": "coupon", "odds": 500_000, "stock": 4, "consolation": False},
        {"key": "thanks", "gift": "thanks", "odds": 500_000, "stock": None, "consolation": True},
    ]
    campaign = draft(tasks=DRAWS, pools=[pool("everyone", prizes=prizes)])

    findings = found(campaign, rates=EVERYBODY)

    assert "runs_out:prize:everyone:win" in findings
    assert "runs_out:gift:coupon" not in findings


def test_the_expected_figures_follow_from_the_rates():
    expected = rehearse(draft(tasks=DRAWS), now=OPENS, rates=EVERYBODY).expected

    assert expected.plays[Level.EXPECTED].participants == 10
    assert expected.plays[Level.LOW].draws == {"everyone": 5.0}
    assert expected.plays[Level.EXPECTED].completions == {"check-in": 10.0}


def test_steps_of_a_chain_are_done_one_after_the_other():
    half = Rates(dict.fromkeys(Level, 100.0), {"traffic": 50.0}, 0.0)
    campaign = draft(tasks=[task("a"), task("b", audience=PAID)], chains=[chain("c", "a", "b")])

    play = rehearse(campaign, now=OPENS, rates=half).expected.plays[Level.EXPECTED]

    assert play.completions == {"a": 5.0, "b": 1.5, "chain:c": 1.5}
    assert play.draws == {"everyone": 1.5}


def test_a_quota_bounds_what_is_done():
    campaign = draft(tasks=[task("a", quotas=[{"quota": 3}])])

    assert rehearse(campaign, now=OPENS, rates=EVERYBODY).expected.plays[Level.HIGH].completions["a"] == 3


def test_rates_are_learned_from_earlier_campaigns(monkeypatch):
    monkeypatch.setattr(learning, "FEWEST", 1)
    earlier = scenes.publish(slug="earlier", audience=PAID)
    for member in Member.objects.filter(level__slug="paid")[:3]:
        playing.submit(member, earlier.slug, "check-in", {}, now=NOW)
    campaign = draft()

    learned = learning.learned(campaign, now=NOW)

    assert learned.participation[Level.EXPECTED] == 50.0
    assert learned.completion["traffic"] == 100.0
    assert learning.learned(earlier, now=OPENS) is None


def test_rates_that_were_set_are_kept_and_gone_by():
    campaign = draft()

    forecasts.set_rates(campaign, EVERYBODY)

    assert rehearse(campaign, now=OPENS).expected.rates.participation == EVERYBODY.participation
    assert parse(None) == Rates()


def test_the_statements_of_a_rehearsal_are_bounded(django_assert_max_num_queries):
    tasks = [task(f"t{number}", audience=PAID) for number in range(20)]
    pools = [pool(f"p{number}", audience=PAID) for number in range(4)]
    campaign = draft(tasks=tasks, pools=pools)
    Member.objects.bulk_create(Member(uid=f"more-{number}") for number in range(500))

    with django_assert_max_num_queries(75):
        rehearse(Campaign.objects.get(pk=campaign.pk), now=OPENS)


def test_a_member_who_was_erased_counts_nowhere():
    make_member("gone", erased_at=NOW)

    assert len(rehearse(draft(), now=OPENS).expected.reach.everyone) == 10

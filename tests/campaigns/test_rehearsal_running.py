"""A rehearsal of a further revision: who took part already is not expected again, and what is left is what counts."""

import pytest
from django.utils import translation

from campaigns import playing, rehearsal_said, rehearsal_words
from campaigns.models import Campaign
from campaigns.offers import reserving
from campaigns.rehearsal import taken_part
from campaigns.rehearsal.rates import Level, Rates
from campaigns.rehearsal.rehearsing import rehearse
from members.models import Member
from rewards.awards import grant_award
from rewards.models import Budget, BudgetUse, Chances, Gift
from tests.campaigns import scenes
from tests.campaigns.offer_stories import offer
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS, chain, draft, make_coupon, publish, task

pytestmark = pytest.mark.django_db
# Everybody takes part, does everything, and comes back in every period.
ALL = Rates(dict.fromkeys(Level, 100.0), {"traffic": 100.0}, 100.0, {"flash": 100.0, "first_order": 100.0})


@pytest.fixture(autouse=True)
def members():
    return [Member.objects.create(uid=f"m{number}") for number in range(10)]


@pytest.fixture(autouse=True)
def all_are_still_to_come(monkeypatch):
    """As on the first day; how the days that are left are weighed has tests of its own."""
    monkeypatch.setattr("campaigns.rehearsal.rehearsing._share", lambda *_any: 1.0)


def expected_of(campaign, *, now=NOW, rates=ALL):
    return rehearse(Campaign.objects.get(pk=campaign.pk), now=now, rates=rates).expected


def play_of(campaign, **options):
    return expected_of(campaign, **options).plays[Level.EXPECTED]


def do(campaign, member, key, *, now=NOW):
    playing.submit(member, campaign.slug, key, {}, now=now)


def test_who_did_a_task_of_once_is_not_expected_to_do_it_again(members):
    campaign = publish(tasks=[task("a", reward={"points": 10}), task("b")])
    before = play_of(campaign)
    for member in members[:4]:
        do(campaign, member, "a")

    after = play_of(campaign)

    assert (before.participants, before.completions) == (10, {"a": 10, "b": 10})
    assert (after.participants, after.completions) == (6, {"a": 6, "b": 10})
    assert after.points == before.points - 4 * 10


def test_chances_that_were_given_and_not_drawn_yet_are_still_to_be_drawn(members):
    pools = [scenes.pool("plain"), scenes.pool("rich", audience={"levels": ["gold"]})]
    gold = scenes.make_level("gold")
    Member.objects.filter(pk=members[0].pk).update(level=gold)
    campaign = publish(tasks=[task("a", reward={"chances": 3})], pools=pools)
    members[0].refresh_from_db()
    for member in members[:3]:
        do(campaign, member, "a")
    nobody_else = Rates(dict.fromkeys(Level, 0.0), {}, 0.0)
    Chances.objects.filter(member=members[2]).update(used=1)

    play = play_of(campaign, rates=nobody_else)

    # Whose they are is not asked for one by one: of those who took part, one in three has gold.
    assert play.draws == {"plain": pytest.approx(8 * 2 / 3), "rich": pytest.approx(8 / 3)}
    assert sum(play.drawing.values()) == pytest.approx(3)


def test_those_who_took_part_are_all_there_and_of_the_others_as_many_as_are_expected(members):
    campaign = publish(tasks=[task("a"), task("b")])
    for member in members[:4]:
        do(campaign, member, "a")
    half = Rates(dict.fromkeys(Level, 50.0), {"traffic": 100.0}, 0.0)

    play = play_of(campaign, rates=half)

    assert (play.participants, play.completions) == (3, {"a": 3, "b": 3 + 4})


def test_a_task_that_is_new_in_the_revision_is_still_open_to_those_who_took_part(members):
    campaign = publish(tasks=[task("a")])
    do(campaign, members[0], "a")
    campaign.tasks.create(key="new", title="New", kind="checkin", period="once", position=9)

    assert play_of(campaign).completions == {"a": 9, "new": 10}


def test_the_times_a_member_has_left_are_counted(members):
    campaign = publish(tasks=[task("a", period="times", times=3)])
    assert play_of(campaign).completions == {"a": 30}
    for _time in range(2):
        do(campaign, members[0], "a")
    for _time in range(3):
        do(campaign, members[1], "a")

    assert play_of(campaign).completions == {"a": 8 * 3 + 1}


def test_a_task_that_comes_back_is_expected_again_in_the_days_that_are_left(members):
    campaign = publish(tasks=[task("a", period="daily")])
    do(campaign, members[0], "a")
    rates = Rates(dict.fromkeys(Level, 100.0), {"traffic": 100.0}, 50.0)
    # The campaign ends at eight in the morning of the shop's clocks.
    last_two_days = CLOSES - DAY

    # Nine come and half of them again; the one who comes back does on each of two days, as likely as not.
    assert play_of(campaign, now=last_two_days, rates=rates).completions["a"] == 9 * 1.5 + 2 * 0.5


def test_the_steps_of_a_chain_go_on_where_a_member_stands(members):
    campaign = publish(tasks=[task("a"), task("b")], chains=[chain("c", "a", "b")])
    for member in members[:3]:
        do(campaign, member, "a")
    do(campaign, members[0], "b")

    play = play_of(campaign)

    assert play.completions == {"a": 7, "b": 9, "chain:c": 9}
    # Nine, and the one that the first of them has and did not draw yet.
    assert play.draws["everyone"] == 10


def test_the_places_that_are_taken_of_a_quota_are_not_there_any_more(members):
    campaign = publish(tasks=[task("a", quotas=[{"quota": 5}])])
    for member in members[:2]:
        do(campaign, member, "a")

    assert play_of(campaign).completions == {"a": 3}


def test_who_had_all_that_an_offer_allows_takes_no_more_of_it(members):
    make_coupon("A", "B", "C")
    coupon = offer("first_order", key="welcome", title="Welcome")
    campaign = publish(offers=[offer(stock=6, per_member=2), coupon])
    reserving.reserve(members[0], campaign.slug, "milk", quantity=2, now=NOW)
    reserving.reserve(members[1], campaign.slug, "milk", quantity=1, now=NOW)
    reserving.get_coupon(members[2], campaign.slug, "welcome", now=NOW)

    milk, welcome = play_of(campaign).offers

    assert milk.standing.left == 3
    assert set(milk.standing.members) == {each.pk for each in members[1:]}
    assert members[2].pk not in welcome.standing.members
    assert welcome.takers == 9


def test_what_is_left_of_a_gift_and_a_budget_is_what_runs_out(members):
    cup = Gift.objects.create(slug="cup", name="Cup", kind="physical", stock=9, cost=3)
    campaign = publish(tasks=[task("a", reward={"gift": "cup"})])
    budget = Budget.objects.create(scope="campaign:autumn", per="total", cents=3_000)
    for member in members[:4]:
        grant_award(cup, member.pk, key=f"gift:{member.pk}", source="a", now=NOW, scope="campaign:autumn")

    left = {each.supply.id: each.supply.left for each in expected_of(campaign).lastings}

    assert left["gift:cup"] == 5
    assert BudgetUse.objects.get(budget=budget, day=None, member=None).spent == 1_200
    assert left[f"budget:{budget.pk}"] == 1_800


def test_of_a_daily_budget_what_today_has_spent_is_missing_today_alone(members):
    cup = Gift.objects.create(slug="cup", name="Cup", kind="physical", stock=9, cost=3)
    campaign = publish(tasks=[task("a", reward={"gift": "cup"})])
    budget = Budget.objects.create(scope="campaign:autumn", per="day", cents=3_000)
    for number, member in enumerate(members[:4]):
        # One of them yesterday, which is of no other day.
        moment = NOW - DAY if number == 0 else NOW
        grant_award(cup, member.pk, key=f"gift:{member.pk}", source="a", now=moment, scope="campaign:autumn")

    def daily(now):
        found = {each.supply.id: each.supply for each in expected_of(campaign, now=now).lastings}
        return found[f"budget:{budget.pk}"]

    assert (daily(NOW).left, daily(NOW).used_today) == (3_000, 900)
    assert daily(NOW + DAY).used_today == 0


def test_a_gift_lasts_once_those_who_took_part_are_not_counted_again(members):
    Gift.objects.create(slug="cup", name="Cup", kind="physical", stock=10, cost=3)
    campaign = publish(tasks=[task("a", reward={"gift": "cup"})])
    for member in members[:4]:
        do(campaign, member, "a")

    found = rehearse(Campaign.objects.get(pk=campaign.pk), now=NOW, rates=ALL)

    assert "runs_out:gift:cup" not in {each.key for each in found.findings}
    assert found.expected.supplies.spent(found.expected.plays[Level.EXPECTED]) == 6 * 300


def test_the_page_says_how_many_took_part_already(members, admin_client):
    campaign = publish(tasks=[task("a")])
    address = f"/admin/campaigns/campaign/{campaign.pk}/rehearsal/"
    assert 'id="already"' not in admin_client.get(address).content.decode()
    for member in members[:4]:
        do(campaign, member, "a")

    expected = expected_of(campaign)
    with translation.override("en"):
        told = rehearsal_said.already(expected)
        bars = dict(rehearsal_words.reached(expected))
    page = admin_client.get(address, headers={"accept-language": "en"}).content.decode()

    assert told.startswith("The campaign reaches 10 members. 4 of these took part already and are not counted again")
    assert [(bar.label, bar.shown) for bar in bars["all"].bars][-2:] == [
        ("took part already", "4"),
        ("reached and not come yet", "6"),
    ]
    assert bars["tasks"].bars[0].note == "4 did it already"
    assert 'id="already"' in page
    assert "Participants to come" in page


def test_a_draft_that_was_never_published_asks_for_nobody(django_assert_num_queries):
    campaign = draft()
    definition = expected_of(campaign).definition

    with django_assert_num_queries(0):
        assert not taken_part.so_far(campaign, definition, share=1.0, now=NOW).joined


class TestTheDaysThatAreLeft:
    @pytest.fixture(autouse=True)
    def all_are_still_to_come(self):
        """Nothing stands in for it here."""

    def test_fewer_are_still_to_come_the_later_it_is(self):
        campaign = publish(tasks=[task("a")])

        whole, later, last = (play_of(campaign, now=now).participants for now in (OPENS, NOW, CLOSES - DAY))

        assert whole == 10
        assert 10 > later > last > 0

    def test_all_of_a_draft_that_was_never_published_are_still_to_come(self):
        assert play_of(draft(), now=CLOSES - 3 * DAY).participants == 10

    def test_a_campaign_that_is_published_anew_before_it_opens_has_all_to_come(self):
        assert play_of(publish(tasks=[task("a")]), now=OPENS - scenes.DAY).participants == 10


def test_codes_are_counted_once_however_many_pools_give_them(django_assert_max_num_queries):
    make_coupon("A", "B", "C")
    prizes = [
        {"key": "win", "gift": "coupon", "odds": 500_000, "stock": None, "consolation": False},
        {"key": "thanks", "gift": "thanks", "odds": 500_000, "stock": None, "consolation": True},
    ]
    paid = {"levels": [scenes.make_level("paid").slug]}
    named = ["one", "two", "three"]
    pools = [scenes.pool(name, prizes=prizes, audience=paid) for name in named]
    campaign = draft(pools=[*pools, scenes.pool("everyone", prizes=prizes)])

    with django_assert_max_num_queries(200) as asked:
        left = expected_of(campaign).supplies.left_of("coupon")

    counted = [each for each in asked.captured_queries if "GROUP BY 1" in each["sql"] and "couponcode" in each["sql"]]
    assert left == 3
    assert len(counted) == 1


def test_members_of_another_campaign_with_tasks_of_the_same_keys_do_not_count(members):
    one, other = publish(tasks=[task("a"), task("b")]), publish(slug="other", tasks=[task("a")])
    do(one, members[0], "a")
    do(other, members[1], "a")
    do(one, members[2], "b")

    already = expected_of(one).already

    assert set(already.joined) == {members[0].pk, members[2].pk}
    assert set(already.times["a"][1]) == {members[0].pk}

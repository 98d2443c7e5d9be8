"""What a revision may not change once people take part, point by point. Pure."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from campaigns.definition import EVERYONE, Chain, Pool, Quota, Reward, Task
from campaigns.definition import Campaign as Definition
from campaigns.offers.terms import Offer
from campaigns.revision_rules import refused
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS

REWARD = Reward(points=10, chances=1, gift="cup", pool="all")


@dataclass(frozen=True)
class Played:
    tasks: frozenset[str] = frozenset()
    chains: tuple[tuple[str, int], ...] = ()

    @property
    def anybody(self):
        return bool(self.tasks)

    def task(self, key):
        return key in self.tasks

    def chain(self, key):
        return dict(self.chains).get(key, 0)

    def offer(self, key):
        return self.anybody


SALE = Offer("sale", "flash", "Sale", 200, 100, EVERYONE, stock=10, per_member=2, minutes=15, closes_at=NOW)
BEGUN = Played(frozenset({"one", "two", "three"}), (("path", 1),))
NOBODY = Played()


def task(key, **changes):
    made = Task(key, f"Task {key}", "", "checkin", {}, "times", "by_hand", EVERYONE, REWARD, 3, 5, 60, 24)
    return replace(made, quotas=(Quota(100),), **changes)


def campaign(*tasks, **changes):
    tasks = tasks or (task("one"), task("two"), task("three"))
    chain = Chain("path", "The path", EVERYONE, Reward(points=100), ("one", "two"), within=48)
    made = Definition(
        "autumn", "Autumn", 1, OPENS, CLOSES, "", "", "Shop", "#000000", EVERYONE, tasks, (chain,),
        (Pool("all", "All", 1, EVERYONE),),
    )  # fmt: skip
    return replace(made, by_key={each.key: each for each in tasks}, **{"offers": (SALE,)} | changes)


def with_one(**changes):
    quotas = {"quotas": changes.pop("quotas")} if "quotas" in changes else {}
    return campaign(replace(task("one", **changes), **quotas), task("two"), task("three"))


def with_sale(**changes):
    return campaign(offers=(replace(SALE, **changes),))


def with_path(**changes):
    return campaign(chains=(replace(campaign().chains[0], **changes),))


def codes(after, played=BEGUN, now=NOW):
    return [point.code for point in refused(campaign(), after, played, now=now)]


STRUCTURAL = [
    (campaign(slug="winter"), "slug_changed"),
    (campaign(opens_at=OPENS - DAY), "opens_moved"),
    (campaign(opens_at=OPENS + DAY), "opens_moved"),
    (campaign(time_zone="Europe/Berlin"), "time_zone_changed"),
    (campaign(task("one"), task("two")), "task_gone"),
    (with_one(kind="quiz"), "kind_changed"),
    (with_one(period="daily"), "period_changed"),
    (campaign(chains=()), "chain_gone"),
    (with_path(steps=("two", "one")), "steps_changed"),
    (with_path(steps=("one",)), "steps_changed"),
    (with_path(steps=("three", "one", "two")), "steps_changed"),
    (with_path(key="way"), "chain_gone"),
    (campaign(offers=()), "offer_gone"),
    (with_sale(kind="group"), "offer_kind_changed"),
]
AGAINST = [
    (campaign(closes_at=CLOSES - timedelta(seconds=1)), "closes_earlier"),
    (with_one(target=4), "target_raised"),
    (with_one(times=4), "times_lowered"),
    (with_one(finish_within=59), "less_time"),
    (with_one(claim_within=23), "less_time"),
    (with_one(reward=replace(REWARD, points=9)), "reward_lowered"),
    (with_one(reward=replace(REWARD, gift="plate")), "reward_lowered"),
    (with_one(reward=replace(REWARD, gift=None)), "reward_lowered"),
    (with_one(reward=replace(REWARD, pool="small")), "chances_moved"),
    (with_one(quotas=(Quota(99),)), "quota_lowered"),
    (with_one(quotas=(Quota(100), Quota(5, "day"))), "quota_lowered"),
    (with_path(within=47), "less_time"),
    (with_path(reward=Reward(points=99)), "reward_lowered"),
    (campaign(pools=()), "pool_gone"),
    (with_sale(offer_price=101), "offer_worse"),
    (with_sale(stock=9), "offer_worse"),
    (with_sale(per_member=1), "offer_worse"),
    (with_sale(minutes=14), "offer_worse"),
    (with_sale(closes_at=NOW - DAY), "offer_worse"),
]
ALLOWED = [
    campaign(),
    campaign(name="Late autumn", closes_at=CLOSES + DAY, audience=EVERYONE),
    campaign(task("one"), task("two"), task("three"), task("four")),
    with_one(target=2, times=6, finish_within=0, claim_within=0, quotas=(Quota(101),)),
    with_one(quotas=()),
    with_one(reward=replace(REWARD, points=11, tag="a.b")),
    with_one(title="Another", guide="Text", config={"x": 1}),
    with_path(steps=("one", "two", "three"), within=0),
    with_sale(offer_price=99, stock=0, per_member=3, minutes=16, closes_at=NOW + DAY, title="Another"),
    with_sale(closes_at=None),
    campaign(pools=(Pool("all", "All", 2, EVERYONE), Pool("more", "More", 1, EVERYONE))),
]


@pytest.mark.parametrize(("after", "code"), STRUCTURAL)
def test_what_would_break_what_members_did_is_structural(after, code):
    (point,) = [each for each in refused(campaign(), after, BEGUN, now=NOW) if each.code == code]
    assert point.structural
    assert point.message


@pytest.mark.parametrize(("after", "code"), AGAINST)
def test_what_takes_something_away_is_against_participants(after, code):
    (point,) = refused(campaign(), after, BEGUN, now=NOW)
    assert (point.code, point.structural) == (code, False)


@pytest.mark.parametrize("after", ALLOWED)
def test_what_is_in_their_favour_is_no_point(after):
    assert codes(after) == []


@pytest.mark.parametrize("after", [after for after, code in STRUCTURAL + AGAINST if code[:4] not in {"slug", "open"}])
def test_before_anybody_takes_part_everything_but_key_and_opening_may_change(after):
    assert codes(after, NOBODY) == []


def test_the_opening_may_move_until_it_has_come():
    after = campaign(opens_at=OPENS + DAY)
    assert codes(after, NOBODY, now=OPENS - timedelta(microseconds=1)) == []
    assert codes(after, NOBODY, now=OPENS) == ["opens_moved"]


def test_a_task_that_nobody_began_may_vanish():
    assert codes(campaign(task("one"), task("two")), Played(frozenset({"one"}))) == []


def buying(**config):
    return campaign(replace(task("one"), kind="purchase", target=1, config=config), task("two"), task("three"))


NARROWED = [
    ({"orders": 1}, {"orders": 1, "order_from": "10"}),
    ({"orders": 1, "order_from": "9.99"}, {"orders": 1, "order_from": "10"}),
    ({"orders": 1}, {"orders": 1, "categories": ["milk"]}),
    ({"orders": 1, "categories": ["milk", "tea"]}, {"orders": 1, "categories": ["tea"]}),
    ({"orders": 1}, {"orders": 1, "within_days": 3}),
    ({"orders": 1, "within_days": 3}, {"orders": 1, "within_days": 2}),
]
OTHERS = [({"orders": 1, "skus": ["a"]}, {"orders": 1, "skus": ["b"]}), ({"orders": 1}, {"units": 1})]


@pytest.mark.parametrize(("before", "after"), NARROWED + OTHERS)
def test_once_members_buy_not_less_of_what_they_buy_may_count(before, after):
    [point] = refused(buying(**before), buying(**after), BEGUN, now=NOW)
    assert (point.code, point.structural) == ("counts_less", False)
    assert refused(buying(**before), buying(**after), NOBODY, now=NOW) == []


@pytest.mark.parametrize(("after", "before"), NARROWED)
def test_more_of_what_they_buy_may_count(before, after):
    assert refused(buying(**before), buying(**after), BEGUN, now=NOW) == []

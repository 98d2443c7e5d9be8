"""The difference between two revisions, in words."""

from dataclasses import replace

import pytest
from django.utils import translation

from campaigns.definition import EVERYONE, Audience, Campaign, Chain, Pool, Quota, Reward, Skip, Task
from campaigns.offers.terms import Offer
from campaigns.revision_diff import differences
from campaigns.revision_words import Words
from rewards.models import Gift
from rewards.pool_changes import Point
from tests.campaigns.scenes import CLOSES, DAY, OPENS, QUIZ, make_level

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    Gift.objects.create(slug="cup", name="A cup", kind="thanks")
    make_level("paid")
    with translation.override("en"):
        yield


def task(key, **changes):
    return replace(
        Task(key, f"Task {key}", "", "checkin", {}, "once", "automatic", EVERYONE, Reward(points=10)), **changes
    )


def campaign(*tasks, **changes):
    tasks = tasks or (task("one"), task("two"))
    chain = Chain("path", "The path", EVERYONE, Reward(points=100), ("one", "two"))
    made = Campaign(
        "autumn", "Autumn", 1, OPENS, CLOSES, "", "", "Shop", "#000000", EVERYONE, tasks, (chain,),
        (Pool("all", "All", 1, EVERYONE),),
    )  # fmt: skip
    return replace(made, by_key={each.key: each for each in tasks}, **changes)


def told(after, before=None, **options):
    return [
        (change.kind, change.words, *change.lines)
        for change in differences(before or campaign(), after, Words(), **options)
    ]


def one(**changes):
    return campaign(task("one", **changes), task("two"))


def path(**changes):
    return campaign(chains=(replace(campaign().chains[0], **changes),))


PAID = Audience(levels=frozenset({"paid"}))
NAME = "Task “Task one” (one)"
PATH = "Chain “The path” (path)"
POOL = "Prize pool “All” (all)"


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (campaign(), []),
        (campaign(name="Winter"), [("changed", "Name: Autumn → Winter")]),
        (campaign(time_zone="Asia/Tokyo"), [("changed", "Time zone: nothing → Asia/Tokyo")]),
        (campaign(audience=PAID), [("changed", "For whom: everyone → One of these levels: paid")]),
        (
            campaign(task("one"), task("two"), task("three", audience=PAID, times=3, period="times")),
            [
                (
                    "added",
                    "Task “Task three” (three)",
                    "check-in · 3 times in all",
                    "Reward: points 10",
                    "For whom: One of these levels: paid",
                )
            ],
        ),
        (campaign(task("one"), chains=()), [("removed", "Task “Task two” (two)"), ("removed", PATH)]),
        (
            campaign(task("two"), task("one")),
            [("changed", "The order of the tasks: Task one · Task two → Task two · Task one")],
        ),
        (
            one(reward=Reward(points=20, gift="cup")),
            [("changed", NAME, "Reward, points: 10 → 20", "Reward, gift: nothing → A cup")],
        ),
        (one(period="daily"), [("changed", NAME, "Period: once → daily")]),
        (one(claim_within=24), [("changed", NAME, "Time to claim: no limit → 24 hours")]),
        (one(finish_within=1), [("changed", NAME, "Time to finish: no limit → 1 minute")]),
        (one(quotas=(Quota(5, "day"),)), [("changed", NAME, "Quotas: no quota → 5 times a day for: everyone")]),
        (one(slot="top"), [("changed", NAME, "Place: nothing → top")]),
        (one(claim_mode="by_hand"), [("changed", NAME, "Claim mode: automatic → by hand")]),
        (path(steps=("two", "one")), [("changed", PATH, "Steps: Task one → Task two → Task two → Task one")]),
        (path(within=48), [("changed", "Chain “The path” (path)", "Time to finish: no limit → 48 hours")]),
        (
            path(skips=(Skip("two", PAID),)),
            [("changed", "Chain “The path” (path)", "Step “two” is skipped by: nobody → One of these levels: paid")],
        ),
        (
            campaign(pools=(Pool("all", "All", 2, PAID), Pool("more", "More", 1, EVERYONE, named_only=True))),
            [
                ("changed", POOL, "Version: 1 → 2", "For whom: everyone → One of these levels: paid"),
                ("added", "Prize pool “More” (more)", "For whom: everyone"),
            ],
        ),
        (campaign(pools=()), [("removed", POOL)]),
        (campaign(features={"nothing-known": {"x": 1}}), [("added", "nothing-known")]),
    ],
)  # fmt: skip
def test_each_field_is_told(after, said):
    assert told(after) == said


def test_a_window_is_told_in_the_sites_time():
    assert told(campaign(closes_at=CLOSES + DAY)) == [("changed", "Closes: Dec. 1, 2026, 08:00 → Dec. 2, 2026, 08:00")]


def test_settings_of_a_kind_are_told_by_their_place():
    changed = QUIZ | {"questions": [QUIZ["questions"][0] | {"answer": 0}, QUIZ["questions"][1]], "pass": 1}
    before = campaign(task("one", kind="quiz", config=QUIZ), task("two"))
    ((_kind, _words, *lines),) = told(campaign(task("one", kind="quiz", config=changed), task("two")), before)

    assert len(lines) == 2
    assert any(line.endswith("2 → 1") for line in lines)
    assert any("1" in line and line.endswith("1 → 0") for line in lines)


def test_what_changed_inside_of_a_pool_is_told_with_it():
    points = {"all": [Point("changed", "“Cup”: odds: from 1 % to 2 %")]}

    assert told(campaign(), pools=points) == [("changed", "Prize pool “All” (all)", "“Cup”: odds: from 1 % to 2 %")]


def test_an_offer_is_told_by_the_labels_of_its_row():
    sale = Offer("sale", "flash", "Sale", 20000, 9900, EVERYONE, stock=10)

    ((kind, words, *lines),) = told(campaign(offers=(sale,)))
    assert (kind, words) == ("added", "Offer “Sale” (sale)")
    assert any(line.endswith("nothing → 99.00") for line in lines)
    cheaper = campaign(offers=(replace(sale, offer_price=8900),))
    ((kind, words, line),) = told(cheaper, campaign(offers=(sale,)))
    assert (kind, line.rpartition(": ")[2]) == ("changed", "99.00 → 89.00")
    assert told(campaign(), campaign(offers=(sale,))) == [("removed", "Offer “Sale” (sale)")]


def test_a_long_text_is_cut():
    ((_kind, words),) = told(campaign(rules="x" * 500))
    assert len(words) < 200


QUESTIONS = [
    {"text": "Which milk is fresh?", "choices": ["this", "that"], "answer": 0, "explanation": "It came today."},
    {"text": "What do cows eat?", "choices": ["grass", "hay", "milk"], "answer": [0, 1]},
]
ASKED = """Questions:
Which milk is fresh?
* this
- that
! It came today.

What do cows eat?
* grass
* hay
- milk"""


@pytest.mark.parametrize(
    ("kind", "config", "said"),
    [
        ("purchase", {"amount": "300"}, ["What counts: amount in all", "How much: 300"]),
        (
            "purchase",
            {"orders": 1, "order_from": "199.00", "skus": ["a", "b"]},
            [
                "What counts: number of orders",
                "How much: 1",
                "Only orders of at least: 199.00",
                "Only these SKUs: \na\nb",
            ],
        ),
        (
            "invite",
            {"count": 3, "qualify": "enter", "friend": {"points": 5}},
            ["Friends to invite: 3", "A friend counts who: enters the campaign", "Reward for each friend: points 5"],
        ),
        ("quiz", {"questions": QUESTIONS, "pass": 2, "shuffle": True}, None),
        (
            "checkin",
            {"streaks": [{"days": 7, "reward": {"points": 70}}]},
            ["Bonuses for days in a row: days in a row 7: points 70"],
        ),
        ("checkin", {}, []),
    ],
)
def test_a_new_task_tells_all_that_it_asks(kind, config, said):
    new = task("new", kind=kind, config=config)
    ((_added, _words, _period, *lines),) = told(campaign(task("one"), task("two"), new))
    if kind == "quiz":
        said = [ASKED.replace(":\n", ": \n", 1), "Right answers to pass: 2", "Choices in an order by chance: yes"]
    assert lines[: len(said)] == said
    assert lines[len(said)].startswith("Reward: ")


def test_a_new_task_tells_what_is_not_as_usual_and_what_members_read():
    new = task("new", guide="Come every day", finish_within=60, claim_within=24, slot="daily", quotas=(Quota(100),))

    ((_added, _words, *lines),) = told(campaign(task("one"), task("two"), new))

    assert lines[3:] == [
        "Guide text: Come every day",
        "Time to finish: 60 minutes",
        "Time to claim: 24 hours",
        "Quotas: 100 times in all for: everyone",
        "Place: daily",
    ]


def test_a_new_feature_tells_its_settings():
    prizes = [{"from": 1, "to": 3, "reward": {"gift": "cup"}}]
    after = campaign(features={"boards": {"boards": ["all", "friends"], "shown": 50, "prizes": prizes}})

    assert told(after) == [
        (
            "added",
            "leaderboards",
            "Leaderboards: everyone, all the time, friends",
            "Places shown: 50",
            "Prizes of the ranks: up to rank 3: gift A cup",
        )
    ]

"""Chances for named pools, from the task that gives them to the draw that uses them."""

import json

import pytest

from campaigns import campaign_files, playing
from campaigns.definition import DefinitionError
from campaigns.models import Campaign
from campaigns.refusals import Refusal, Refused
from rewards import ledger, pools
from rewards.chances import grant_chances
from rewards.models import Chances, Draw, PrizePool
from tests.campaigns.scenes import (
    NOW,
    OPENS,
    QUIZ,
    campaign_file,
    chain,
    draft,
    make_level,
    make_member,
    pool,
    publish,
    publish_draft,
    task,
)  # fmt: skip

pytestmark = pytest.mark.django_db
SCOPE = "campaign:autumn"
BY_RESULT = QUIZ | {"pass": 1, "pools": [{"from": 100, "pool": "high"}, {"from": 50, "below": 100, "pool": "low"}]}
POOLS = [pool("high", named_only=True), pool("low", named_only=True), pool("everyone")]
ALL_RIGHT, HALF_RIGHT = {"answers": [1, 2]}, {"answers": [1, 0]}


def held(member):
    return {row.bucket: row.left for row in Chances.objects.filter(member=member, scope=SCOPE)}


def draw(member, request_key="first", **options):
    return playing.draw(member.uid, "autumn", request_key=request_key, roll=0, now=NOW, **options)


def refusal_of(call, *arguments, **options):
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.refusal


def pools_drawn():
    return list(Draw.objects.order_by("pk").values_list("bucket", "version__pool__slug"))


def test_each_task_names_its_own_pool_and_a_chain_too():
    publish(
        tasks=[
            task("a", reward={"chances": 1, "pool": "high"}),
            task("b", reward={"chances": 2, "pool": "low"}),
            task("c", reward={"chances": 1}),
        ],
        chains=[chain("path", "a", "b", reward={"chances": 1, "pool": "high"})],
        pools=POOLS,
    )
    ann = make_member()

    for key in ("a", "b", "c"):
        playing.submit(ann, "autumn", key, {}, now=NOW)
    assert held(ann) == {"task:high": 2, "task:low": 2, "": 1}

    for number in range(5):
        draw(ann, f"draw-{number}")
    assert pools_drawn() == [("task:high", "high")] * 2 + [("task:low", "low")] * 2 + [("", "everyone")]
    assert refusal_of(draw, ann, "one more") is Refusal.NO_CHANCE


@pytest.mark.parametrize(
    ("answers", "bucket", "told"), [(ALL_RIGHT, "score:high", "high"), (HALF_RIGHT, "score:low", "low")]
)
def test_the_result_of_a_quiz_names_the_pool(answers, bucket, told):
    publish(tasks=[task("quiz", "quiz", config=BY_RESULT, reward={"points": 5, "chances": 1})], pools=POOLS)
    ann = make_member()

    moved = playing.submit(ann, "autumn", "quiz", answers, now=NOW)

    assert (moved.reward.chances, moved.reward.pool) == (1, told)
    assert held(ann) == {bucket: 1}
    draw(ann)
    assert pools_drawn() == [(bucket, told)]


def test_a_result_below_the_ranges_earns_all_but_the_chance():
    config = BY_RESULT | {"pools": [{"from": 60, "pool": "high"}]}
    publish(tasks=[task("quiz", "quiz", config=config, reward={"points": 5, "chances": 1})], pools=POOLS)
    ann = make_member()

    moved = playing.submit(ann, "autumn", "quiz", HALF_RIGHT, now=NOW)

    assert (moved.completed, moved.reward.points, moved.reward.chances) == (True, 5, 0)
    assert held(ann) == {}
    assert refusal_of(draw, ann) is Refusal.NO_CHANCE


def test_a_result_names_the_pool_also_when_the_reward_is_claimed_by_hand():
    config = {"config": BY_RESULT, "claim_mode": "by_hand", "reward": {"chances": 1}}
    publish(tasks=[task("quiz", "quiz", **config)], pools=POOLS)
    ann = make_member()

    playing.submit(ann, "autumn", "quiz", HALF_RIGHT, now=NOW)
    assert playing.claim(ann, "autumn", "quiz", now=NOW).reward.pool == "low"

    assert held(ann) == {"score:low": 1}


def test_an_identity_pool_overrides_what_a_result_named():
    paid = make_level("paid")
    with_vip = [*POOLS, pool("vip", audience={"levels": ["paid"]})]
    publish(tasks=[task("quiz", "quiz", config=BY_RESULT, reward={"chances": 1})], pools=with_vip)
    ann = make_member(level=paid)
    playing.submit(ann, "autumn", "quiz", HALF_RIGHT, now=NOW)

    draw(ann)

    assert pools_drawn() == [("score:low", "vip")]


def test_a_request_may_name_the_pool_and_the_same_request_gives_the_first_draw():
    publish(tasks=[task("a", reward={"chances": 1, "pool": "high"})], pools=POOLS)
    ann = make_member()
    playing.submit(ann, "autumn", "a", {}, now=NOW)

    first = draw(ann, pool="high")

    assert draw(ann, pool="high").draw_id == first.draw_id, "the chance is used, so the choice has changed"
    assert refusal_of(draw, ann, "second", pool="high") is Refusal.NO_POOL
    assert refusal_of(draw, ann, "second", pool="everyone") is Refusal.NO_CHANCE


def test_the_same_request_gives_the_first_draw_when_another_pool_would_be_next():
    publish(tasks=[task("a", reward={"chances": 1, "pool": "high"}), task("b", reward={"chances": 1})], pools=POOLS)
    ann = make_member()
    for key in ("a", "b"):
        playing.submit(ann, "autumn", key, {}, now=NOW)

    first, repeated = draw(ann), draw(ann)

    assert (repeated.draw_id, repeated.repeated) == (first.draw_id, True)
    assert pools_drawn() == [("task:high", "high")]
    assert held(ann) == {"task:high": 0, "": 1}


def test_the_score_gate_refuses_by_its_name_and_keeps_the_chance():
    ranges = [pool("high", audience={"score_from": 80}), pool("low", audience={"score_from": 50, "score_below": 80})]
    publish(tasks=[task("a", reward={"chances": 1, "score": 49}), task("b", reward={"score": 1})], pools=ranges)
    ann = make_member()
    playing.submit(ann, "autumn", "a", {}, now=NOW)

    assert refusal_of(draw, ann) is Refusal.SCORE_GATE
    assert held(ann) == {"": 1}
    playing.submit(ann, "autumn", "b", {}, now=NOW)
    draw(ann)
    assert pools_drawn() == [("", "low")]


def test_points_buy_a_draw_from_the_members_own_pool_alone():
    campaign = draft(tasks=[task("a", reward={"chances": 1, "pool": "high"})], pools=POOLS)
    PrizePool.objects.filter(slug="everyone").update(price=30)
    publish_draft(campaign, now=OPENS)
    ann = make_member()
    playing.submit(ann, "autumn", "a", {}, now=NOW)
    assert refusal_of(draw, ann, pay=True) is Refusal.POINTS_SHORT
    ledger.post_entry(ann.pk, "points", amount=50, key="start", reason="", now=NOW)

    draw(ann, "paid", pay=True)

    assert pools_drawn() == [("", "everyone")]
    assert (held(ann)["task:high"], ledger.balances(ann.pk)["points"]) == (1, 120)
    assert refusal_of(draw, ann, "other", pay=True, pool="high") is Refusal.NOT_FOR_POINTS


def test_twenty_pools_a_campaign():
    levels = [make_level(f"level-{number}", number) for number in range(18)]
    identity = [pool(f"p{level.rank}", audience={"levels": [level.slug]}) for level in levels]
    scored = [pool("low", audience={"score_below": 50}), pool("high", audience={"score_from": 50})]
    publish(pools=[*identity, *scored])

    for uid, level, expected in (("first", levels[0], "p0"), ("last", levels[17], "p17"), ("none", None, "low")):
        member = make_member(uid, level=level)
        grant_chances(member.pk, SCOPE, count=1, key=uid, now=NOW)
        draw(member, uid)
        assert pools_drawn()[-1] == ("", expected)


# As a file


def test_named_pools_come_back_from_a_file_as_they_were():
    data = campaign_file(
        tasks=[
            task("quiz", "quiz", config=BY_RESULT, reward={"chances": 1}),
            task("a", reward={"chances": 1, "pool": "high"}),
        ],
        chains=[chain("path", "a", reward={"chances": 1, "pool": "low"})],
        pools=[*POOLS, pool("tea", audience={"tags_any": ["food.tea", "food.milk"]})],
    )

    loaded = draft(**data)

    assert [each["slug"] for each in data["pools"]] == ["high", "low", "everyone", "tea"]
    assert as_said(json.loads(campaign_files.dump(loaded))) == as_said(data)
    assert Campaign.objects.get().tasks.get(key="a").pool.slug == "high"


def as_said(data):
    """What this table is about: other parts of a pool's file are looked at elsewhere."""
    parts = ("slug", "audience", "named_only")
    return data | {"pools": [{part: each[part] for part in parts if part in each} for each in data["pools"]]}


def test_a_pool_that_does_not_exist_is_named_by_its_path():
    with pytest.raises(DefinitionError) as error:
        draft(tasks=[task("a", reward={"chances": 1, "pool": "gone"})])

    assert error.value.path == "tasks[0].reward.pool"


def test_a_pool_named_only_is_published_as_such():
    publish(pools=POOLS)
    definition = Campaign.objects.get().current.definition

    assert [each.get("named_only") for each in definition["pools"]] == [True, True, None]
    assert pools.faults(PrizePool.objects.get(slug="high"), now=NOW) == []

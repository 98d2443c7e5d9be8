"""After the launch a pool changes in the participants' favour only, or for a reason by somebody who may decide it."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import translation

from operations.models import AuditRecord
from rewards import pools
from rewards.drawing import draw
from rewards.models import Prize, PrizePool
from rewards.odds import SCALE
from rewards.pool_changes import differences, worsenings
from rewards.pool_terms import PoolTerms, PrizeTerms
from tests.rewards.build import NOW, SCOPE, gift, pool, with_chances

GOLD = PrizeTerms("gold", 1, "Gold", "physical", 1_000, 10_000, 9_000, 10, None, None, None, False)
SILVER = PrizeTerms("silver", 2, "Silver", "shared_coupon", 50_000, 1_000, 500, 100, 20, 5, 1, False)
TIN = PrizeTerms("tin", 3, "Tin", "shared_coupon", 90_000, 1_000, 500, None, None, None, None, False)
THANKS = PrizeTerms("thanks", 4, "Thanks", "points", 859_000, 0, 0, None, None, None, None, True)
POOL = PoolTerms(10, 5, 9, 3, 10, "silver", True, (GOLD, SILVER, TIN, THANKS))


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def changed(**prizes):
    """Return the pool with fields of prizes changed; None takes a prize away."""
    kept = [prize for prize in POOL.prizes if prizes.get(prize.key, {}) is not None]
    return replace(POOL, prizes=tuple(replace(prize, **prizes.get(prize.key, {})) for prize in kept))


RULES = [
    ({}, set()),
    ({"price": 9}, set()),
    ({"price": 11}, {"higher_price"}),
    ({"price": None}, {"higher_price"}),
    ({"bought_per_day": 6}, set()),
    ({"bought_per_day": 4}, {"stricter_bought_per_day"}),
    ({"draws_per_day": None}, set()),
    ({"draws_per_day": 8}, {"stricter_draws_per_day"}),
    ({"wins_per_member": 2}, {"stricter_wins_per_member"}),
    ({"guarantee_after": 9}, set()),
    ({"guarantee_after": 11}, {"later_guarantee"}),
    ({"guarantee_after": None, "guarantee_prize": ""}, {"guarantee_gone"}),
    ({"guarantee_prize": "gold"}, set()),
    ({"guarantee_prize": "tin"}, {"other_guarantee"}),
    ({"every_draw_wins": False}, {"not_every_draw_wins"}),
]
PRIZES = [
    ({"gold": {"odds": 2_000}, "thanks": {"odds": 858_000}}, set()),
    ({"gold": {"odds": 999}, "thanks": {"odds": 859_001}}, {"lower_odds"}),
    # As much more of a better prize makes up for it; of an equal or a worse one it does not.
    ({"silver": {"odds": 49_000}, "gold": {"odds": 2_000}}, set()),
    ({"silver": {"odds": 49_000}, "gold": {"odds": 1_999}, "thanks": {"odds": 859_001}}, {"lower_odds"}),
    ({"silver": {"odds": 49_000}, "tin": {"odds": 91_000}}, {"lower_odds"}),
    ({"gold": {"odds": 999}, "silver": {"odds": 50_001}}, {"lower_odds"}),
    # What a better prize gains makes up for one of two that fall.
    ({"gold": {"odds": 2_000}, "silver": {"odds": 49_000}, "tin": {"odds": 89_000}}, {"lower_odds"}),
    ({"gold": None}, {"prize_gone"}),
    ({"gold": {"face_value": 9_999}}, {"lower_value"}),
    ({"gold": {"face_value": 10_001, "gift_id": 9}}, set()),
    ({"gold": {"gift_id": 9}}, {"other_gift"}),
    ({"gold": {"name": "Real gold", "cost": 1}}, set()),
    ({"gold": {"stock": 11}}, set()),
    ({"gold": {"stock": None}}, set()),
    ({"gold": {"stock": 9}}, {"stricter_stock"}),
    ({"tin": {"stock": 1_000_000}}, {"stricter_stock"}),
    ({"silver": {"per_day": 19}}, {"stricter_per_day"}),
    ({"silver": {"per_hour": 4}}, {"stricter_per_hour"}),
    ({"silver": {"per_day": None, "per_hour": None, "per_member": 2}}, set()),
    ({"gold": {"per_member": 1}}, {"stricter_per_member"}),
]


@pytest.mark.parametrize(("rules", "points"), RULES)
def test_rules_that_are_worse_for_participants_are_named(rules, points):
    assert {point.code for point in worsenings(POOL, replace(POOL, **rules))} == points


@pytest.mark.parametrize(("prizes", "points"), PRIZES)
def test_prizes_that_are_worse_for_participants_are_named(prizes, points):
    assert {point.code for point in worsenings(POOL, changed(**prizes))} == points


def test_a_limit_of_draws_for_sale_is_no_worse_where_none_were():
    free = replace(POOL, price=None, bought_per_day=None)
    assert worsenings(free, replace(POOL, price=10, bought_per_day=1)) == []


def test_a_new_prize_out_of_the_consolation_is_no_worse():
    new = replace(GOLD, key="new", gift_id=7, odds=9_000)
    after = replace(POOL, prizes=(GOLD, SILVER, TIN, new, replace(THANKS, odds=850_000)))
    assert worsenings(POOL, after) == []


def test_a_prize_that_becomes_the_consolation_loses_its_odds_for_all_that():
    after = replace(POOL, prizes=(GOLD, SILVER, replace(TIN, consolation=True, odds=0),
                                  replace(THANKS, consolation=False, odds=949_000)))  # fmt: skip
    assert [point.code for point in worsenings(POOL, after)] == ["lower_odds"]


def test_a_poorer_consolation_prize_is_worse():
    rich = replace(POOL, prizes=(*POOL.prizes[:3], replace(THANKS, face_value=100)))
    assert [point.code for point in worsenings(rich, POOL)] == ["lower_value"]


def test_another_stage_is_a_change_and_nobody_is_worse_off():
    after = replace(POOL, stage="eggs")
    assert worsenings(POOL, after) == []
    assert [point.message for point in differences(POOL, after)] == ["stage of the draw: from wheel to golden eggs"]


@pytest.mark.django_db
def test_another_stage_is_published_as_a_version_while_members_draw():
    draft = pool((gift("gold"), 10, 5), consolation=(gift("thanks"), SCALE - 10))
    first = pools.publish_pool(draft, by=None, now=NOW)
    member = with_chances(1)[0]
    draw(member.pk, scope=SCOPE, version_id=first.pk, request_key="one", roll=SCALE - 1, now=NOW)
    PrizePool.objects.update(stage="grid")
    second = pools.publish_pool(draft, by=None, now=NOW)
    assert (first.stage, second.stage, second.number, second.reason) == ("wheel", "grid", 2, "")


def test_differences_are_said_in_words():
    after = replace(changed(gold={"odds": 2_000, "stock": None}, tin=None), price=None, every_draw_wins=False)
    assert [point.message for point in differences(POOL, after)] == [
        "price of a draw in points: from 10 to no limit",
        "every draw wins: from yes to no",
        "Prize “Tin” is gone.",
        "“Gold”: odds: from 0.1 % to 0.2 %; stock: from 10 to no limit",
    ]


def test_nothing_changed_is_no_difference():
    assert differences(POOL, POOL) == worsenings(POOL, POOL) == []


@pytest.fixture
def live(db):
    """Return a published pool; its draft would halve the odds of gold and take half of its stock."""
    gold = gift("gold", "shared_coupon", face_value=10)
    made = pool((gold, 10_000, 10), consolation=(gift("thanks"), SCALE - 10_000))
    pools.publish_pool(made, by=None, now=NOW)
    Prize.objects.filter(key="gold").update(odds=5_000, stock=5)
    Prize.objects.filter(key="thanks").update(odds=SCALE - 5_000)
    return PrizePool.objects.get()


@pytest.fixture
def launched(live):
    (member,) = with_chances(1)
    draw(member.pk, scope=SCOPE, version_id=live.current_id, request_key="a", roll=999_999, now=NOW)
    return live


def editor(*permissions):
    user = User.objects.create(username="lin", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def test_before_the_first_draw_everything_may_change(live):
    assert pools.worsenings(live) == []
    assert pools.publish_pool(live, by=None, now=NOW).number == 2


def test_after_the_launch_each_point_against_participants_is_refused_by_name(launched):
    with pytest.raises(pools.PoolNotReady) as refused:
        pools.publish_pool(launched, by=None, now=NOW, reason="we want to")
    assert [fault.code for fault in refused.value.faults] == ["worse_lower_odds", "worse_stricter_stock"]
    assert "“Gold” fall from 1 % to 0.5 %" in refused.value.faults[0].message
    assert launched.stocks.get().stock == 10


@pytest.mark.parametrize(
    ("permissions", "reason"), [((), "a typing error"), (("worsen_prizepool",), ""), (("worsen_prizepool",), "  ")]
)
def test_it_takes_both_the_permission_and_a_reason(launched, permissions, reason):
    with pytest.raises(pools.PoolNotReady):
        pools.publish_pool(launched, by=editor(*permissions), now=NOW, reason=reason)


def test_with_both_it_is_published_and_the_reason_is_kept(launched):
    version = pools.publish_pool(launched, by=editor("worsen_prizepool"), now=NOW, reason="a typing error")
    assert (version.number, version.reason, launched.stocks.get().stock) == (2, "a typing error", 5)
    record = AuditRecord.objects.filter(action="prize_pool.published").latest("pk")
    assert record.reason == "a typing error"
    assert "The odds of “Gold” fall from 1 % to 0.5 %." in record.changes["against participants"][1]


def test_a_reason_for_nothing_worse_is_not_kept(launched, settings):
    settings.FOUR_EYES = frozenset()
    Prize.objects.filter(key="gold").update(odds=10_000, stock=20)
    Prize.objects.filter(key="thanks").update(odds=SCALE - 10_000)
    version = pools.publish_pool(launched, by=editor("worsen_prizepool"), now=NOW, reason="more gold")
    assert (version.number, version.reason) == (2, "")


def test_elsewhere_whoever_may_publish_may_change_it_all(launched, settings):
    settings.DRAWS_MAY_WORSEN = True
    assert pools.publish_pool(launched, by=None, now=NOW).number == 2

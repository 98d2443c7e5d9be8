"""Each rule of a pool that a draft can break, and the nearest draft that keeps it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from rewards import pool_faults, pools
from rewards.models import Gift, Prize, PrizePool, Quota
from rewards.odds import SCALE
from tests.rewards.build import NOW, coupon, gift, pool

pytestmark = pytest.mark.django_db

SHOP = {"face_value": Decimal(10), "cost": Decimal(4)}


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def draft(*, prize=None, gold=None, thanks=None, **rules):
    """Make a pool of two gifts, half and half; `prize`, `gold`, `thanks` and the rules change what they name."""
    first = gift("gold", **(SHOP | {"kind": Gift.Kind.SHARED_COUPON} | (gold or {})))
    made = pool((first, SCALE // 2, 100), consolation=(gift("thanks", **(thanks or {})), SCALE // 2))
    Prize.objects.filter(key="gold").update(**(prize or {}))
    PrizePool.objects.update(**rules)
    made.refresh_from_db()
    return made


def codes(made):
    return {fault.code for fault in pools.faults(made, now=NOW)}


CASES = [
    ("no_limits", {}, set()),
    ("as_few_an_hour_as_a_day", {"prize": {"per_hour": 5, "per_day": 5}}, set()),
    ("more_an_hour_than_a_day", {"prize": {"per_hour": 6, "per_day": 5}}, {"limits_crossed"}),
    ("more_a_day_than_in_all", {"prize": {"per_day": 101}}, {"limits_crossed"}),
    ("as_many_a_day_as_in_all", {"prize": {"per_day": 100}}, set()),
    ("more_for_one_member_than_in_all", {"prize": {"per_member": 101}}, {"limits_crossed"}),
    ("none_a_day", {"prize": {"per_day": 0}}, {"limit_zero"}),
    ("none_an_hour", {"prize": {"per_hour": 0}}, {"limit_zero"}),
    ("none_for_a_member", {"prize": {"per_member": 0}}, {"limit_zero"}),
    ("no_stock_at_all", {"prize": {"stock": 0}}, {"stock_zero"}),
    ("four_slices", {"prize": {"slices": 4}}, set()),
    ("slices_of_nothing", {"prize": {"slices": 4, "stock": None}}, {"slices_without_stock"}),
    ("more_slices_than_pieces", {"prize": {"slices": 4, "stock": 3}}, {"slices_over_stock"}),
    ("guarantee", {"guarantee_after": 10, "guarantee_prize": "gold"}, set()),
    ("guarantee_at_the_second_draw", {"guarantee_after": 2, "guarantee_prize": "gold"}, set()),
    ("guarantee_at_the_first_draw", {"guarantee_after": 1, "guarantee_prize": "gold"}, {"guarantee_too_soon"}),
    ("guarantee_of_what", {"guarantee_after": 10}, {"guarantee_half"}),
    ("guarantee_when", {"guarantee_prize": "gold"}, {"guarantee_half"}),
    ("guarantee_of_the_unknown", {"guarantee_after": 10, "guarantee_prize": "ufo"}, {"guarantee_unknown"}),
    ("guarantee_of_thanks", {"guarantee_after": 10, "guarantee_prize": "thanks"}, {"guarantee_consolation"}),
    ("price", {"price": 10, "bought_per_day": 3, "draws_per_day": 3}, set()),
    ("price_of_nothing", {"price": 0}, {"price_zero"}),
    ("bought_without_a_price", {"bought_per_day": 3}, {"bought_without_price"}),
    ("bought_more_than_drawn", {"price": 10, "bought_per_day": 4, "draws_per_day": 3}, {"rules_crossed"}),
    ("no_draws_a_day", {"draws_per_day": 0}, {"rule_zero"}),
    ("no_wins", {"wins_per_member": 0}, {"rule_zero"}),
    ("every_draw_wins_thanks", {"every_draw_wins": True}, {"worth_nothing"}),
    ("every_draw_wins_points", {"every_draw_wins": True, "thanks": {"kind": "points", "amount": 1}}, set()),
    ("every_draw_wins_a_coupon_worth_nothing",
     {"every_draw_wins": True, "thanks": {"kind": "shared_coupon"}}, {"worth_nothing"}),
    ("every_draw_wins_but_one_prize_is_thanks",
     {"every_draw_wins": True, "gold": {"kind": "thanks"}, "thanks": {"kind": "points", "amount": 1}},
     {"worth_nothing"}),
    ("consolation_to_be_sent", {"thanks": {"kind": "physical"}}, {"consolation_can_run_out"}),
    ("consolation_paid_out", {"thanks": {"kind": "red_packet", "provider": "p", "face_value": 1}},
     {"consolation_can_run_out"}),
    ("consolation_with_a_stock", {"thanks": {"stock": 9}}, {"consolation_can_run_out"}),
    ("consolation_once_for_a_member", {"thanks": {"per_member": 1}}, {"consolation_can_run_out"}),
    ("consolation_of_another_draw", {"thanks": {"kind": "chances", "amount": 1}}, {"draws_never_end"}),
    ("consolation_of_a_draw_elsewhere",
     {"thanks": {"kind": "chances", "amount": 1, "draws_in": "campaign:other"}}, set()),
    ("worth_the_legal_cap", {"gold": {"face_value": 50_000}}, set()),
    ("worth_more_than_the_legal_cap", {"gold": {"face_value": Decimal("50000.01")}}, {"over_legal_cap"}),
    ("costs_more_than_the_legal_cap", {"gold": {"cost": Decimal("50000.01")}}, {"over_legal_cap"}),
    ("valid_for_a_second", {"gold": {"valid_until": NOW + timedelta(seconds=1)}}, set()),
    ("valid_no_more", {"gold": {"valid_until": NOW}}, {"gift_expired"}),
    ("gift_with_enough_of_its_own_stock", {"gold": {"stock": 100}}, set()),
    ("gift_with_too_little_of_its_own_stock", {"gold": {"stock": 99}}, {"gift_short"}),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "found"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_rule_and_its_border(changes, found):
    assert codes(draft(**changes)) == found


@pytest.mark.parametrize(("odds", "fault", "words"), [
    (499_999, "odds_short", "0.0001 % is missing"),
    (500_001, "odds_over", "they are 0.0001 % over"),
])  # fmt: skip
def test_odds_of_a_millionth_too_few_or_too_many_are_refused(odds, fault, words):
    made = draft(prize={"odds": odds})
    (found,) = pools.faults(made, now=NOW)
    assert found.code == fault
    assert words in found.message
    with pytest.raises(pools.PoolNotReady):
        pools.publish_pool(made, by=None, now=NOW)


def test_elsewhere_a_prize_may_be_worth_what_it_is(settings):
    settings.LOTTERY_PRIZE_CAP = None
    assert codes(draft(gold={"face_value": 80_000})) == set()


def test_the_cap_is_a_setting(settings):
    settings.LOTTERY_PRIZE_CAP = Decimal(5)
    (found,) = pools.faults(draft(), now=NOW)
    assert found.message == "Prize “gold” is worth ¥10: the law allows ¥5 for one prize of a lottery."


def test_what_was_given_of_a_gift_anywhere_is_not_there_any_more():
    made = draft(gold={"stock": 100})
    Quota.objects.create(member=None, key="gift:gold", allowed=100, used=1)
    (found,) = pools.faults(made, now=NOW)
    assert found.message == "Gift “Gold” is promised 100 times and 99 are left of its stock."


def test_a_consolation_prize_that_needs_codes_is_refused():
    made = pool(consolation=(coupon("voucher", codes=9), SCALE))
    assert codes(made) == {"consolation_can_run_out"}


WARNINGS = [
    ("nothing_doubtful", {}, set()),
    ("a_guarantee_that_can_run_out", {"guarantee_after": 10, "guarantee_prize": "gold"}, {"guarantee_at_risk"}),
    ("a_guarantee_that_cannot", {"guarantee_after": 10, "guarantee_prize": "gold", "prize": {"stock": None}}, set()),
    ("a_guarantee_that_wins_limit",
     {"guarantee_after": 10, "guarantee_prize": "gold", "prize": {"stock": None}, "wins_per_member": 1},
     {"guarantee_at_risk"}),
    ("a_gift_with_a_limit_that_is_not_published", {"gold": {"per_member": 2}}, {"gift_limit_hidden"}),
    ("a_gift_with_a_limit_that_is_published", {"gold": {"per_member": 2}, "prize": {"per_member": 2}}, set()),
    ("draws_that_give_one_each", {"gold": {"kind": "chances", "amount": 2}}, {"draws_never_end"}),
    ("draws_that_give_half_each", {"gold": {"kind": "chances", "amount": 1}}, set()),
    ("odds_far_beyond_what_a_day_releases", {"prize": {"per_day": 10}}, {"odds_beyond_stock"}),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "found"), [case[1:] for case in WARNINGS], ids=[case[0] for case in WARNINGS])
def test_what_is_doubtful_is_told_and_does_not_stop_the_publication(changes, found):
    made = draft(**(changes | {"prize": {"stock": 1_000} | changes.get("prize", {})}))
    assert {fault.code for fault in pools.warnings(made, now=NOW)} == found
    assert pools.publish_pool(made, by=None, now=NOW).number == 1


def test_what_is_typed_but_not_saved_is_judged_alike():
    made = PrizePool(slug="new", name="New")
    typed = [Prize(pool=made, key="gold", gift=gift("gold"), odds=SCALE - 1)]
    found = pool_faults.faults_of(pool_faults.draft_of(made, typed, now=NOW))
    assert {fault.code for fault in found} == {"odds_short", "no_consolation"}

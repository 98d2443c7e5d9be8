"""Pools that give more, and codes of a coupon in use: a second person approves what one asks for."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from operations import approvals
from operations.four_eyes import SecondPersonNeeded
from operations.models import ApprovalRequest
from rewards import code_batches, codes, pools
from rewards.approving import codes as approving_codes
from rewards.approving import pools as approving_pools
from rewards.models import CodeBatch, Gift, PrizeStock
from rewards.odds import SCALE
from tests.rewards.build import NOW, gift
from tests.rewards.build import pool as draft_pool
from tests.rewards.two_people import approved, desk_of, page

pytestmark = pytest.mark.django_db
State = ApprovalRequest.State
MONEY = {"face_value": "0", "cost": "0"}


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def wheel(asker):
    made = draft_pool((gift("gold", face_value="10", cost="8"), 1_000, 10), consolation=(gift("thanks"), SCALE - 1_000))
    pools.publish_pool(made, by=asker, now=NOW)
    made.refresh_from_db()
    return made


def stock_of(pool) -> int:
    return sum(PrizeStock.objects.filter(pool=pool, key="gold").values_list("stock", flat=True))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stock": 20}, "stock"),
        ({"stock": None}, "stock"),
        ({"odds": 2_000}, "Value of a draw on average"),
        ({"per_day": None}, None),
    ],
)
def test_a_pool_that_gives_more_is_not_published_by_one_person(wheel, asker, change, words):
    wheel.prizes.filter(key="gold").update(**change)
    wheel.prizes.filter(key="thanks").update(odds=SCALE - change.get("odds", 1_000))
    if words is None:
        assert pools.publish_pool(wheel, by=asker, now=NOW).number == 1
        return
    with pytest.raises(pools.PoolNotReady, match="second person") as refused:
        pools.publish_pool(wheel, by=asker, now=NOW)
    assert words in str(refused.value)
    assert stock_of(wheel) == 10


def test_another_gift_of_points_counts_though_it_has_no_value_in_money(wheel, asker):
    Gift.objects.filter(slug="gold").update(face_value=0, cost=0)
    wheel.prizes.filter(key="gold").update(gift=gift("plenty", "points", amount=10**6, face_value="10", cost="8"))
    with pytest.raises(pools.PoolNotReady, match="Odds of “Plenty”"):
        pools.publish_pool(wheel, by=asker, now=NOW)


def test_two_people_publish_a_pool_that_gives_more(wheel, asker, reviewer):
    wheel.prizes.filter(key="gold").update(stock=20)
    asked = approving_pools.ask(wheel, by=asker, now=NOW)
    assert any(line.what == "“Gold”, stock" for line in approvals.shown(asked).difference.lines)
    approved(asked, reviewer)
    wheel.refresh_from_db()
    assert (wheel.current.number, stock_of(wheel)) == (2, 20)
    assert wheel.current.published_by == reviewer


def test_a_pool_whose_draft_was_changed_since_is_overtaken(wheel, asker, reviewer):
    wheel.prizes.filter(key="gold").update(stock=20)
    asked = approving_pools.ask(wheel, by=asker, now=NOW)
    token = approvals.shown(asked).token
    wheel.prizes.filter(key="gold").update(stock=2_000)
    with pytest.raises(approvals.Overtaken, match="draft of the pool"):
        approvals.approve(asked, by=reviewer, now=NOW, token=token)
    assert stock_of(wheel) == 10


def test_publishing_a_raised_pool_in_the_admin_asks_for_it(wheel, desk):
    wheel.prizes.filter(key="gold").update(stock=20)
    answer = desk.post("/admin/rewards/prizepool/", {"action": "publish", "_selected_action": [wheel.pk]}, follow=True)
    assert "waits for approval by a second person" in answer.content.decode()
    assert ApprovalRequest.objects.get().kind == "stock.prizepool"
    assert "“Gold”, stock" in desk.get(page(wheel)).content.decode()


def test_more_codes_of_a_coupon_in_use_wait_and_the_first_ones_do_not(asker, reviewer):
    voucher = gift("voucher", "coupon")
    draft_pool((voucher, 1_000, None), consolation=(gift("thanks"), SCALE - 1_000))
    asker.user_permissions.add(*Permission.objects.filter(codename__in=["import_couponcode", "view_codebatch"]))
    desk = desk_of(asker)
    page_in = f"/admin/rewards/codebatch/import/{voucher.pk}/"
    desk.post(page_in, {"codes": "A-1\nA-2"})
    assert voucher.codes.count() == 2
    answer = desk.post(page_in, {"codes": "A-3\nA-4"}, follow=True)
    assert "wait for approval by a second person" in answer.content.decode()
    batch = CodeBatch.objects.get()
    assert (batch.state, voucher.codes.count()) == ("waiting", 2)
    with pytest.raises(SecondPersonNeeded):
        codes.import_codes(voucher, ["A-5"], by=asker, now=NOW)
    approved(ApprovalRequest.objects.get(), reviewer)
    code_batches.work(batch.pk, position=0, most=100, now=NOW)
    batch.refresh_from_db()
    assert (batch.state, voucher.codes.count()) == ("done", 4)


def test_codes_that_were_not_approved_never_come_in(asker, reviewer):
    voucher = gift("voucher", "coupon")
    draft_pool((voucher, 1_000, None), consolation=(gift("thanks"), SCALE - 1_000))
    codes.import_codes(voucher, ["A-1"], by=None, now=NOW)
    asker.user_permissions.add(Permission.objects.get(codename="generate_couponcode"))
    batch = code_batches.begin_generation(voucher, 5, by=asker, now=NOW)
    request = approving_codes.ask(batch, by=asker, now=NOW)
    approvals.refuse(request, by=reviewer, now=NOW, note="Enough.")
    code_batches.work(batch.pk, position=0, most=100, now=NOW)
    batch.refresh_from_db()
    assert (batch.state, voucher.codes.count()) == ("cancelled", 1)


def test_a_batch_of_codes_that_nobody_came_to_ask_for_is_given_up(asker):
    voucher = gift("voucher", "coupon")
    draft_pool((voucher, 1_000, None), consolation=(gift("thanks"), SCALE - 1_000))
    codes.import_codes(voucher, ["A-1"], by=None, now=NOW)
    batch = code_batches.begin_generation(voucher, 5, by=asker, now=NOW)
    code_batches.tidy(now=NOW + timedelta(minutes=59))
    batch.refresh_from_db()
    assert batch.state == "waiting"
    code_batches.tidy(now=NOW + timedelta(minutes=61))
    batch.refresh_from_db()
    assert batch.state == "cancelled"

"""What is raised in the admin waits for a second person; what is lowered, new or not in use is saved."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import get_current_timezone

from members.models import Level
from operations import approvals
from operations.models import ApprovalRequest, AuditRecord
from rewards.awards import grant_award
from rewards.models import Budget, EarningRule, Gift, MallItem, Unit
from tests.rewards.build import NOW, gift, members
from tests.rewards.priced import budget
from tests.rewards.two_people import approved, page

pytestmark = pytest.mark.django_db
State = ApprovalRequest.State
MONEY = {"face_value": "0", "cost": "0"}


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def given(slug: str = "mug", **fields) -> Gift:
    """A gift that somebody has."""
    made = gift(slug, "physical", **fields)
    (member,) = members(1)
    grant_award(made, member.pk, key=slug, source="test", now=NOW)
    return made


def as_typed(each: Gift, **typed) -> dict:
    return {"name": each.name, "slug": each.slug, "kind": each.kind} | MONEY | typed


def test_a_raised_budget_waits_and_the_form_says_so(desk, reviewer):
    held = budget(10_000)
    answer = desk.post(page(held), {"amount": "500", "active": "on"}, follow=True)
    assert "waits for approval by a second person" in answer.content.decode()
    (asked,) = ApprovalRequest.objects.all()
    held.refresh_from_db()
    assert (held.cents, asked.kind, asked.payload) == (10_000, "budget.budget", {"cents": "50000"})
    assert not AuditRecord.objects.filter(action="budget.changed").exists()
    shown = desk.get(page(held)).content.decode()
    assert "Waits for approval" in shown
    assert "¥500.00" in shown
    approved(asked, reviewer)
    held.refresh_from_db()
    assert held.cents == 50_000
    assert "Waits for approval" not in desk.get(page(held)).content.decode()


def test_a_lowered_budget_is_saved_and_one_set_aside_is_as_if_it_were_raised(desk):
    held = budget(10_000)
    desk.post(page(held), {"amount": "50"})
    held.refresh_from_db()
    assert (held.cents, held.active) == (5_000, True)
    assert ApprovalRequest.objects.get().payload == {"active": "False"}
    record = AuditRecord.objects.get(action="budget.changed")
    assert record.changes == {"amount": ["100.00", "50"]}


def test_a_budget_that_holds_is_not_deleted_by_one_person(desk, asker):
    held = budget(10_000)
    asker.is_superuser = True
    asker.save()
    assert desk.post(f"/admin/rewards/budget/{held.pk}/delete/", {"post": "yes"}).status_code == 403
    answer = desk.post(
        "/admin/rewards/budget/", {"action": "delete_selected", "_selected_action": [held.pk], "post": "yes"}
    )
    assert answer.status_code in (302, 403)
    assert Budget.objects.exists()


def test_more_stock_and_value_of_a_gift_in_use_are_two_requests_and_the_rest_is_saved(desk, reviewer):
    mug = given(stock=5, cost="3")
    desk.post(page(mug), as_typed(mug, name="Big mug", stock="50", cost="9"))
    mug.refresh_from_db()
    assert (mug.name, mug.stock, mug.cost) == ("Big mug", 5, Decimal("3.00"))
    asked = {each.kind: each for each in ApprovalRequest.objects.all()}
    assert set(asked) == {"stock.gift", "value.gift"}
    assert asked["stock.gift"].payload == {"stock": "50"}
    approved(asked["stock.gift"], reviewer)
    mug.refresh_from_db()
    assert (mug.stock, mug.cost) == (50, Decimal("3.00"))


def test_a_stock_without_a_limit_is_more_than_any(desk):
    mug = given(stock=5)
    desk.post(page(mug), as_typed(mug, stock=""))
    (line,) = approvals.shown(ApprovalRequest.objects.get()).difference.lines
    assert (line.what, line.now, line.then) == ("Stock", "5", "no limit")


def test_a_gift_that_nobody_gives_yet_is_one_persons(desk):
    mug = gift("mug", "physical", stock=5)
    desk.post(page(mug), as_typed(mug, stock="500", face_value="80"))
    mug.refresh_from_db()
    assert (mug.stock, mug.face_value) == (500, Decimal("80.00"))
    assert not ApprovalRequest.objects.exists()


def test_a_second_raise_while_one_waits_is_refused_with_words(desk):
    held = budget(10_000)
    desk.post(page(held), {"amount": "500", "active": "on"})
    answer = desk.post(page(held), {"amount": "600", "active": "on"}, follow=True)
    assert "A change of this kind waits for approval already" in answer.content.decode()
    assert ApprovalRequest.objects.get().payload == {"cents": "50000"}


def test_what_was_approved_since_the_form_was_opened_is_not_put_back(desk, asker, reviewer, monkeypatch):
    mug = given(stock=5)
    # The form was read before the approval, and is saved behind it.
    request = approvals.ask("stock.gift", mug, {"stock": "50"}, by=asker, now=NOW)
    from rewards.admin.gifts import GiftAdmin

    saves = GiftAdmin._hold_back

    def late(self, obj, form):
        approved(request, reviewer)
        return saves(self, obj, form)

    monkeypatch.setattr(GiftAdmin, "_hold_back", late)
    desk.post(page(mug), as_typed(mug, name="Cup", stock="5"))
    mug.refresh_from_db()
    assert (mug.name, mug.stock) == ("Cup", 50)


def test_where_one_person_decides_everything_is_saved(desk, settings):
    settings.FOUR_EYES = frozenset()
    held, mug = budget(10_000), given(stock=5)
    desk.post(page(held), {"amount": "500", "active": "on"})
    desk.post(page(mug), as_typed(mug, stock="50"))
    held.refresh_from_db()
    mug.refresh_from_db()
    assert (held.cents, mug.stock) == (50_000, 50)
    assert not ApprovalRequest.objects.exists()


DAY = timedelta(days=1)
SALE = {
    "opens_at_0": "2026-06-01", "opens_at_1": "00:00", "closes_at_0": "2026-12-01", "closes_at_1": "00:00",
    "per_member": "2", "per_member_period": "month",
}  # fmt: skip
TIMES = tuple(datetime(2026, month, 1, tzinfo=get_current_timezone()) for month in (6, 12))


def item_of(state: str) -> MallItem:
    return MallItem.objects.create(slug="mug", gift=gift("mug", "physical"), price=100, stock=5, state=state)


def item_typed(**typed) -> dict:
    return {
        "slug": "mug", "name": "", "name_en": "", "description": "", "picture": "", "price": "100", "stock": "5",
        "per_member": "", "per_member_period": "all", "audience": "{}", "state": "on_sale", "shelf": "",
        "shelf_en": "", "position": "0",
    } | typed  # fmt: skip


def test_a_lower_price_and_more_stock_in_the_mall_wait(desk):
    item = item_of("on_sale")
    other = gift("tv", "physical", face_value="9000")
    desk.post(page(item), item_typed(price="1", stock="9", gift=str(other.pk)))
    item.refresh_from_db()
    assert (item.price, item.stock, item.gift.slug) == (100, 5, "mug")
    assert set(ApprovalRequest.objects.values_list("kind", flat=True)) == {"stock.mallitem", "value.mallitem"}


@pytest.mark.parametrize(
    ("typed", "payload"),
    [
        ({"closes_at_0": "2027-01-01", "closes_at_1": "00:00"}, {"closes_at"}),
        ({"closes_at_0": "", "closes_at_1": ""}, {"closes_at"}),
        ({"opens_at_0": "2026-01-01", "opens_at_1": "00:00"}, {"opens_at"}),
        ({"per_member_period": "day"}, {"per_member_period"}),
        ({"per_member": ""}, {"per_member"}),
        ({"closes_at_0": "2026-11-01", "closes_at_1": "00:00", "per_member": "1"}, None),
    ],
)
def test_a_longer_sale_and_more_for_a_member_wait_and_less_does_not(desk, typed, payload):
    item = item_of("on_sale")
    MallItem.objects.update(opens_at=TIMES[0], closes_at=TIMES[1], per_member=2, per_member_period="month")
    desk.post(page(item), item_typed(**SALE | typed))
    kept = MallItem.objects.get()
    if payload is None:
        assert (kept.closes_at < TIMES[1], kept.per_member) == (True, 1)
        assert not ApprovalRequest.objects.exists()
    else:
        assert (kept.opens_at, kept.closes_at, kept.per_member, kept.per_member_period) == (*TIMES, 2, "month")
        assert set(ApprovalRequest.objects.get().payload) == payload


def test_what_fits_only_with_what_waits_is_not_saved_and_the_page_says_so(desk):
    item = item_of("on_sale")
    MallItem.objects.update(opens_at=TIMES[0], closes_at=TIMES[1], per_member=2, per_member_period="month")
    earlier = {"opens_at_0": "2026-01-01", "opens_at_1": "00:00", "closes_at_0": "2026-02-01", "closes_at_1": "00:00"}
    answer = desk.post(page(item), item_typed(**SALE | earlier), follow=True)
    kept = MallItem.objects.get()
    assert (kept.opens_at, kept.closes_at) == TIMES
    assert "does not fit without what waits" in answer.content.decode()


def test_a_longer_validity_of_a_gift_in_the_mall_waits(desk, reviewer):
    mug = gift("mug", "shared_coupon", shared_code="S", face_value="5", valid_days=30)
    MallItem.objects.create(slug="mug", gift=mug, price=100, state="on_sale")
    typed = as_typed(mug, shared_code="S", face_value="5")
    desk.post(page(mug), typed | {"valid_days": "7"})
    mug.refresh_from_db()
    assert (mug.valid_days, ApprovalRequest.objects.count()) == (7, 0)
    desk.post(page(mug), typed | {"valid_days": "300"})
    mug.refresh_from_db()
    asked = ApprovalRequest.objects.get()
    assert (mug.valid_days, asked.payload) == (7, {"valid_days": "300"})
    approved(asked, reviewer)
    mug.refresh_from_db()
    assert mug.valid_days == 300


def test_a_draft_of_the_mall_is_one_persons(desk):
    item = item_of("draft")
    desk.post(page(item), item_typed(price="1", state="draft", gift=str(item.gift_id)))
    item.refresh_from_db()
    assert item.price == 1


def test_a_rule_for_longer_waits(desk):
    desk.post("/admin/rewards/earningrule/add/", rule_typed(enabled=""))
    EarningRule.objects.update(enabled=True, categories=["tea"], ends_at=TIMES[1])
    rule = EarningRule.objects.get()
    desk.post(page(rule), rule_typed(categories="tea"))
    kept = EarningRule.objects.get()
    assert kept.ends_at == TIMES[1]
    (asked,) = ApprovalRequest.objects.filter(kind="points.earningrule")
    assert asked.payload == {"ends_at": None}


def rule_typed(**typed) -> dict:
    return {
        "name": "Orders", "slug": "orders", "enabled": "on", "trigger": "order", "rate": "1", "amount": "",
        "event_type": "", "categories": "", "uses_multiplier": "on", "cap_per_day": "", "matures_after_days": "7",
        "unit": str(Unit.objects.get(slug="points").pk), "starts_at_0": "2026-01-01", "starts_at_1": "00:00",
    } | typed  # fmt: skip


def test_a_new_earning_rule_comes_into_force_when_a_second_person_approves_it(desk, reviewer):
    desk.post("/admin/rewards/earningrule/add/", rule_typed())
    rule = EarningRule.objects.get()
    asked = ApprovalRequest.objects.get()
    assert (rule.enabled, asked.kind) == (False, "points.earningrule_in_force")
    found = approvals.shown(asked)
    assert found.difference.more == ("It gives 1 points for each unit of money paid.",)
    # Changed meanwhile by one person: what was shown is not approved any more.
    desk.post(page(rule), rule_typed(rate="500", enabled=""))
    with pytest.raises(approvals.NotDecided):
        approvals.approve(asked, by=reviewer, now=NOW, token=found.token)
    approved(asked, reviewer)
    rule.refresh_from_db()
    assert (rule.enabled, rule.rate) == (True, 500)
    desk.post(page(rule), rule_typed(rate="600"))
    rule.refresh_from_db()
    assert rule.rate == 500
    assert ApprovalRequest.objects.filter(kind="points.earningrule", state="waiting").count() == 1


def test_what_one_may_adjust_alone_is_raised_by_two(desk):
    unit = Unit.objects.get(slug="points")
    typed = {"name": unit.name, "expiry": "never", "time_zone": unit.time_zone, "notice_days": "30"}
    desk.post(page(unit), typed | {"adjustment_limit": "999999"})
    unit.refresh_from_db()
    assert unit.adjustment_limit == 1_000
    assert ApprovalRequest.objects.get().kind == "points.unit"


def test_a_higher_multiplier_of_a_level_waits(desk):
    level = Level.objects.create(name="Gold", slug="gold", rank=1, growth_needed=100)
    typed = {"name": "Gold", "slug": "gold", "kind": "growth", "rank": "1", "growth_needed": "100", "downgrade": "keep"}
    answer = desk.post(page(level), typed | {"points_multiplier": "9"})
    level.refresh_from_db()
    assert level.points_multiplier == 1, answer.content.decode()[:500]


def test_more_chances_by_a_level_wait(desk):
    level = Level.objects.create(name="Gold", slug="gold", rank=1, growth_needed=100)
    typed = {"name": "Gold", "slug": "gold", "kind": "growth", "rank": "1", "growth_needed": "100", "downgrade": "keep"}
    desk.post(page(level), typed | {"points_multiplier": "1", "extra_chances": "3", "extra_chances_period": "month"})
    level.refresh_from_db()
    assert level.extra_chances == 0
    assert ApprovalRequest.objects.get().payload == {"extra_chances": "3"}

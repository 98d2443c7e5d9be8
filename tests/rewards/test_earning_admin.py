"""What operators see and do of earning rules and adjustments."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from operations.models import AuditRecord
from rewards import adjusting, ledger
from rewards.models import Adjustment, EarningRule, Unit
from tests.rewards import earned
from tests.rewards.build import NOW, members

pytestmark = pytest.mark.django_db
RULES, ADJUSTMENTS = "/admin/rewards/earningrule/", "/admin/rewards/adjustment/"


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def desk_of(name, *permissions, chief=False):
    user, _ = User.objects.get_or_create(username=name, defaults={"is_staff": True, "is_superuser": chief})
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    desk = Client()
    desk.force_login(user)
    return desk


@pytest.fixture
def desk():
    return desk_of("chief", chief=True)


@pytest.fixture
def member(db):
    return members(1)[0]


def typed(**fields):
    points = Unit.objects.get(slug="points").pk
    return {
        "name": "消费得积分", "name_en": "Points for orders", "slug": "orders", "enabled": "on", "trigger": "order",
        "event_type": "", "categories": "milk\r\n milk \r\ncheese\r\n", "unit": points, "rate": "1", "amount": "",
        "uses_multiplier": "on", "cap_per_day": "", "matures_after_days": "7", "starts_at_0": "2026-11-01",
        "starts_at_1": "00:00", "ends_at_0": "", "ends_at_1": "",
    } | fields  # fmt: skip


def test_a_rule_is_made_in_the_words_of_the_trade(desk, settings):
    settings.FOUR_EYES = frozenset()
    assert desk.post(f"{RULES}add/", typed()).status_code == 302
    rule = EarningRule.objects.get()
    assert (rule.rate, rule.categories, rule.matures_after_days) == (Decimal(1), ["milk", "cheese"], 7)
    page = desk.get(RULES).content.decode()
    assert "Points for orders" in page
    assert "points: 1 for each ¥" in page
    assert AuditRecord.objects.get().action == "earning_rule.added"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"rate": ""}, "an event needs its type and an amount"),
        ({"rate": "0"}, "greater than or equal to 0.0001"),
        ({"rate": "0.00001"}, "4 decimal places"),
        ({"trigger": "event", "amount": "5"}, "an event needs its type and an amount"),
        ({"trigger": "event", "event_type": "share"}, "an event needs its type and an amount"),
        ({"ends_at_0": "2026-10-01", "ends_at_1": "00:00"}, "The end must be after the start."),
        ({"matures_after_days": "366"}, "less than or equal to 365"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_a_reason(desk, fields, fault):
    answer = desk.post(f"{RULES}add/", typed(**fields))
    assert fault in answer.content.decode()
    assert not EarningRule.objects.exists()


def test_what_the_trigger_does_not_use_is_left_out(desk):
    desk.post(f"{RULES}add/", typed(trigger="event", event_type="share", amount="5", rate="3"))
    rule = EarningRule.objects.get()
    assert (rule.rate, rule.amount, rule.event_type) == (None, 5, "share")


def test_the_example_is_reckoned_as_it_is_typed(desk):
    earned.level("1.5")
    text = desk.post(f"{RULES}example/", typed(categories="")).content.decode()
    assert "An order of ¥199 earns:" in text
    assert "×1.5" in text
    assert "298 points" in text
    assert "7 days" in text
    assert not EarningRule.objects.exists()


def test_the_example_shows_the_cap_and_the_categories(desk):
    text = desk.post(f"{RULES}example/", typed(cap_per_day="150", matures_after_days="0")).content.decode()
    assert "An order with ¥199 of milk, cheese earns:" in text
    assert "150 points" in text
    assert "The cap of the day cuts it." in text
    assert "It can be spent at once." in text


@pytest.mark.parametrize("fields", [{"rate": ""}, {"rate": "x"}, {"unit": ""}, {"cap_per_day": "-1"}])
def test_there_is_no_example_of_what_is_not_there_yet(desk, fields):
    text = desk.post(f"{RULES}example/", typed(**fields)).content.decode()
    assert "It appears as soon as" in text


def test_the_example_needs_a_look_at_rules(member):
    assert desk_of("clerk", "view_gift").post(f"{RULES}example/", typed()).status_code == 403


def test_what_has_earned_stays_what_it_was(desk, member, settings):
    settings.FOUR_EYES = frozenset()
    rule = earned.rule(categories=["milk"])
    earned.settle(earned.put_order(member, "A", "10.00", items={"milk": ["10.00"]}))
    page = f"{RULES}{rule.pk}/change/"
    growth = Unit.objects.get(slug="growth").pk
    data = typed(slug="other", unit=growth, categories="bread", trigger="event", event_type="share", rate="2")
    assert desk.post(page, data).status_code == 302
    rule.refresh_from_db()
    assert (rule.slug, rule.unit.slug, rule.trigger, rule.event_type) == ("points-for-orders", "points", "order", "")
    assert (rule.categories, rule.starts_at, rule.rate) == (["milk"], earned.LONG_AGO, Decimal(2))
    assert desk.get(f"{RULES}{rule.pk}/delete/").status_code == 403


def test_a_rule_that_has_earned_ends_now_or_later_but_not_earlier(desk, member):
    rule = earned.rule()
    earned.settle(earned.put_order(member, "A", "10.00"))
    page = f"{RULES}{rule.pk}/change/"
    earlier = desk.post(page, typed(ends_at_0="2021-01-01", ends_at_1="00:00"))
    assert "it can end now or later, not earlier" in earlier.content.decode()
    year = str(timezone.now().year + 1)
    assert desk.post(page, typed(ends_at_0=f"{year}-01-01", ends_at_1="00:00")).status_code == 302


def test_earnings_are_looked_at_not_edited(desk, member):
    earned.rule()
    earned.settle(earned.put_order(member, "A", "10.00"))
    earned.settle(earned.put_order(member, "A", "10.00", refunded="4.00"))
    page = "/admin/rewards/earning/"
    assert "order:A" in desk.get(f"{page}?q=m0").content.decode()
    assert desk.get(f"{page}?q=order:B").context["cl"].result_count == 0
    first = desk.get(page).context["cl"].result_list[0]
    assert desk.get(f"{page}{first.pk}/change/").status_code == 200
    assert desk.post(f"{page}{first.pk}/change/", {}).status_code == 403


# Adjustments


def adjust(desk, uid="m0", amount="500", reason="goodwill", unit="points"):
    data = {"uid": uid, "unit": Unit.objects.get(slug=unit).pk, "amount": amount, "reason": reason}
    return desk.post(f"{ADJUSTMENTS}add/", data, follow=True)


def test_a_balance_is_adjusted_by_the_member_s_uid(desk, member):
    text = adjust(desk).content.decode()
    assert "m0 holds 500 points now." in text
    assert ledger.balances(member.pk)["points"] == 500


def test_the_member_s_page_leads_to_the_form_for_who_may_adjust(desk, member):
    page = f"/admin/members/member/{member.pk}/change/"
    link = f"{ADJUSTMENTS}add/?member=m0"
    assert f'href="{link}"' in desk.get(page).content.decode()
    assert 'value="m0"' in desk.get(link).content.decode()
    clerk = desk_of("clerk", "view_member", "view_account")
    assert "Points and other units" in clerk.get(page).content.decode()
    assert link not in clerk.get(page).content.decode()


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"uid": "nobody"}, "No member has this uid."),
        ({"amount": "0"}, "An adjustment of 0 changes nothing."),
        ({"amount": "-1"}, "The member holds less than that."),
        ({"amount": "1.5"}, "Enter a whole number."),
        ({"amount": "9" * 30}, "less than or equal to"),
        ({"reason": "  "}, "This field is required."),
    ],
)
def test_what_cannot_be_adjusted_is_refused_with_a_reason(desk, member, fields, fault):
    assert fault in adjust(desk, **fields).content.decode()
    assert not Adjustment.objects.exists()


def test_the_requester_sees_why_it_waits(desk, member):
    text = adjust(desk, amount="1001").content.decode()
    assert "It waits until a second person approves it: more than 1,000 points at once." in text
    adjust(desk, amount="900")
    text = adjust(desk, amount="101").content.decode()
    assert "together with what the same person adjusted within 24 hours more than 1,000 points" in text


def test_the_preview_shows_balances_before_and_after(desk, member):
    ledger.post_entry(member.pk, "points", amount=1_200, key="start", reason="test", now=NOW)
    points = Unit.objects.get(slug="points").pk
    text = desk.post(f"{ADJUSTMENTS}preview/", {"uid": "m0", "unit": points, "amount": "300"}).content.decode()
    assert "1,200" in text
    assert "1,500" in text
    text = desk.post(f"{ADJUSTMENTS}preview/", {"uid": "m0", "unit": points, "amount": "-1201"}).content.decode()
    assert "too small" in text
    assert "More than 1,000: a second person has to approve it." in text
    assert "No member has this uid." in desk.post(f"{ADJUSTMENTS}preview/", {"uid": "m"}).content.decode()
    assert Adjustment.objects.count() == 0


def test_the_list_shows_waiting_ones_first_with_balances_before_and_after(desk, member):
    adjust(desk, amount="5000")
    adjust(desk, amount="70")
    answer = desk.get(ADJUSTMENTS)
    assert [each.state for each in answer.context["cl"].result_list] == ["waiting", "posted"]
    text = answer.content.decode()
    assert "70 → 5,070" in text
    assert "0 → 70" in text
    assert "+5,000 points" in text


def decide(desk, action, adjustment):
    return desk.post(ADJUSTMENTS, {"action": action, "_selected_action": adjustment.pk}, follow=True).content.decode()


@pytest.mark.parametrize(
    ("action", "said", "balance"), [("approve", "is posted.", 5_000), ("refuse", "is refused.", 0)]
)
def test_a_second_person_decides_in_the_list(desk, member, action, said, balance):
    adjust(desk_of("lin", "add_adjustment", "view_adjustment"), amount="5000")
    assert said in decide(desk, action, Adjustment.objects.get())
    assert ledger.balances(member.pk)["points"] == balance
    assert "It was decided on already." in decide(desk, action, Adjustment.objects.get())


def test_who_asked_cannot_approve(desk, member):
    adjust(desk, amount="5000")
    assert "another person has to decide" in decide(desk, "approve", Adjustment.objects.get())
    assert ledger.balances(member.pk)["points"] == 0


def test_approving_and_adjusting_need_their_permissions(desk, member):
    adjust(desk, amount="5000")
    clerk = desk_of("clerk", "view_adjustment")
    decide(clerk, "approve", Adjustment.objects.get())
    assert Adjustment.objects.get().state == "waiting"
    assert clerk.get(f"{ADJUSTMENTS}add/").status_code == 403
    assert clerk.post(f"{ADJUSTMENTS}preview/", {}).status_code == 403


def test_a_decided_adjustment_is_looked_at_not_edited(desk, member):
    adjust(desk)
    page = f"{ADJUSTMENTS}{Adjustment.objects.get().pk}/change/"
    assert "500" in desk.get(page).content.decode()
    assert desk.post(page, {}).status_code == 403


@pytest.mark.parametrize("listed", ["earningrule", "earning", "adjustment"])
def test_a_list_costs_as_many_queries_for_one_row_as_for_many(desk, listed, django_assert_max_num_queries):
    lin = User.objects.create(username="lin")
    points = Unit.objects.get(slug="points")
    for number, each in enumerate(members(12)):
        earned.rule(f"rule-{number}")
        earned.settle(earned.put_order(each, each.uid, "10.00"))
        adjusting.request(each, points, amount=5 + number * 500, reason="goodwill", by=lin, now=NOW)
    with django_assert_max_num_queries(9):
        desk.get(f"/admin/rewards/{listed}/")

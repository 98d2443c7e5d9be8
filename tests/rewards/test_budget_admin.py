"""Budgets in the admin: entered to the cent, named in words, watched, on record."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from operations.models import AuditRecord
from rewards.models import Budget, BudgetUse, PrizePool
from tests.campaigns.scenes import make_campaign
from tests.rewards.build import SCOPE, with_chances
from tests.rewards.priced import LAST, POOL, budget, drawn, priced
from tests.rewards.test_admin import signed_in

pytestmark = pytest.mark.django_db

LIST = "/admin/rewards/budget/"
ADD = f"{LIST}add/"


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def desk():
    desk = Client()
    desk.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return desk


@pytest.fixture
def campaign():
    now = timezone.now()
    window = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=20)}
    return make_campaign("live", slug="double-eleven", name="Double Eleven", **window)


def page_of(held: Budget, more: str = "") -> str:
    return f"{LIST}{held.pk}/change/{more}"


def text_of(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "cents"), [("1234.50", 123_450), ("0.01", 1), ("7", 700), ("999999999999.99", 99_999_999_999_999)]
)
@pytest.mark.usefixtures("campaign")
def test_a_budget_is_entered_in_yuan_and_kept_to_the_cent(desk, typed, cents):
    desk.post(ADD, {"scope": SCOPE, "per": "day", "amount": typed})
    held = Budget.objects.get()
    assert (held.scope, held.per, held.cents, held.active) == (SCOPE, "day", cents, True)


@pytest.mark.parametrize(
    "wrong",
    [{"amount": "0.001"}, {"amount": "0"}, {"amount": "-1"}, {"amount": "ten"}, {"amount": ""}, {"amount": "1e99"},
     {"scope": "campaign:nowhere"}, {"scope": ""}, {"per": "week"}],
)  # fmt: skip
@pytest.mark.usefixtures("campaign")
def test_what_cannot_be_is_refused_and_says_why(desk, wrong):
    answer = desk.post(ADD, {"scope": SCOPE, "per": "day", "amount": "5"} | wrong)
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == list(wrong)
    assert not Budget.objects.exists()


@pytest.mark.usefixtures("campaign")
def test_a_second_budget_for_the_same_is_refused(desk):
    budget(100, "day")
    answer = desk.post(ADD, {"scope": SCOPE, "per": "day", "amount": "5"})
    assert answer.context["adminform"].form.errors
    assert Budget.objects.count() == 1


def test_whose_it_is_is_chosen_by_name_and_can_be_chosen_by_the_address(desk, campaign):
    priced(("gold", 1, 300))
    form = desk.get(f"{ADD}?scope={POOL}").context["adminform"].form
    names = dict(form.fields["scope"].choices)
    assert names[f"campaign:{campaign.slug}"] == "Campaign “Double Eleven”"
    assert (names[POOL], names["mall"]) == ("Pool “Wheel”", "Points mall")
    assert form["scope"].value() == POOL


def test_raising_and_lowering_is_on_record_with_before_and_after(desk, campaign, settings):
    settings.FOUR_EYES = frozenset()
    held = budget(30_000)
    desk.post(page_of(held), {"amount": "450.50", "active": "on"})
    held.refresh_from_db()
    assert held.cents == 45_050
    record = AuditRecord.objects.get(action="budget.changed")
    assert record.changes == {"amount": ["300.00", "450.50"]}


def test_a_budget_lowered_below_what_is_spent_says_that_nothing_more_can_be_drawn(desk, campaign):
    held = budget(30_000)
    BudgetUse.objects.create(budget=held, allowed=30_000, drawn=20_000)
    answer = desk.post(page_of(held), {"amount": "150", "active": "on"}, follow=True)
    assert "¥200.00 is spent already, and ¥150.00 allowed: nothing more can be drawn." in text_of(answer)


def test_whose_a_budget_is_does_not_change(desk, campaign):
    held = budget(30_000)
    desk.post(page_of(held), {"amount": "300", "active": "on", "scope": "mall", "per": "day"})
    held.refresh_from_db()
    assert (held.scope, held.per) == (SCOPE, "total")


def test_a_used_budget_is_not_deleted_but_set_aside(desk, campaign, settings):
    settings.FOUR_EYES = frozenset()
    held = budget(30_000)
    BudgetUse.objects.create(budget=held, allowed=30_000, drawn=1)
    assert desk.post(f"{LIST}{held.pk}/delete/", {"post": "yes"}).status_code == 403
    desk.post(LIST, {"action": "delete_selected", "_selected_action": [held.pk], "post": "yes"})
    desk.post(page_of(held), {"amount": "300"})
    held.refresh_from_db()
    assert held.active is False
    assert AuditRecord.objects.get(action="budget.changed").changes == {"active": [True, False]}
    assert "set aside" in text_of(desk.get(page_of(held)))


def test_a_budget_that_was_never_used_can_be_deleted(desk, settings):
    settings.FOUR_EYES = frozenset()
    held = budget(30_000)
    desk.post(f"{LIST}{held.pk}/delete/", {"post": "yes"})
    assert not Budget.objects.exists()


@pytest.fixture
def spent(campaign):
    """Half an hour ago, and the day before, somebody won."""
    people, now = with_chances(2, each=9), timezone.now()
    version = priced(("gold", 1, 1_000), ("silver", 1, 300), consolation=20)
    held = [budget(3_000), budget(100_000, "day"), budget(1_320, "member"), budget(1_500, scope=POOL)]
    for back in (24 * 60, 30):
        drawn(people[0], version, now=now - timedelta(minutes=back))
    drawn(people[1], version, now=now, roll=LAST)
    return held


def test_the_list_shows_how_far_each_is_spent_in_words_and_numbers_by_few_queries(
    desk, spent, django_assert_max_num_queries
):
    desk.get(LIST)
    with django_assert_max_num_queries(16):
        page = text_of(desk.get(LIST))
    assert "Campaign “Double Eleven”" in page
    assert "Pool “Wheel”" in page
    assert "¥10.40 of ¥30.00 (34 %)" in page
    assert "¥10.40 by 2 members, ¥13.20 each at most" in page


def test_the_page_of_a_budget_shows_its_burn(desk, spent):
    page = text_of(desk.get(page_of(spent[0])))
    for told in ("¥10.40 of ¥30.00 (34 %)", "Won in draws", "¥10.00", "Promised", "¥0.40", "¥19.60", "Show 30 days"):
        assert told in page
    assert "2 draws in these days gave the consolation prize for want of budget" not in page


def test_the_page_says_that_all_draws_give_the_consolation_prize_now(desk, spent):
    Budget.objects.filter(pk=spent[3].pk).update(cents=1_339)
    page = text_of(desk.get(page_of(spent[3])))
    assert "All draws give the consolation prize now: ¥2.99 are left, and the cheapest prize costs ¥3.00." in page


def test_the_page_names_the_prizes_that_are_too_dear_for_what_is_left(desk, spent):
    page = text_of(desk.get(page_of(spent[3])))
    assert "Too dear for the ¥4.60 left: Wheel-Gold (¥10.00)" in page


def test_draws_that_fell_for_want_of_budget_are_told(desk, spent):
    assert "1 draw in these days gave the consolation prize for want of budget, 1 of it today." in text_of(
        desk.get(page_of(spent[3]))
    )


@pytest.mark.parametrize("days", ["30", "14", "7", "x", "-1", "99999999999999999999"])
def test_the_page_opens_whatever_days_are_asked_for(desk, spent, days):
    columns = desk.get(page_of(spent[0], f"?days={days}")).context["columns"].columns
    assert len(columns) == (30 if days == "30" else 14)


def test_the_pages_of_the_campaign_and_of_the_pool_show_their_budgets_and_the_way_to_another(desk, spent, campaign):
    page = text_of(desk.get(f"/admin/campaigns/campaign/{campaign.pk}/change/"))
    assert "¥10.40 of ¥30.00 (34 %)" in page
    assert f"{ADD}?scope=campaign%3Adouble-eleven" in page
    page = text_of(desk.get(f"/admin/rewards/prizepool/{PrizePool.objects.get().pk}/change/"))
    assert "¥10.40 of ¥15.00 (69 %)" in page
    assert f"{ADD}?scope=pool%3Awheel" in page


def test_who_may_not_see_budgets_sees_none_on_the_campaigns_page(spent, campaign):
    desk = signed_in("view_campaign")
    assert "¥10.40" not in text_of(desk.get(f"/admin/campaigns/campaign/{campaign.pk}/change/"))


def test_who_may_only_look_sees_the_burn_and_no_form(spent):
    desk = signed_in("view_budget")
    page = text_of(desk.get(page_of(spent[0])))
    assert "¥10.40 of ¥30.00 (34 %)" in page
    assert 'name="amount"' not in page
    assert desk.post(page_of(spent[0]), {"amount": "1"}).status_code == 403


def test_a_budget_of_what_is_gone_is_called_by_its_key(desk):
    held = budget(100, scope="campaign:gone")
    assert "campaign:gone" in text_of(desk.get(LIST))
    assert desk.get(page_of(held)).status_code == 200

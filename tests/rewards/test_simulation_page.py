"""The page on which a pool's draft is tried out: the form, what it refuses, and what it concludes."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import translation

from rewards.forecast_charts import cost, dryness, falls, prizes, rows
from rewards.forecast_words import Told, conclusions, number, per_cent, warnings, yuan
from rewards.forecasting import forecast
from rewards.models import Budget, Draw
from rewards.odds import SCALE
from rewards.pools import publish_pool
from rewards.simulated_draws import Scenario
from rewards.simulated_pool import Per, SimulatedBudget, SimulatedPool, SimulatedPrize, Why
from tests.rewards.build import NOW, gift, pool

ASKED = {
    "draws": "2000", "members": "400", "days": "10", "begins": "2026-12-01", "course": "steady", "spread": "uneven",
    "budget": "", "day_budget": "", "seed": "1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _in_english(settings):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def draft():
    return pool((gift("phone", cost=Decimal("2999.00")), 10_000, 10), consolation=(gift("thanks"), 990_000))


def page_of(client, draft, **asked):
    url = reverse("admin:rewards_prizepool_simulate", args=[draft.pk])
    return client.get(url, asked, headers={"Accept-Language": "en"})


def words(response):
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.django_db
class TestPage:
    def test_it_begins_with_a_scenario_that_can_be_run_as_it_is(self, admin_client, draft):
        form = page_of(admin_client, draft).context["form"]
        asked = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        asked |= {"budget": "", "day_budget": "", "course": "steady", "spread": "uneven", "draws": 500}
        assert page_of(admin_client, draft, **asked).context["forecast"].scenario.days == 14

    def test_it_says_in_words_what_to_expect(self, admin_client, draft):
        text = words(page_of(admin_client, draft, **ASKED))
        assert "Expected cost ¥29," in text
        assert re.search(r"The 10 “Phone” of the pool are gone by December \d+ with a probability of \d+ %", text)
        assert "published 1 %, given" in text
        assert "campaigns of 2,000 draws each" in text
        assert Draw.objects.count() == 0

    def test_the_budgets_of_the_pool_are_offered(self, admin_client, draft):
        Budget.objects.create(scope="pool:wheel", per=Budget.Per.TOTAL, cents=1_234_500)
        Budget.objects.create(scope="pool:wheel", per=Budget.Per.MEMBER, cents=100)
        page = page_of(admin_client, draft)
        assert page.context["form"].initial["budget"] == Decimal("12345.00")
        assert "budgets for each member hold as they are" in words(page)

    def test_a_budget_that_is_asked_for_is_kept_to(self, admin_client, draft):
        found = page_of(admin_client, draft, **ASKED | {"budget": "6000"}).context["forecast"]
        assert found.cost.high <= 600_000
        assert found.falls[Why.BUDGET] > 0

    def test_a_running_pool_goes_on_from_what_is_left(self, admin_client, draft):
        publish_pool(draft, by=None, now=NOW)
        draft.stocks.update(issued=7)
        page = page_of(admin_client, draft, **ASKED)
        assert "7 prizes were given already" in words(page)
        assert page.context["forecast"].given(0).high <= 3

    def test_a_draft_from_which_nobody_can_draw_says_why(self, admin_client, draft):
        draft.prizes.filter(key="phone").update(odds=9_999)
        assert "The odds do not total 100 %: 0.0001 % is missing." in words(page_of(admin_client, draft, **ASKED))

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"draws": "2000001"}, "less than or equal to 2000000"),
            ({"draws": "0"}, "greater than or equal to 1"),
            ({"draws": "many"}, "whole number"),
            ({"members": "1"}, "More than 1000 draws each"),
            ({"days": "400"}, "less than or equal to 366"),
            ({"begins": "tomorrow"}, "valid date"),
            ({"course": "up"}, "not one of the available choices"),
            ({"budget": "-1"}, "greater than or equal to 0"),
            ({"budget": "1.001"}, "no more than 2 decimal places"),
            ({"seed": "-1"}, "greater than or equal to 0"),
        ],
    )
    def test_bad_input_is_refused_beside_its_field(self, admin_client, draft, wrong, said):
        page = page_of(admin_client, draft, **ASKED | wrong)
        assert said in words(page)
        assert "forecast" not in page.context

    def test_more_draws_than_a_request_can_answer_are_refused_with_the_way_that_can(self, admin_client, draft):
        draft.wins_per_member = 3
        draft.save()
        page = page_of(admin_client, draft, **ASKED | {"draws": "500001", "members": "100000"})
        assert "At most 500,000 draws are simulated here" in words(page)
        assert "the command simulate_pool takes more" in words(page)

    def test_the_pool_links_to_it(self, admin_client, draft):
        page = admin_client.get(reverse("admin:rewards_prizepool_change", args=[draft.pk]))
        assert reverse("admin:rewards_prizepool_simulate", args=[draft.pk]) in page.content.decode()

    def test_who_may_not_see_pools_does_not_see_it(self, client, draft):
        staff = User.objects.create_user("staff", is_staff=True)
        client.force_login(staff)
        assert page_of(client, draft).status_code in (302, 403)
        staff.user_permissions.add(Permission.objects.get(codename="view_prizepool"))
        assert page_of(client, draft).status_code == 200

    def test_a_pool_that_is_not_there_is_not_found(self, admin_client):
        assert admin_client.get(reverse("admin:rewards_prizepool_simulate", args=[404])).status_code in (302, 404)


def told(pool, scenario, budgets=(), runs=30):
    return Told(forecast(pool, scenario, budgets, runs=runs), date(2026, 12, 1))


def a_pool(*prizes, **rules):
    rest = SCALE - sum(prize.odds for prize in prizes)
    return SimulatedPool((*prizes, SimulatedPrize("thanks", rest, consolation=True)), **rules)


def test_a_stock_gone_in_the_first_half_is_a_warning():
    phone = SimulatedPrize("phone", 500_000, "Phone", stock=100)
    (early,) = [said for said in warnings(told(a_pool(phone), Scenario(1_000, 200, 10))) if "as likely" in said]
    assert early.startswith("The 100 “Phone” of the pool are gone on day ")


def test_a_stock_far_too_large_is_a_warning():
    found = warnings(told(a_pool(SimulatedPrize("bag", 10_000, "Bag", stock=500)), Scenario(1_000, 200)))
    assert len(found) == 1
    assert re.fullmatch(r"Stocks that are not used up: “Bag” \([\d.]+ of 500\)\.", found[0])


def test_a_guarantee_that_decides_over_the_cost_is_a_warning():
    bag = SimulatedPrize("bag", 1, "Bag", cost=2_000)
    pool = a_pool(bag, guarantee_after=5, guarantee_prize="bag")
    found = warnings(told(pool, Scenario(2_000, 100), runs=5))
    assert any(said.startswith("The guaranteed “Bag” costs ¥") for said in found)


def test_a_budget_spent_early_and_short_days_are_warnings():
    phone = SimulatedPrize("phone", 500_000, "Phone", cost=1_000)
    money = [SimulatedBudget(300_000), SimulatedBudget(45_000, Per.DAY)]
    found = warnings(told(a_pool(phone), Scenario(1_000, 200, 10), money, runs=5))
    assert found[0].startswith("The budget of ¥3,000 is spent on day 7 of 10 (December 7)")
    assert "A budget refuses prizes on " in found[1]


def test_a_prize_held_back_by_its_release_is_told_beside_its_odds():
    coupon = SimulatedPrize("coupon", 200_000, "Coupon", per_day=5)
    (said,) = warnings(told(a_pool(coupon), Scenario(1_000, 200, 10), runs=3))
    assert said == "Prizes given much less often than is published: “Coupon” (5 % instead of 20 %)."


def test_a_pool_without_limits_has_no_warnings_and_no_falls():
    found = told(a_pool(SimulatedPrize("points", 300_000, "Points", cost=20)), Scenario(5_000, 1_000))
    assert warnings(found) == []
    assert falls(found) is None
    assert dryness(found) == []
    assert len(conclusions(found)) == 2


def test_the_charts_show_what_was_found():
    phone = SimulatedPrize("phone", 10_000, "Phone", cost=100_000, stock=10)
    found = told(a_pool(phone), Scenario(1_000, 200, 40))
    assert [bar.label for bar in prizes(found).bars] == ["Phone", "thanks"]
    (chart,) = dryness(found)
    assert (chart.columns[-1].label, chart.columns[-1].group, len(chart.columns)) == ("9", "January", 14)
    assert sum(int(column.shown) for column in cost(found).columns) == 30
    first, last = rows(found)
    assert (first.key, first.odds, first.stock) == ("phone", "1 %", "10")
    assert (last.consolation, last.used_up) == (True, "")


def test_few_runs_have_no_histogram():
    assert cost(told(a_pool(SimulatedPrize("points", 300_000, cost=20)), Scenario(1_000, 200), runs=5)) is None


@pytest.mark.parametrize(
    ("show", "figure", "text"),
    [
        (per_cent, 0.6273, "62.7 %"), (per_cent, 0.00083, "0.083 %"), (per_cent, 0.2, "20 %"), (per_cent, 0, "0 %"),
        (yuan, 123_456_789, "¥1,234,568"), (yuan, 12_345, "¥123.45"), (number, 12_345.6, "12,346"),
        (number, 2.46, "2.5"),
    ],
)  # fmt: skip
def test_figures_are_shown_as_finely_as_they_are_read(show, figure, text):
    assert show(figure) == text

"""What a rehearsal expects of offers: how many are taken, what their gifts cost, and when they run out."""

from datetime import timedelta

import pytest
from django.utils import translation
from pyroaring import BitMap

from campaigns import rehearsal_said
from campaigns.definition import EVERYONE
from campaigns.offers import reserving
from campaigns.offers.terms import FIRST_ORDER, FLASH, GROUP, Offer
from campaigns.rehearsal import forecasts, learning
from campaigns.rehearsal.costs import at_most
from campaigns.rehearsal.findings import Severity
from campaigns.rehearsal.offered import Offered, OfferLeft
from campaigns.rehearsal.rates import CHOSEN, LEARNED, Level, Rates, as_json, parse
from campaigns.rehearsal.rehearsing import rehearse
from campaigns.rehearsal_form import RatesForm
from members.models import Member
from rewards.models import Budget, Gift
from tests.campaigns.offer_stories import buy, offer
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS, draft, make_coupon, make_level, publish

ALL = Rates(dict.fromkeys(Level, 100.0), {"traffic": 0.0}, 0.0, {FIRST_ORDER: 50.0, FLASH: 50.0, GROUP: 50.0}, 50.0)
WELCOME = {"key": "welcome", "title": "Welcome"}


@pytest.fixture
def members(db):
    """Twenty members, of whom four have bought something; twenty coupons at 3.00."""
    make_level("paid")
    make_coupon(*(f"CODE-{number}" for number in range(40)))
    Gift.objects.filter(slug="coupon").update(cost=3)
    Gift.objects.create(slug="cup", name="Cup", kind="physical", cost=10)
    for number in range(20):
        Member.objects.create(uid=f"m{number}")
    for number in range(4):
        buy(f"m{number}", f"order-{number}", at=OPENS - DAY)


def expected_of(*offers, rates=ALL, now=OPENS, **changes):
    return rehearse(draft(offers=list(offers), **changes), now=now, rates=rates).expected


def cost_of(expected):
    return expected.supplies.cost_of_given(expected.plays[Level.EXPECTED])


def group(**changes):
    return offer("group", key="trio", size=2, gift="coupon", leader_gift="cup", **changes)


@pytest.mark.usefixtures("members")
def test_coupons_for_a_first_order_cost_what_those_take_who_have_bought_nothing():
    mean, variance = cost_of(expected_of(offer("first_order", **WELCOME)))

    assert mean == pytest.approx(16 * 0.5 * 300)
    assert variance == pytest.approx(16 * 0.5 * 300**2)


@pytest.mark.usefixtures("members")
def test_no_more_coupons_are_expected_than_the_stock_of_the_offer_holds():
    play = expected_of(offer("first_order", stock=3, **WELCOME)).plays[Level.EXPECTED]
    mean, variance = cost_of(expected_of(offer("first_order", stock=3, **WELCOME), slug="another"))

    assert play.offers[0].takers == 8
    assert play.offers[0].taken == pytest.approx(3, abs=0.1)
    assert 0 < mean <= 900
    assert variance < 300**2 / 2


@pytest.mark.usefixtures("members")
def test_no_more_coupons_are_expected_than_there_are_codes():
    Gift.objects.filter(slug="coupon").update(stock=2)

    mean, _variance = cost_of(expected_of(offer("first_order", **WELCOME)))

    assert mean <= 600


@pytest.mark.usefixtures("members")
def test_groups_that_fill_give_to_each_member_and_to_the_leader_besides():
    expected = expected_of(group())
    mean, variance = cost_of(expected)

    groups = 20 * 0.5 * 0.5 / 2
    assert mean == pytest.approx(groups * (2 * 300 + 1_000))
    # Both coupons of a group come together, so that they spread further than so many that come by themselves.
    assert variance == pytest.approx(groups * (4 * 300**2 + 1_000**2))
    assert expected.plays[Level.EXPECTED].offers[0].taken == 10


@pytest.mark.usefixtures("members")
def test_a_flash_sale_gives_no_gift_and_runs_out_of_its_stock():
    campaign = draft(offers=[offer(stock=4)])

    rehearsal = rehearse(campaign, now=OPENS, rates=ALL)
    with translation.override("en"):
        told = {each.key: each for each in rehearse(campaign, now=OPENS, rates=ALL).findings}["runs_out:offer:milk"]

    assert cost_of(rehearsal.expected) == (0, 0)
    assert told.severity == Severity.WARNING
    assert told.message.startswith("Offer “Milk”: what is left, 4, is used up on November")


@pytest.mark.usefixtures("members")
def test_an_offer_that_opens_late_runs_out_no_sooner():
    late = offer(stock=4, opens_at=(OPENS + 10 * DAY).isoformat())

    on = {each.supply.id: each.on for each in expected_of(late).lastings}["offer:milk"]

    assert on[Level.EXPECTED] >= 10


@pytest.mark.usefixtures("members")
def test_an_offer_that_is_over_is_taken_no_more():
    over = offer("first_order", closes_at=(OPENS + DAY).isoformat(), **WELCOME)

    assert cost_of(expected_of(over, now=NOW)) == (0, 0)
    assert cost_of(expected_of(over, slug="another", now=OPENS))[0] > 0


@pytest.mark.usefixtures("members")
def test_gifts_of_offers_use_up_the_stock_of_the_gift_and_the_campaigns_budget():
    Gift.objects.filter(slug="coupon").update(stock=5)
    campaign = draft(offers=[offer("first_order", **WELCOME)])
    budget = Budget.objects.create(scope="campaign:autumn", per="total", cents=600)

    findings = {each.key for each in rehearse(campaign, now=OPENS, rates=ALL).findings}

    assert {"runs_out:gift:coupon", f"runs_out:budget:{budget.pk}"} <= findings


@pytest.mark.usefixtures("members")
def test_the_simulated_cost_holds_the_gifts_of_offers():
    campaign = draft(offers=[offer("first_order", **WELCOME)], pools=[])
    forecasts.set_rates(campaign, ALL)

    row = forecasts.begin(campaign, now=OPENS)

    assert row.fixed["expected"][0] == pytest.approx(2_400)


def test_what_is_taken_never_passes_what_is_left():
    one = Offer("k", FIRST_ORDER, "T", 0, 0, EVERYONE, gift="coupon")
    for left in (0, 1, 5, 1_000):
        taken = Offered(OfferLeft(one, BitMap(range(500)), left, (0, 9)), 400.0)
        mean, variance = taken.gifts["coupon"]
        assert taken.taken <= left or taken.taken == pytest.approx(400, rel=0.01)
        assert mean <= left or mean == pytest.approx(400, rel=0.01)
        assert variance >= 0


@pytest.mark.parametrize(
    ("mean", "variance", "most", "expected", "spread"),
    [(50, 0, 10, 10, 0), (50, 100, 10_000, 50, 100), (500, 100, 10, 10, 0), (100, 100, 100, 96.01, 34.08)],
)
def test_a_sum_that_ends_at_what_is_left(mean, variance, most, expected, spread):
    found, around = at_most(mean, variance, most)

    assert found == pytest.approx(expected, abs=0.01)
    assert around == pytest.approx(spread, abs=0.1)


def earlier():
    """An earlier campaign with a coupon and a flash sale for everyone, which five joined, one after an order."""
    make_level("paid")
    make_coupon(*(f"CODE-{number}" for number in range(9)))
    campaign = publish(slug="earlier", offers=[offer("first_order", **WELCOME), offer(stock=9), group()])
    people = [Member.objects.create(uid=f"e{number}") for number in range(5)]
    buy("e0", "before", at=NOW - DAY, sku="OTHER")
    for person in people[1:3]:
        reserving.get_coupon(person, "earlier", "welcome", now=NOW)
    for person in (people[0], people[3], people[4]):
        reserving.reserve(person, "earlier", "milk", now=NOW)
    buy("e3", "paid", at=NOW + timedelta(minutes=1))
    return campaign


@pytest.mark.django_db
def test_the_rates_of_offers_are_learned_from_earlier_campaigns(monkeypatch):
    monkeypatch.setattr(learning, "FEWEST", 1)
    Gift.objects.create(slug="cup", name="Cup", kind="physical", cost=10)
    earlier()

    learned = learning.learned(draft(), now=NOW)

    # Two of the four who had bought nothing before; one of five bought.
    assert learned.offers[FIRST_ORDER] == 50.0
    assert learned.offers[FLASH] == 20.0
    assert learned.sources[FIRST_ORDER] == LEARNED


@pytest.mark.usefixtures("members")
def test_the_page_says_in_words_what_is_assumed_learned_or_set(admin_client):
    campaign = draft(offers=[offer("first_order", **WELCOME), group(stock=100)])
    assumed = Rates(participation=dict.fromkeys(Level, 100.0))
    learned = Rates(dict.fromkeys(Level, 100.0), offers={**ALL.offers}, sources={FIRST_ORDER: LEARNED, GROUP: CHOSEN})

    with translation.override("en"):
        first, second = rehearsal_said.offers(rehearse(campaign, now=OPENS, rates=assumed).expected)
        as_learned, as_set = rehearsal_said.offers(rehearse(campaign, now=OPENS, rates=learned).expected)

    assert first.startswith("Of “Welcome” about 5 are taken. It is assumed that 30 %")
    assert "Only who has not bought anything yet may have it." in first
    assert "100 are left" in second
    assert "50 % see it fill" in second
    assert "As in earlier campaigns, 50 %" in as_learned
    assert "By the rates set here, 50 %" in as_set
    page = admin_client.get(
        f"/admin/campaigns/campaign/{campaign.pk}/rehearsal/", headers={"accept-language": "en"}
    ).content.decode()
    assert "Offers taken" in page
    assert 'id="offers-expected"' in page
    assert 'name="first_order"' in page
    assert 'name="flash"' not in page


def test_a_rate_that_was_learned_and_left_alone_stays_learned():
    before = Rates(sources={FIRST_ORDER: LEARNED, FLASH: LEARNED})
    form = RatesForm(None, before, {FIRST_ORDER, FLASH})
    sent = {name: field.initial for name, field in form.fields.items()} | {"flash": 77}

    form = RatesForm(sent, before, {FIRST_ORDER, FLASH})
    assert form.is_valid(), form.errors

    assert form.rates.sources == {FIRST_ORDER: LEARNED, FLASH: CHOSEN}
    assert form.rates.offers == {FIRST_ORDER: 30.0, FLASH: 77.0, GROUP: 10.0}
    assert parse(as_json(form.rates)) == form.rates


@pytest.mark.usefixtures("members")
def test_a_simulation_is_out_of_date_once_an_offer_has_less_left():
    campaign = publish(offers=[offer(stock=9)], opens_at=OPENS.isoformat(), closes_at=CLOSES.isoformat())
    before = forecasts.basis_of(campaign, rehearse(campaign, now=NOW).expected)

    reserving.reserve(Member.objects.get(uid="m9"), campaign.slug, "milk", now=NOW)

    assert forecasts.basis_of(campaign, rehearse(campaign, now=NOW).expected) != before

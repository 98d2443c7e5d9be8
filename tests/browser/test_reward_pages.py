"""The pages of prizes and of the mall lead on, scripts or none."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from members.models import Member
from rewards import ledger
from rewards.chances import grant_chances
from rewards.models import Draw, MallItem, MallOrder, Shipment
from tests.browser import fair
from tests.rewards import build

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
NARROW = {"viewport": {"width": 360, "height": 740}}
SCRIPTS = pytest.mark.parametrize(
    "phone", [NARROW | {"reduced_motion": "reduce"}, NARROW | {"java_script_enabled": False}], ids=["js", "no-js"]
)


@pytest.fixture
def ann(campaign) -> Member:
    return Member.objects.get(uid="ann")


def pool(gift: str, **more: Any) -> dict[str, Any]:
    """All but one draw in a million win the gift."""
    prizes = [
        {"key": gift, "gift": gift, "odds": 999_999, "stock": None, "consolation": False},
        {"key": "thanks", "gift": "thanks", "odds": 1, "stock": None, "consolation": True},
    ]
    return {"slug": "wheel", "name": "Wheel", "audience": {}, "prizes": prizes} | more


@SCRIPTS
def test_a_cup_is_won_and_its_address_given(page: Page, live_server, entry_link, phone, monkeypatch):
    monkeypatch.setattr("campaigns.pages.secrets.randbelow", lambda _scale: 0)
    build.gift("cup", "physical")
    fair.open_fair(now=timezone.now(), pools=[pool("cup")])
    ann = Member.objects.get(uid="ann")
    grant_chances(ann.pk, "campaign:fair", count=2, key="start", now=timezone.now())
    page.goto(entry_link("ann", "/h5/c/fair/draw/"))
    page.get_by_role("button", name="Draw", exact=True).click()
    page.get_by_role("link", name="Give your address").click()
    expect(page.get_by_role("heading", name="Where shall we send it?")).to_be_visible()
    page.get_by_label("Recipient").fill("Ann")
    page.get_by_label("Phone").fill("13812345678")
    for label, name, more in [("Province", "浙江省", "Show the cities"), ("City", "杭州市", "Show the districts")]:
        page.get_by_label(label).select_option(label=name)
        if not phone.get("java_script_enabled", True):
            page.get_by_role("button", name=more).click()
    page.get_by_label("District").select_option(label="西湖区")
    page.get_by_label("Street").fill("文三路 1 号")
    page.get_by_role("button", name="Send it here").click()
    expect(page.get_by_text("Your address is kept.")).to_be_visible()
    expect(page.get_by_text("We have your address and send the prize soon.")).to_be_visible()
    assert Shipment.objects.count() == 1


@SCRIPTS
def test_a_double_tap_in_the_mall_is_one_order(page: Page, ann, entry_link, phone):
    gift = build.gift("recipes", "link", link="https://example.com/")
    MallItem.objects.create(slug="recipes", gift=gift, price=10, state="on_sale")
    ledger.post_entry(ann.pk, "points", amount=100, key="start", reason="test", now=timezone.now())
    page.goto(entry_link("ann", "/h5/mall/recipes/"))
    page.get_by_role("button", name="Get it for 10 points").dblclick()
    expect(page.get_by_text("It is yours")).to_be_visible()
    assert MallOrder.objects.count() == 1
    page.get_by_role("link", name="Have a look at it").click()
    expect(page.get_by_role("link", name="Open", exact=True)).to_be_visible()
    assert ledger.balances(ann.pk)["points"] == 90


@SCRIPTS
def test_a_double_tap_pays_one_draw(page: Page, live_server, entry_link, phone):
    build.gift("recipes", "link", link="https://example.com/")
    fair.open_fair(now=timezone.now(), pools=[pool("recipes", rules={"price": 30})])
    ann = Member.objects.get(uid="ann")
    ledger.post_entry(ann.pk, "points", amount=70, key="start", reason="test", now=timezone.now())
    page.goto(entry_link("ann", "/h5/c/fair/draw/"))
    page.get_by_role("button", name="Draw for 30 points").dblclick()
    expect(page.get_by_role("heading", level=1, name="Recipes")).to_be_visible(timeout=10_000)
    assert Draw.objects.count() == 1
    assert ledger.balances(ann.pk)["points"] == 40

"""The pages of prizes and of the mall: they fit a narrow phone, can be read aloud, and lead on, scripts or none."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from members.models import Member
from rewards import ledger
from rewards.awards import grant_award
from rewards.chances import grant_chances
from rewards.models import Award, Draw, Gift, MallItem, MallOrder, Shipment
from rewards.reversing import reverse_award
from tests.browser import fair
from tests.browser.test_every_page import FAULTS
from tests.rewards import build

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
NARROW = {"viewport": {"width": 360, "height": 740}}
LOOKS = pytest.mark.parametrize("phone", [NARROW, NARROW | {"color_scheme": "dark"}], ids=["light", "dark"])
SCRIPTS = pytest.mark.parametrize(
    "phone", [NARROW | {"reduced_motion": "reduce"}, NARROW | {"java_script_enabled": False}], ids=["js", "no-js"]
)
FIELDS = {
    "coupon": {"face_value": 20, "threshold": 100, "valid_days": 3, "description": "Show it."},
    "shared_coupon": {"face_value": 10},
    "points": {"amount": 5},
    "growth": {"amount": 5},
    "chances": {"amount": 2},
    "physical": {"valid_days": 3},
    "red_packet": {"provider": "manual", "face_value": 5},
    "link": {"link": "https://example.com/"},
}
# Words whose contrast with a plain ground is below WCAG's AA.
FAINT = """() => {
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const ground = (each) => {
    for (let at = each; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== 'none') return null;
      const colour = numbers(style.backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return null;
  };
  const faint = [];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const each = words.currentNode.parentElement;
    if (!words.currentNode.textContent.trim() || !each.getClientRects().length) continue;
    if (each.closest('.sr, .skip, svg, [aria-hidden=true], [disabled]')) continue;
    const [style, back] = [getComputedStyle(each), ground(each)];
    if (!back) continue;
    const [a, b] = [light(numbers(style.color)), light(back)].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.6 && style.fontWeight >= 700);
    if ((a + .05) / (b + .05) < (large ? 3 : 4.5)) faint.push(words.currentNode.textContent.trim());
  }
  return faint;
}"""


@pytest.fixture
def ann(campaign) -> Member:
    return Member.objects.get(uid="ann")


def given(member: Member) -> list[Award]:
    """A prize of each kind, and one that was taken back."""
    now = timezone.now()
    gifts = [
        build.coupon("a-coupon", 1, **fields) if kind == "coupon" else build.gift(f"a-{kind}", kind, **fields)
        for kind, fields in FIELDS.items()
    ]
    source = {"source": "campaign:fair", "scope": "campaign:fair", "now": now}
    awards = [grant_award(gift, member.pk, key=gift.slug, **source) for gift in gifts]
    back = grant_award(gifts[1], member.pk, key="back", **source)
    reverse_award(back.pk, by=None, reason="test", now=now)
    return [*awards, back]


def pool(gift: str, **more: Any) -> dict[str, Any]:
    """All but one draw in a million win the gift."""
    prizes = [
        {"key": gift, "gift": gift, "odds": 999_999, "stock": None, "consolation": False},
        {"key": "thanks", "gift": "thanks", "odds": 1, "stock": None, "consolation": True},
    ]
    return {"slug": "wheel", "name": "Wheel", "audience": {}, "prizes": prizes} | more


def shelves() -> None:
    for price, kind in enumerate(FIELDS, start=1):
        gift = Gift.objects.get(slug=f"a-{kind}")
        MallItem.objects.create(slug=kind, gift=gift, price=price, state="on_sale", shelf="All kinds")
    MallItem.objects.create(slug="dear", gift=Gift.objects.get(slug="a-link"), price=9_999, state="on_sale")
    barred = {"levels": ["nobody"]}
    MallItem.objects.create(slug="barred", gift=gift, price=1, state="on_sale", audience=barred)


@LOOKS
def test_prizes_and_the_mall_fit_a_narrow_phone_and_can_be_read(page: Page, ann, entry_link, live_server, phone):
    awards = given(ann)
    shelves()
    ledger.post_entry(ann.pk, "points", amount=100, key="start", reason="test", now=timezone.now())
    page.goto(entry_link("ann"))
    items = [f"/h5/mall/{slug}/" for slug in (*FIELDS, "dear", "barred", "nothing")]
    physical = next(award for award in awards if award.gift.kind == "physical")
    addresses = [
        *(f"/h5/me/awards/{award.pk}/?c=fair&t=d4380d" for award in awards),
        *(f"/h5/me/awards/{award}/address/" for award in (physical.pk, awards[0].pk, 0)),
        *("/h5/me/awards/", "/h5/me/points/", "/h5/mall/", "/h5/mall/orders/", "/h5/c/fair/draw/", "/h5/c/fair/"),
        *items,
    ]
    for address in addresses:
        page.goto(live_server.url + address)
        assert page.evaluate(FAULTS) == [], address
        assert page.evaluate(FAINT) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


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

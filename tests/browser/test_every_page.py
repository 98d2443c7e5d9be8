"""What holds on every page: it fits a narrow phone, can be read aloud, and runs under the strict policy."""

import pytest
from playwright.sync_api import Page, expect

from members.models import Member
from rewards.chances import grant_chances
from rewards.models import Draw

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

PAGES = [
    "/h5/c/fair/",
    "/h5/c/fair/t/sign/",
    "/h5/c/fair/t/quiz/",
    "/h5/c/fair/t/buy/",
    "/h5/c/fair/t/extra/",
    "/h5/c/fair/t/nothing/",
    "/h5/c/fair/draw/",
    "/h5/c/fair/draw/1/",
    "/h5/c/nothing/",
    "/h5/me/?c=fair&t=d4380d",
    "/h5/me/",
    "/h5/me/awards/",
    "/h5/me/awards/?show=usable",
    "/h5/enter/?token=forged",
]

# Each yields a list of what is wrong; the rules are WCAG's, in a few lines.
FAULTS = """() => {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const seen = (each) => each.getClientRects().length > 0;
  const words = (each) => (each.getAttribute('aria-label') || each.innerText || each.textContent || '').trim();
  if (all('h1').filter(seen).length !== 1) faults.push('not one h1');
  if (all('main').length !== 1) faults.push('not one main');
  if (!document.documentElement.lang) faults.push('no language');
  if (!document.title) faults.push('no title');
  all('a, button').filter(seen).forEach((each) => { if (!words(each)) faults.push('no name: ' + each.outerHTML); });
  all('input:not([type=hidden])').filter(seen).forEach((each) => { if (!each.labels.length) faults.push('no label'); });
  all('fieldset').forEach((each) => { if (!each.querySelector('legend')) faults.push('no legend'); });
  all('svg').forEach((each) => {
    if (!each.closest('[aria-hidden=true], [role=img]')) faults.push('svg is read aloud: ' + each.outerHTML);
  });
  const ids = all('[id]').map((each) => each.id);
  ids.forEach((id, place) => { if (ids.indexOf(id) !== place) faults.push('twice: #' + id); });
  all('[aria-labelledby]').forEach((each) => {
    if (seen(each) && !document.getElementById(each.getAttribute('aria-labelledby'))) faults.push('label missing');
  });
  let level = 0;
  all('h1, h2, h3').filter(seen).forEach((each) => {
    const own = Number(each.tagName[1]);
    if (own > level + 1) faults.push('heading skipped: ' + words(each));
    level = own;
  });
  all('a, button').filter(seen).forEach((each) => {
    const box = each.getBoundingClientRect();
    const reach = getComputedStyle(each, '::after').position === 'absolute' ? 8 : 0;
    const inText = each.closest('h3, .skip');
    if (!inText && box.height + reach < 44) faults.push('small target ' + box.height + ': ' + words(each));
  });
  all('[style], style, script:not([src])').forEach((each) => faults.push('inline: ' + each.outerHTML.slice(0, 80)));
  return faults;
}"""


@pytest.mark.parametrize("phone", [{"viewport": {"width": 360, "height": 740}}], ids=["360px"])
def test_pages_fit_a_narrow_phone_and_can_be_read_aloud(page: Page, campaign, entry_link, live_server, phone):
    page.goto(entry_link("ann"))
    for address in PAGES:
        page.goto(live_server.url + address)
        assert page.evaluate(FAULTS) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address


@pytest.mark.parametrize("phone", [{"viewport": {"width": 1280, "height": 900}, "is_mobile": False}], ids=["desktop"])
def test_pages_fit_a_desktop(page: Page, campaign, entry_link, live_server, phone):
    page.goto(entry_link("ann"))
    for address in PAGES:
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, address


def test_the_policy_is_strict_and_the_campaigns_colour_is_there(page: Page, campaign, entry_link):
    answer = page.goto(entry_link("ann"))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--brand')") == "#d4380d"


def test_the_language_is_switched_at_the_foot_of_the_page(page: Page, campaign, entry_link, live_server):
    page.goto(entry_link("ann"))
    page.get_by_role("button", name="中文").click()
    expect(page).to_have_url(f"{live_server.url}/h5/c/fair/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


def test_a_link_opens_the_door_once(page: Page, context, campaign, entry_link):
    link = entry_link("ann")
    page.goto(link)
    context.clear_cookies()
    answer = page.goto(link)
    assert answer.status == 403
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has been used already.")
    expect(page.get_by_text("Please open the campaign again from the shop's app.")).to_be_visible()


@pytest.mark.parametrize("phone", [{"reduced_motion": "reduce"}], ids=["calm"])
def test_who_wants_no_motion_sees_the_result_at_once(page: Page, campaign, entry_link, phone):
    ann = Member.objects.get(uid="ann")
    grant_chances(ann.pk, "campaign:fair", count=1, key="start", now=campaign.opens_at)
    page.goto(entry_link("ann", "/h5/c/fair/draw/"))
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=2_000)
    expect(page.get_by_role("dialog").get_by_role("button", name="Copy")).to_be_visible()
    assert page.locator(".confetti").count() == 0
    assert page.locator("[data-wheel]").evaluate("wheel => wheel.getAnimations().length") == 0
    assert Draw.objects.count() == 1

"""From a prize on the member's phone to a used one at the counter: by its address, by camera, without scripts."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from members.models import Member
from rewards.awards import grant_award
from rewards.models import Award, CheckOff, Outlet
from rewards.vouchers import voucher_of
from tests.browser.looking import FAULTS
from tests.rewards import build

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
NARROW = pytest.mark.parametrize("phone", [{"viewport": {"width": 360, "height": 740}}], ids=["360px"])
# A camera that shows a dark room, and a reader that reads from it what a test says, beside a code of somebody else's.
READER = """text => {
  const seen = [{ rawValue: "https://example.com/other" }, { rawValue: text }];
  window.BarcodeDetector = class { async detect() { return seen; } };
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    setInterval(() => canvas.getContext("2d").fillRect(0, 0, 9, 9), 50);
    return canvas.captureStream();
  };
}"""


@pytest.fixture
def award(live_server) -> Award:
    gift = build.gift("mug", "shared_coupon", face_value=20, threshold=100, valid_days=3, description="Show it.")
    ann = Member.objects.create(uid="ann", name="Ann")
    return grant_award(gift, ann.pk, key="a", source="test", now=timezone.now() - timedelta(minutes=1))


@pytest.fixture
def clerk(live_server) -> User:
    lin = User.objects.create_user("lin", is_staff=True)
    lin.user_permissions.add(Permission.objects.get(codename="redeem_award"))
    for slug in ("west", "east"):
        Outlet.objects.create(slug=slug, name=slug.title()).staff.add(lin)
    return lin


def sign_in(page: Page, user: User, live_server) -> None:
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])


@NARROW
def test_a_prize_is_shown_scanned_chosen_and_checked_off(page: Page, award, clerk, entry_link, live_server, phone):
    page.goto(entry_link("ann", f"/h5/me/awards/{award.pk}/"))
    expect(page.get_by_role("img", name="QR code with the voucher number")).to_be_visible()
    assert page.evaluate(FAULTS) == []
    sign_in(page, clerk, live_server)
    page.goto(f"{live_server.url}/staff/check-off/{voucher_of(award.pk)}/")
    assert page.evaluate(FAULTS) == []
    page.get_by_role("button", name="West").click()
    expect(page.get_by_text("¥20 off when you spend ¥100")).to_be_visible()
    assert page.evaluate(FAULTS) == []
    page.get_by_role("button", name="Check off now").click()
    expect(page.locator(".verdict")).to_contain_text("Checked off")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert CheckOff.objects.get().outlet.slug == "west"
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("It was used already")


@NARROW
def test_the_camera_of_the_page_finds_the_award(page: Page, award, clerk, live_server, phone):
    Outlet.objects.get(slug="east").delete()
    sign_in(page, clerk, live_server)
    address = f"{live_server.url}/staff/check-off/"
    page.add_init_script(f"({READER})({address + voucher_of(award.pk) + '/'!r})")
    page.goto(address)
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.get_by_role("button", name="Check off now")).to_be_visible()
    page.goto(address)
    assert page.evaluate(FAULTS) == []


def test_it_works_without_scripts(browser: Browser, browser_context_args, award, clerk, live_server):
    context = browser.new_context(**browser_context_args | {"java_script_enabled": False})
    page = context.new_page()
    sign_in(page, clerk, live_server)
    page.goto(f"{live_server.url}/staff/check-off/")
    page.get_by_role("button", name="West").click()
    expect(page.get_by_role("button", name="Scan with the camera")).to_be_hidden()
    page.get_by_label("Voucher number or coupon code").fill(voucher_of(award.pk).lower())
    page.get_by_role("button", name="Look it up").click()
    page.get_by_role("button", name="Check off now").click()
    expect(page.locator(".verdict")).to_contain_text("Checked off")
    context.close()

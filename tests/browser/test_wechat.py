"""Within WeChat: one tap signs in, and what is sent to a friend is the right card. Outside: nothing of it."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from demo.fake_wechat import FakeWechat, Person
from members.models import Identity, Member
from members.wechat.signing import signature
from tests.browser import fair
from tests.campaigns import scenes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

ANDROID = "Mozilla/5.0 (Linux; Android 12; V2055A) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/"
WECHAT = pytest.mark.parametrize("phone", [{"user_agent": f"{ANDROID}8.0.47"}], ids=["wechat"])
OLD_WECHAT = pytest.mark.parametrize("phone", [{"user_agent": f"{ANDROID}6.6.1"}], ids=["old wechat"])
NEW = ["updateAppMessageShareData", "updateTimelineShareData"]
OLD = ["onMenuShareAppMessage", "onMenuShareTimeline"]


@pytest.fixture
def campaign(live_server):
    help_me = scenes.task("help", "assist", title="Help me", config={"helps": 2})
    return fair.open_fair(now=timezone.now(), tasks=[help_me], chains=[])


@pytest.fixture
def ann(campaign, fake_wechat: FakeWechat) -> Member:
    fake_wechat.switches.person = Person(nickname="Ann")
    member = Member.objects.get(uid="ann")
    Identity.objects.create(member=member, provider="wechat-openid", subject=fake_wechat.switches.person.openid)
    return member


def calls(page: Page, number: int) -> dict[str, dict]:
    """What the page asked of WeChat, once it has asked so often."""
    expect(page.locator("html")).to_have_attribute("data-wechat-calls", str(number))
    return dict(page.evaluate("wechatCalls"))


def is_signed(config: dict, page: Page, fake_wechat: FakeWechat) -> bool:
    nonce, moment = config["nonceStr"], config["timestamp"]
    address = page.url.partition("#")[0]
    return config["signature"] == signature(fake_wechat.ticket, nonce=nonce, timestamp=moment, url=address)


@WECHAT
def test_one_tap_signs_in_and_the_cards_are_the_right_ones(page: Page, ann, live_server, fake_wechat, phone):
    wanted = f"{live_server.url}/h5/c/fair/?from=singlemessage"
    page.goto(wanted)
    page.get_by_role("link", name="Sign in with WeChat").click()
    page.get_by_role("link", name="Allow").click()
    expect(page.get_by_role("heading", name="Milk fair")).to_be_visible()
    assert page.url == wanted

    told = calls(page, 4)
    assert is_signed(told["config"], page, fake_wechat)
    assert told["config"]["jsApiList"] == NEW + OLD
    card = told["updateAppMessageShareData"]
    assert (card["title"], card["desc"]) == ("Milk fair", "Finish tasks, turn the wheel")
    assert card["link"] == f"{live_server.url}/h5/c/fair/"
    assert page.request.get(card["imgUrl"]).headers["content-type"] == "image/png"
    assert told["updateTimelineShareData"] == {name: card[name] for name in ("title", "link", "imgUrl")}

    page.goto(f"{live_server.url}/h5/c/fair/t/help/")
    card = calls(page, 4)["updateAppMessageShareData"]
    assert (card["title"], card["desc"]) == ("A** asks for your help", "Milk fair · Help me")
    expect(page.get_by_text("Tap ··· at the top right")).to_be_visible()

    page.context.clear_cookies()
    page.goto(card["link"])
    expect(page.get_by_role("heading", name="A** asks for your help")).to_be_visible()
    assert calls(page, 4)["updateAppMessageShareData"]["link"] == card["link"]
    page.get_by_role("link", name="Sign in with WeChat").click()
    page.get_by_role("link", name="Deny").click()
    expect(page.get_by_role("heading", name="You have not signed in.")).to_be_visible()
    page.get_by_role("link", name="Sign in with WeChat").click()
    page.get_by_role("link", name="Allow").click()
    expect(page.get_by_text("This is your own link.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="A fake WeChat")).to_be_visible()
    page.get_by_role("link", name="Allow").click()
    expect(page.get_by_text("This is your own link.")).to_be_visible()


@OLD_WECHAT
def test_an_old_wechat_is_asked_in_the_old_way(page: Page, ann, live_server, fake_wechat, entry_link, phone):
    page.goto(entry_link("ann"))
    told = calls(page, 4)
    assert [name for name in told if name in NEW + OLD] == OLD
    assert told["onMenuShareAppMessage"]["link"] == f"{live_server.url}/h5/c/fair/"


def test_outside_of_wechat_there_is_nothing_of_it(page: Page, ann, live_server, fake_wechat, entry_link):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(f"{live_server.url}/h5/c/fair/")
    assert "wechat" not in answer.text().lower()
    answer = page.goto(entry_link("ann", "/h5/c/fair/t/help/"))
    page.wait_for_load_state("networkidle")
    assert "wechat" not in answer.text().lower()
    assert answer.headers["content-security-policy"].count("http://127.0.0.1") == 0
    assert [address for address in asked if "wechat" in address or str(fake_wechat.server_port) in address] == []
    assert not fake_wechat.asked

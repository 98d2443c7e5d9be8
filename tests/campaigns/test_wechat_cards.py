"""What a page is like when it is sent on within WeChat: whose link, in whose words, by which script."""

import re
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.share_links import address
from members.models import Member
from tests.campaigns.friends import enrol, link_of
from tests.campaigns.scenes import NOW, publish, task
from tests.campaigns.test_bargaining import TERMS
from tests.campaigns.test_pages import signed_in

pytestmark = pytest.mark.django_db
WECHAT = "Mozilla/5.0 Chrome/116 Mobile Safari/537.36 MicroMessenger/8.0.47"
BROWSERS = {"wechat": WECHAT, "other": "Chrome"}
CAMPAIGN = "/h5/c/autumn/"
TASKS = [
    task("check-in"),
    task("share", "share", config={"count": 1}),
    task("invite", "invite", config={"count": 2, "qualify": "enter"}, title="Bring <friends> & “more”"),
    task("help", "assist", config={"helps": 3}),
    task("cut", "bargain", config=TERMS),
    task("team", "team", config={"size": 3, "hours": 24}),
]


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ann(client, fake_wechat):
    publish(tasks=TASKS, name="Autumn", tagline="For all")
    ann = enrol("ann", name="安妮")
    signed_in(client, ann)
    return ann


def look(client, path, browser=WECHAT):
    return client.get(path, headers={"user-agent": browser, "accept-language": "en"})


def card(answer):
    tag = re.search(r"<script[^>]*wechat\.js[^>]*>", answer.content.decode())[0]
    return {name: unescape(value) for name, value in re.findall(r'data-(\w+)="([^"]*)"', tag)}


def script_sources(answer):
    return re.search(r"script-src ([^;]*)", answer["Content-Security-Policy"])[1]


@pytest.mark.parametrize("path", ["", "t/check-in/", "t/cut/"], ids=["campaign", "task", "a bargain not begun"])
def test_a_page_that_is_nobodys_leads_to_the_campaign(client, ann, path):
    shown = card(look(client, f"{CAMPAIGN}{path}"))
    assert (shown["title"], shown["desc"]) == ("Autumn", "For all")
    assert shown["link"] == f"http://testserver{CAMPAIGN}"
    assert shown["picture"].startswith("http://testserver/static/h5/share")
    assert shown["picture"].endswith(".png")


@pytest.mark.parametrize(
    ("key", "title"), [("invite", "安** invites you"), ("help", "安** asks for your help")], ids=["invite", "assist"]
)
def test_a_task_among_friends_leads_to_the_members_own_link(client, ann, key, title):
    shown = card(look(client, f"{CAMPAIGN}t/{key}/"))
    assert shown["title"] == title
    assert shown["desc"].startswith("Autumn · ")
    assert shown["link"] == f"http://testserver{address(link_of(ann, key))}"


def test_a_task_to_pass_the_campaign_on_leads_to_the_members_own_link(client, ann):
    shown = card(look(client, f"{CAMPAIGN}t/share/"))
    assert "/h5/s/" in shown["link"]
    assert shown["title"] == "安** shares this with you"


@pytest.mark.parametrize("key", ["cut", "team"])
def test_a_bargain_and_a_team_lead_to_their_links_once_begun(client, ann, key):
    client.post(f"{CAMPAIGN}t/{key}/", {"request_key": "k"})
    shown = card(look(client, f"{CAMPAIGN}t/{key}/"))
    assert "/h5/s/" in shown["link"]
    assert shown["title"].startswith("安** asks you to")


def test_a_friend_who_sends_a_link_on_sends_the_same_one(client, ann):
    link = address(link_of(ann, "invite"))
    client.cookies.clear()
    page = look(client, f"{link}?from=groupmessage&isappinstalled=0")
    shown = card(page)
    assert (shown["title"], shown["desc"]) == ("安** invites you", "Autumn · Bring <friends> & “more”")
    assert shown["link"] == f"http://testserver{link}"
    assert f'href="/h5/wechat/start/?next={link.replace("/", "%2F")}"' in page.content.decode()


def test_names_and_titles_are_texts(client, ann):
    Member.objects.filter(uid="ann").update(name='"><script>alert(1)</script>')
    page = look(client, f"{CAMPAIGN}t/invite/").content.decode()
    assert "<script>" not in page
    assert card(look(client, f"{CAMPAIGN}t/invite/"))["desc"] == "Autumn · Bring <friends> & “more”"


@pytest.mark.parametrize("path", [CAMPAIGN, f"{CAMPAIGN}t/invite/"])
def test_only_a_page_that_is_shared_may_run_wechats_script(client, ann, fake_wechat, path):
    assert script_sources(look(client, path)) == f"'self' {fake_wechat.url}"
    for page in (look(client, path, "Chrome"), look(client, "/h5/me/"), look(client, f"{CAMPAIGN}draw/")):
        assert script_sources(page) == "'self'"
    others = {name: look(client, path, browser)["Content-Security-Policy"] for name, browser in BROWSERS.items()}
    assert others["wechat"].replace(f" {fake_wechat.url}", "") == others["other"]


@pytest.mark.parametrize("agent", BROWSERS.values(), ids=BROWSERS)
def test_without_an_account_the_policy_is_the_strict_one(client, ann, settings, agent):
    settings.WECHAT_APP_ID = ""
    page = look(client, CAMPAIGN, agent)
    assert script_sources(page) == "'self'"
    assert "wechat" not in page.content.decode().lower()


def test_the_card_costs_the_page_no_query_and_no_word_with_wechat(client, ann, fake_wechat):
    look(client, CAMPAIGN)
    counted = []
    for browser in BROWSERS.values():
        with CaptureQueriesContext(connection) as queries:
            look(client, CAMPAIGN, browser)
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert not fake_wechat.asked

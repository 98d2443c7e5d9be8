"""The pictures of the operator's guide, made anew from the demo's shop in both languages.

They are left in PICTURES, else in .data/pictures/manual; `make manual-pictures` makes them and keeps them in docs/.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client, override_settings
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, override, pgettext
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Campaign
from config.roles import group_name
from demo import campaign, loading, planned, wednesday
from members.models import Member
from rewards.models import Budget, Gift, PrizePool
from segmentation.models import RfmModel, Segment
from tests import emptying
from tests.browser import looking
from tests.campaigns import scenes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.xdist_group("browser-manual"),
]

# A Friday afternoon, whenever this runs: the shop, and so its pictures, are the same each time.
NOW = datetime(2026, 11, 20, 15, tzinfo=ZoneInfo("Asia/Shanghai"))
MEMBERS = 300
DESK = {"width": 1366, "height": 768}
LARGEST = 120_000
KEY = re.compile(r"\b[a-z0-9]+(?:[-_][a-z0-9]+)+\b", re.IGNORECASE)
GUIDE = Path(settings.BASE_DIR) / "docs"
REASONS = {"zh-hans": "系统故障补偿", "en": "Sorry for yesterday's outage"}
PEOPLE = {"olivia": "operator", "rita": "reviewer", "felix": "finance", "sue": "support", "ada": "administrator"}
OPERATOR, REVIEWER, FINANCE, SUPPORT, ADMINISTRATOR = PEOPLE


def _nothing(_page: Page, _shop: dict[str, Any]) -> None:
    """The page is as it opens."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`shows` is a text of the page that has to be within the picture. `at` is what the picture begins with: the menu
    is cut off then, and else all of the window is shown. `before` is what is done on the page first."""

    name: str
    who: str
    address: str
    shows: str
    context: str = ""
    at: str = ""
    before: Callable[[Page, dict[str, Any]], None] = _nothing

    def words(self) -> str:
        said = pgettext(self.context, self.shows) if self.context else gettext(self.shows)
        return str(capfirst(said))


def _choose_audience(page: Page, _shop: dict[str, Any]) -> None:
    chooser = page.locator("details.audience").first
    chooser.locator("summary").click()
    with page.expect_response(lambda answer: "audience-count" in answer.url):
        chooser.locator("input[type=checkbox]").first.check()


def _two_members(page: Page, shop: dict[str, Any]) -> None:
    for number, uid in enumerate((shop["growth"], shop["paid"])):
        if number:
            page.locator(".preview-chooser > summary").click()
        page.locator("input[name=who][value=member]").check()
        page.locator("input[name=member]").fill(uid)
        page.locator("input[name=at_0]").fill(f"{NOW:%Y-%m-%d}")
        page.locator("input[name=at_1]").fill("20:00")
        page.locator("button[name=another]" if number else ".preview-form button.is-main").click()
        expect(page.locator(".preview-face")).to_have_count(number + 1)
    for number in range(2):
        expect(page.locator("iframe").nth(number).content_frame.locator(".preview-banner")).to_be_visible()


def _simulate(page: Page, _shop: dict[str, Any]) -> None:
    page.locator("#content input[type=number]").first.fill("2000")
    page.get_by_role("button", name=gettext("Simulate"), exact=True).click()


def _prepare_awards(page: Page, shop: dict[str, Any]) -> None:
    page.locator("[name=gift]").select_option(str(shop["points"]))
    page.locator("textarea[name=uids]").fill("\n".join([shop["growth"], shop["paid"]]))
    page.locator("[name=reason]").fill(REASONS[str(get_language())])


def _adjust(page: Page, shop: dict[str, Any]) -> None:
    page.locator("[name=unit]").select_option(index=1)
    page.locator("[name=reason]").fill(REASONS[str(get_language())])
    page.locator("[name=uid]").fill(shop["growth"])
    with page.expect_response(lambda answer: "preview" in answer.url):
        page.locator("[name=amount]").press_sequentially("50")
        page.locator("[name=reason]").focus()


CAMPAIGN = "/admin/campaigns/campaign/{campaign}/"
PICTURES = [
    Picture("home", ADMINISTRATOR, "/admin/", "Wants attention"),
    Picture("roles", ADMINISTRATOR, "/admin/roles/", "Administrator", "role", at="#content"),
    Picture("campaign-start", OPERATOR, "/admin/campaigns/campaign/build/", "From nothing"),
    Picture("campaign-audience", OPERATOR, CAMPAIGN + "build/audience/", "In short"),
    Picture("campaign-check", OPERATOR, CAMPAIGN + "build/check/", "Try it out before anybody sees it"),
    Picture(
        "audience-choice",
        OPERATOR,
        "/admin/campaigns/campaign/{scheduled}/build/audience/",
        "One of these levels",
        at="details.audience",
        before=_choose_audience,
    ),
    Picture("tasks", OPERATOR, CAMPAIGN + "build/tasks/", "Add a task"),
    Picture("chain", OPERATOR, CAMPAIGN + "build/tasks/", "All done", at=".build-chains, #chains"),
    Picture("pool", OPERATOR, "/admin/rewards/prizepool/{pool}/change/", "Fairness of draws"),
    Picture(
        "simulation",
        OPERATOR,
        "/admin/rewards/prizepool/{pool}/simulate/",
        "What to expect",
        at="#content",
        before=_simulate,
    ),
    Picture("preview", OPERATOR, CAMPAIGN + "preview/", "Another face or moment", before=_two_members),
    Picture("rehearsal", OPERATOR, CAMPAIGN + "rehearsal/", "Findings"),
    Picture("approvals", REVIEWER, "/admin/operations/approvalrequest/", "Waiting for me"),
    Picture("review", REVIEWER, "/admin/campaigns/campaign/{in_review}/review/", "What goes live"),
    Picture("running", OPERATOR, CAMPAIGN + "change/", "What participants meet"),
    Picture("revisions", OPERATOR, "/admin/campaigns/campaign/{weekly}/revisions/", "Roll back"),
    Picture("member", SUPPORT, "/admin/members/member/{member}/change/", "Reveal"),
    Picture("why", SUPPORT, CAMPAIGN + "why/{member}/", "Prize pools, asked in this order"),
    Picture("models", OPERATOR, "/admin/segmentation/segment/models/", "The eight RFM classes"),
    Picture(
        "segment",
        OPERATOR,
        "/admin/segmentation/segment/{segment}/change/",
        "Edit as JSON",
        at="fieldset:has(.rule-editor)",
    ),
    Picture("rfm", OPERATOR, "/admin/segmentation/rfmmodel/{rfm}/result/", "Classes"),
    Picture("awards", SUPPORT, "/admin/rewards/award/", "scope"),
    Picture("shipments", ADMINISTRATOR, "/admin/rewards/shipment/", "Import tracking numbers"),
    Picture("award-batch", OPERATOR, "/admin/rewards/awardbatch/add/", "Uids of the members", before=_prepare_awards),
    Picture("budget", FINANCE, "/admin/rewards/budget/{budget}/change/", "Won in draws"),
    Picture("adjustment", SUPPORT, "/admin/rewards/adjustment/add/", "after", "adjustment", before=_adjust),
    Picture("mall", OPERATOR, "/admin/rewards/mallitem/", "price in points"),
    Picture("list", OPERATOR, "/admin/members/member/", "Export"),
    Picture("export", OPERATOR, "/admin/members/member/list-export/", "The file is sent at once.", at="#content"),
    Picture("audit", ADMINISTRATOR, "/admin/operations/auditrecord/", "Export what is found (CSV)"),
    Picture("import", OPERATOR, "/admin/members/importrun/upload/", "Upload and check"),
]


def folder(language: str) -> Path:
    named = Path(os.environ.get("PICTURES") or Path(settings.BASE_DIR) / ".data" / "pictures" / "manual")
    made = named / language[:2]
    made.mkdir(parents=True, exist_ok=True)
    return made


def referred_to(language: str) -> set[str]:
    """Return the pictures that the pages of the guide in this language show."""
    pages = (GUIDE / language[:2] / "operators").glob("*.md")
    shown = re.compile(r"pictures/manual/" + language[:2] + r"/([^)\s]+)\)")
    return {name for page in pages for name in shown.findall(page.read_text("utf-8"))}


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[dict[str, Any]]:
    """The demo's shop, once for all pictures: they leave it as it is, but for a draft that no other picture shows."""
    data = override_settings(DATA_DIR=tmp_path_factory.mktemp("data"))
    with django_db_blocker.unblock(), data, time_machine.travel(NOW, tick=True), override("zh-hans"):
        assert connection.settings_dict["NAME"].startswith("test_")
        try:
            yield _open_shop()
        finally:
            emptying.empty()


def _open_shop() -> dict[str, Any]:
    loading.load(members=MEMBERS, language="zh-hans", now=NOW, step=lambda: None)
    live = Campaign.objects.get(slug=campaign.SLUG)
    # A second revision: there is something to roll back to. The pools of the other campaigns wait for an approval.
    weekly = Campaign.objects.get(slug=wednesday.SLUG)
    weekly.tagline += "！"
    weekly.save()
    scenes.publish_draft(weekly, by=User.objects.get(username="admin"), now=NOW)
    sessions = {}
    for name, role in PEOPLE.items():
        user = User.objects.create_user(name, f"{name}@example.com", is_staff=True)
        user.groups.add(Group.objects.get(name=group_name(role)))
        client = Client()
        client.force_login(user)
        sessions[name] = client.cookies["sessionid"].value
    newcomers = loading.newcomers()
    return newcomers | {
        "sessions": sessions,
        "campaign": live.pk,
        "weekly": weekly.pk,
        "scheduled": Campaign.objects.get(slug=planned.SCHEDULED).pk,
        "in_review": Campaign.objects.get(slug=planned.IN_REVIEW).pk,
        "member": Member.objects.get(uid=newcomers["growth"]).pk,
        "pool": PrizePool.objects.filter(current__isnull=False).order_by("pk")[0].pk,
        "segment": Segment.objects.get(slug="milk-newcomers").pk,
        "rfm": RfmModel.objects.order_by("pk")[0].pk,
        "budget": Budget.objects.filter(scope=f"campaign:{campaign.SLUG}").order_by("pk")[0].pk,
        "points": Gift.objects.filter(kind=Gift.Kind.POINTS).order_by("pk")[0].pk,
    }


@pytest.fixture(params=["zh-hans", "en"])
def language(request) -> Iterator[str]:
    """The screens' language, and the test's own. The shop is Chinese in both."""
    with override(request.param):
        yield request.param


@pytest.fixture
def desk(
    shop: dict[str, Any], language: str, server: LiveServer, browser: Browser
) -> Iterator[Callable[[str], BrowserContext]]:
    """Open a browser in which somebody with a role is signed in."""
    opened: dict[str, BrowserContext] = {}

    def open_for(who: str) -> BrowserContext:
        if who not in opened:
            context = browser.new_context(viewport=DESK, color_scheme="light", reduced_motion="reduce", locale="en-GB")
            cookies = {"sessionid": shop["sessions"][who], settings.LANGUAGE_COOKIE_NAME: language}
            context.add_cookies([{"name": key, "value": said, "url": server.url} for key, said in cookies.items()])
            opened[who] = context
        return opened[who]

    yield open_for
    for context in opened.values():
        context.close()


def _untranslated(page: Page) -> list[str]:
    """What stays English on a Chinese screen, but for what is written in English there: keys and rules as JSON."""
    said = [KEY.sub("", each) for each in looking.untranslated(page) if "{" not in each]
    return [each for each in said if looking.ENGLISH.search(each.removeprefix("English: "))]


def _take(page: Page, picture: Picture, path: Path) -> None:
    """Keep what the window shows; from `at` on and without the menu, where the picture names it."""
    kept: dict[str, Any] = {"path": path, "type": "jpeg", "animations": "disabled"}
    if picture.at:
        page.locator(picture.at).first.evaluate(
            "(each) => window.scrollTo(0, each.getBoundingClientRect().top + scrollY - 80)"
        )
        x = page.locator("#main").evaluate("(each) => each.getBoundingClientRect().x")
        kept["clip"] = {"x": x, "y": 0, "width": DESK["width"] - x, "height": DESK["height"]}
    expect(page.get_by_text(picture.words()).locator("visible=true").first).to_be_in_viewport()
    # A page full of small print takes more room than others.
    for quality in (75, 65, 55):
        page.screenshot(**kept, quality=quality)
        if path.stat().st_size <= LARGEST:
            return


def test_the_guide_shows_every_picture_and_no_other():
    names = [f"{picture.name}.jpg" for picture in PICTURES]
    assert len(names) == len(set(names))
    assert referred_to("en") == referred_to("zh-hans") == set(names)


def test_the_pictures_are_made(shop, language, desk, server):
    wrong = []
    for kept in folder(language).glob("*.jpg"):
        kept.unlink()
    for picture in PICTURES:
        context = desk(picture.who)
        watch, page = looking.Watch(context), context.new_page()
        path = folder(language) / f"{picture.name}.jpg"
        answer = page.goto(server.url + picture.address.format(**shop), wait_until="networkidle")
        assert answer is not None, picture.name
        assert answer.status == 200, picture.name
        picture.before(page, shop)
        _take(page, picture, path)
        faults = watch.complaints(page)
        if language == "zh-hans":
            faults += _untranslated(page)
        if path.stat().st_size > LARGEST:
            faults.append(f"{path.stat().st_size} bytes")
        wrong += [f"{picture.name}: {fault}" for fault in faults]
        page.close()
    assert not wrong, "\n".join(wrong)
    assert {path.name for path in folder(language).iterdir()} == referred_to(language)

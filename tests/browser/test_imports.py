"""The whole path of an import as an operator walks it, with and without JavaScript, in both languages."""

import re
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from members import importing
from members.models import ImportRun, Order
from operations import jobs
from operations.models import Job

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]

DESKTOP = {"viewport": {"width": 1366, "height": 900}, "is_mobile": False, "has_touch": False}
READERS = [
    pytest.param({"locale": "en-GB"}, id="en-phone"),
    pytest.param({"locale": "zh-CN", **DESKTOP}, id="zh-desktop"),
]
NO_SCRIPTS = [
    pytest.param({"locale": "zh-CN", "java_script_enabled": False}, id="zh-phone"),
    pytest.param({"locale": "en-GB", "java_script_enabled": False, **DESKTOP}, id="en-desktop"),
]
ROWS = 6


@pytest.fixture(autouse=True)
def small_slices(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(importing, "start", partial(importing.start, rows=2))


@pytest.fixture
def signed_in(page: Page, context: BrowserContext, live_server, db) -> Page:
    client = Client()
    client.force_login(User.objects.create_superuser("olga", "olga@example.com", "a password"))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    return page


@pytest.fixture
def orders(tmp_path):
    """A file as Excel saves it in China, with a row that cannot be read."""
    lines = [f"S-{number},u{number},2026-01-0{number},8{number}.80,微信" for number in range(1, ROWS)]
    path = tmp_path / "十一月订单.csv"
    path.write_bytes("\r\n".join(["订单号,会员号,支付时间,金额,来源", *lines, "S-9,u9,昨天,9,", ""]).encode("gb18030"))
    return path


def work(slices: int) -> None:
    for _ in range(slices):
        jobs.run(Job.objects.filter(state=Job.State.QUEUED, function=importing.SLICE_JOB).earliest("id").pk)


def upload(page: Page, server: str, path) -> None:
    page.goto(server + reverse("admin:members_importrun_upload") + "?kind=orders")
    page.locator("input[type=file]").set_input_files(path)
    page.locator("main form button[type=submit], .import-upload button[type=submit]").first.click()
    expect(page.locator(".import-sheet tbody tr")).to_have_count(ROWS)


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("phone", READERS)
def test_an_operator_imports_a_file_and_watches_it(signed_in: Page, live_server, orders, phone, complaints):
    page = signed_in
    upload(page, live_server.url, orders)
    expect(page.locator("html")).to_have_attribute("lang", re.compile(phone["locale"][:2]))
    assert page.locator("select[name=encoding]").input_value() == "gb18030"
    assert [each.input_value() for each in page.locator(".import-sheet thead select").all()] == [
        "order_id", "uid", "paid_at", "amount", "channel"
    ]  # fmt: skip
    expect(page.locator("td.fault")).to_contain_text("昨天")
    assert fits(page)
    # The choice of a column is checked as soon as it is made.
    page.locator("select[name=column-3]").select_option("")
    expect(page.locator(".import-required .absent")).to_have_count(1)
    expect(page.locator("button.import-start")).to_be_disabled()
    page.locator("select[name=column-3]").select_option("amount")
    expect(page.locator(".import-required .absent")).to_have_count(0)
    page.locator("button.import-start").click()
    bar = page.locator("#import-progress progress")
    expect(page.locator(".import-state-running")).to_be_visible()
    work(1)
    expect(bar).to_have_attribute("value", re.compile("^[3-5][0-9]$"))
    work(2)
    expect(page.locator(".import-state-done")).to_be_visible()
    expect(bar).to_have_attribute("value", "100")
    expect(page.locator(".import-figures dd")).to_have_text(["6", "5", "0", "0", "1"])
    assert fits(page)
    with page.expect_download() as download:
        page.locator("a.import-start").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert "支付时间" in text
    assert "S-9,u9,昨天,9," in text
    assert Order.objects.count() == 5


@pytest.mark.parametrize("phone", NO_SCRIPTS)
def test_all_of_it_works_without_javascript(signed_in: Page, live_server, orders, phone):
    page = signed_in
    upload(page, live_server.url, orders)
    page.locator("select[name=column-3]").select_option("")
    page.locator(".import-refresh").click()
    expect(page.locator(".import-required .absent")).to_have_count(1)
    page.locator("select[name=column-3]").select_option("amount")
    page.locator(".import-refresh").click()
    page.locator("button.import-start").click()
    expect(page.locator(".import-state-running")).to_be_visible()
    work(3)
    # The page loads itself again.
    expect(page.locator(".import-state-done")).to_be_visible()
    expect(page.locator(".import-figures dd")).to_have_text(["6", "5", "0", "0", "1"])


@pytest.mark.parametrize("phone", READERS)
def test_an_import_is_cancelled_after_asking(signed_in: Page, live_server, orders, phone, complaints):
    page = signed_in
    upload(page, live_server.url, orders)
    page.locator("button.import-start").click()
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.locator("button[data-confirm]").click()
    expect(page.locator(".import-state-cancelled")).to_be_visible()
    assert len(asked) == 1
    assert ImportRun.objects.get().state == "cancelled"


@pytest.mark.parametrize("phone", READERS)
def test_a_wrong_file_is_refused_on_the_spot(signed_in: Page, live_server, tmp_path, phone, complaints):
    path = tmp_path / "orders.xlsx"
    path.write_bytes(b"PK\x03\x04 a workbook")
    page = signed_in
    page.goto(live_server.url + reverse("admin:members_order_import_file"))
    assert page.locator("select[name=kind]").input_value() == "orders"
    page.locator("input[type=file]").set_input_files(path)
    page.locator(".import-upload button[type=submit]").click()
    expect(page.locator(".import-upload .errors")).to_contain_text("Excel")
    assert fits(page)

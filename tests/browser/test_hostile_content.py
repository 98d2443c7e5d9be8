"""The main pages with texts that try to be something else: no script runs, nothing is wider than the phone."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.campaigns import hostile

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]
NARROW = pytest.mark.parametrize("phone", [{"viewport": {"width": 360, "height": 740}}], ids=["360"])
# What sticks out, by its place in the page, for whoever has to find it.
WIDER = """() => document.documentElement.scrollWidth <= 360 ? [] : [...document.querySelectorAll('main *, header *')]
  .filter((each) => each.getBoundingClientRect().right > 361 && !each.closest('svg'))
  .map((each) => `${each.tagName}.${each.className} ${Math.round(each.getBoundingClientRect().right)}`).slice(0, 5)"""


@NARROW
def test_no_page_runs_a_script_or_is_wider_than_the_phone(page: Page, entry_link, live_server, phone):
    ann = hostile.open_campaign(now=timezone.now())
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    page.goto(entry_link(ann.uid))
    found = {}
    for address in hostile.pages(ann):
        page.goto(live_server.url + address)
        assert page.evaluate("typeof hacked") == "undefined", address
        if wider := page.evaluate(WIDER):
            found[address] = wider
    assert found == {}

"""A phone that loses its network, its visit, or an answer: the page says so, and nothing is lost or doubled."""

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Route, expect

from campaigns.models import Completion
from members.models import Member
from members.participants import COOKIE
from rewards.awards import grant_award
from rewards.models import Gift
from tests.browser import fair
from tests.campaigns import scenes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

WAVE = scenes.task("wave", title="Wave", period="times", times=9, config={})
AGAIN = "You had sent this before"


@pytest.fixture
def waves(live_server):
    """A campaign whose task may be done nine times, so that nothing but its form keeps it from being done twice."""
    return fair.open_fair(now=timezone.now(), tasks=[WAVE], chains=[])


def wait_for_worker(page: Page) -> None:
    # Ready says that it is there; what it keeps is there when it is active.
    page.evaluate(
        "navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated'"
        " || new Promise((done) => active.addEventListener('statechange', done, { once: true })))"
    )


def test_without_a_network_the_page_says_so_and_a_form_stays_where_it_is(
    page: Page, context: BrowserContext, waves, entry_link, live_server, complaints
):
    wave, task = page.get_by_role("button", name="Check in", exact=True), f"{live_server.url}/h5/c/fair/t/wave/"
    page.goto(entry_link("ann"))
    page.get_by_role("link", name="Wave", exact=True).click()
    wait_for_worker(page)
    page.reload()
    assert page.evaluate("navigator.serviceWorker.controller !== null")

    context.set_offline(True)
    expect(page.get_by_text("You are offline. What you did is kept.")).to_be_visible()
    wave.click()
    expect(page.get_by_text("Nothing was sent just now")).to_be_visible()
    assert page.url == task
    # Whoever does not believe it may send it all the same.
    wave.click()
    expect(page.get_by_text("The answer did not arrive.")).to_be_visible()
    context.set_offline(False)
    expect(page.get_by_text("You are offline")).to_be_hidden()
    wave.click()
    expect(page.get_by_text("Done! You received 10 points.")).to_be_visible()
    assert Completion.objects.count() == 1

    # A form that no script sends: the worker leads to its own page, and that back to the form.
    page.goto(f"{live_server.url}/h5/me/privacy/")
    context.set_offline(True)
    no = page.get_by_role("button", name="Do not pick offers for me")
    no.click()
    no.click()
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    expect(page.get_by_role("link", name="Go back")).to_be_visible()
    context.set_offline(False)
    expect(no).to_be_visible()

    context.set_offline(True)
    page.goto(f"{live_server.url}/h5/c/fair/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    context.set_offline(False)
    expect(page.get_by_role("heading", name="Milk fair")).to_be_visible()
    held = page.evaluate(
        "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((it) => it.keys()))))"
        ".then((all) => all.flat().map((each) => new URL(each.url).pathname))"
    )
    assert "/h5/offline/" in held
    assert [each for each in held if not each.startswith("/static/") and each != "/h5/offline/"] == []
    complaints[:] = [each for each in complaints if "htmx" not in each]


def test_a_tap_whose_answer_is_lost_is_not_a_second_one_on_the_page_that_is_loaded_anew(
    page: Page, context: BrowserContext, waves, entry_link, complaints
):
    page.goto(entry_link("ann", "/h5/c/fair/t/wave/"))
    wave = page.get_by_role("button", name="Check in", exact=True)

    def lose_the_answer(route: Route) -> None:
        route.fetch(max_redirects=0)
        # The fetch kept the cookies of the answer, which is lost with them.
        for name in ("answered", "messages"):
            context.clear_cookies(name=name)
        route.fulfill(status=504, content_type="text/html", body="<h1>The gateway gave up</h1>")

    page.route("**/t/wave/", lose_the_answer, times=1)
    task = page.url
    wave.click()
    expect(page.get_by_text("The answer did not arrive.")).to_be_visible()
    assert Completion.objects.count() == 1
    page.goto(task)

    wave.click()
    expect(page.get_by_text("Done! You received 10 points.")).to_be_visible()
    expect(page.get_by_text(AGAIN)).to_be_visible()
    assert Completion.objects.count() == 1
    wave.click()
    expect(page.get_by_text("Time 3 of 9")).to_be_visible()
    expect(page.get_by_text(AGAIN)).to_have_count(0)
    assert Completion.objects.count() == 2
    complaints[:] = [each for each in complaints if "504" not in each]


@pytest.mark.parametrize("phone", [{"java_script_enabled": False}], ids=["without-js"])
def test_a_visit_that_ends_while_a_form_is_filled_in(page: Page, context: BrowserContext, waves, entry_link, phone):
    gift = Gift.objects.create(slug="cup", name="A cup", kind="physical")
    award = grant_award(gift, Member.objects.get(uid="ann").pk, key="cup", source="Fair", now=timezone.now())
    page.goto(entry_link("ann", f"/h5/me/awards/{award.pk}/address/"))
    page.get_by_label("Recipient").fill("Wang Fang")
    context.clear_cookies(name=COOKIE)
    page.get_by_role("button", name="Send it here").click()

    expect(page.get_by_text("What you sent just now was not counted.")).to_be_visible()
    other = context.new_page()
    other.goto(entry_link("ann"))
    other.close()
    page.go_back()
    expect(page.get_by_label("Recipient")).to_have_value("Wang Fang")

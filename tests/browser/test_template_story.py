"""A campaign of the trade's own making: chosen, adapted, refused for its dates, mended, approved and live."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Campaign, ChainStep
from tests.browser.desks import Desk, MakeDesk, Mouse
from tests.browser.reviewing import approve, submit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser-admin"),
]


def choose(desk: Desk) -> Campaign:
    """From the home page to a draft of the template, with the dates of a month that is over."""
    say, press = desk.say, desk.press
    press(desk.page.get_by_role("link", name=say("Add %(name)s", name=say("campaign"))))
    press(desk.page.get_by_role("link", name="Chain that leads to an invitation"))
    for task in ("Check in", "Answer three questions", "Place an order"):
        expect(desk.page.locator("section[aria-labelledby=what]")).to_contain_text(task)
    today = timezone.localdate()
    desk.write("name", "Spring")
    desk.write("opens_at_0", (today - timedelta(days=30)).isoformat())
    desk.write("closes_at_0", (today - timedelta(days=1)).isoformat())
    desk.write("organiser", "The shop")
    desk.write("friends", "2")
    press(desk.button("Create the draft"))
    desk.sees("“%(campaign)s” is a draft with pools of its own.", campaign="Spring")
    return Campaign.objects.get()


def adapt(desk: Desk) -> None:
    """The steps hold what the template filled in: four tasks in a chain, a pool; the look is made the shop's own."""
    say, page, press = desk.say, desk.page, desk.press
    bar = page.get_by_role("navigation", name=say("Steps of the campaign"))
    press(bar.get_by_role("link", name=say("Tasks and chains", "step of the builder")))
    tasks = page.locator("section[aria-labelledby=tasks] .build-words a")
    expect(tasks).to_have_text(["Check in", "Answer three questions", "Invite 2 friends", "Place an order"])
    expect(page.locator("section[aria-labelledby=chains] h4")).to_have_text(["Four steps"])
    press(desk.button("Save and on to %(step)s", step=say("Prize pools", "step of the builder")))
    expect(page.locator(".build-words b")).to_have_text(["Lucky draw"])
    press(desk.button("Save and on to %(step)s", step=say("Look", "step of the builder")))
    desk.write("tagline", "Bring two friends")
    press(desk.button("Save and on to %(step)s", step=say("Check", "step of the builder")))


def mend(desk: Desk) -> None:
    """The check refuses a campaign that is over before it begins, and leads to its dates."""
    say, page, press = desk.say, desk.page, desk.press
    expect(page.locator("section[aria-labelledby=faults-audience]")).to_contain_text(
        say("The campaign's closing time is past.")
    )
    press(desk.link("Mend it in %(step)s", step=say("Audience", "step of the builder")))
    desk.write("closes_at_0", (timezone.localdate() + timedelta(days=30)).isoformat())
    press(desk.button("Save"))
    desk.sees("Saved in the draft.")
    bar = page.get_by_role("navigation", name=say("Steps of the campaign"))
    press(bar.get_by_role("link", name=say("Check", "step of the builder")))


def test_a_template_is_adapted_refused_mended_approved_and_live(desk: MakeDesk, live_server):
    olga = desk("olga", "operator", "en", Mouse)
    campaign = choose(olga)
    adapt(olga)
    mend(olga)
    olga.sees("Nothing is wrong: the draft can be published")
    olga.press(olga.link("On to %(step)s", step=olga.say("Publish", "step of the builder")))
    submit(olga, "As last year")

    approve(desk("rei", "reviewer", "en", Mouse), "Bring two friends")
    campaign.refresh_from_db()
    assert (campaign.state, campaign.current.number) == ("live", 1)
    assert [*ChainStep.objects.values_list("task__key", flat=True)] == ["check-in", "quiz", "invite", "order"]
    assert campaign.tasks.get(key="invite").config["count"] == 2

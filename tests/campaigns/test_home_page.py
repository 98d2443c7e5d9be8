"""The participant's home: which campaigns stand there, and what waits in them."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import playing, publishing
from campaigns.models import Campaign
from campaigns.theming import contrast, rgb
from rewards.chances import grant_chances
from tests.campaigns import scenes
from tests.campaigns.test_pages import signed_in

pytestmark = pytest.mark.django_db

HOME = "/h5/"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(scenes.NOW, tick=False):
        yield


@pytest.fixture
def ann():
    return scenes.make_member("ann", name="Ann")


@pytest.fixture
def visitor(client, ann, settings):
    settings.SECURE_SSL_REDIRECT = False
    return signed_in(client, ann)


def publish(slug, **changes):
    return scenes.publish(slug=slug, name=f"Campaign {slug}", **({"pools": []} | changes))


def home(visitor):
    return visitor.get(HOME).context["home"]


def slugs(cards):
    return [card.slug for card in cards]


def test_what_is_open_stands_there_and_what_is_for_others_does_not(visitor):
    scenes.make_level("paid")
    publish("mine")
    publish("others", audience={"levels": ["paid"]})
    shown = visitor.get(HOME)
    assert slugs(shown.context["home"].now) == ["mine"]
    assert "others" not in shown.content.decode()


def test_what_opens_soon_for_this_member_is_announced_what_is_far_off_is_not(visitor):
    for slug, days in (("soon", 3), ("far", 90)):
        opens = scenes.NOW + timedelta(days=days)
        window = {"opens_at": opens.isoformat(), "closes_at": (opens + timedelta(days=5)).isoformat()}
        publishing.publish(scenes.draft(slug=slug, pools=[], **window), by=None, now=scenes.NOW)
    assert slugs(home(visitor).soon) == ["soon"]


def test_where_something_waits_comes_first(visitor, ann):
    soonest = (scenes.NOW + timedelta(hours=1)).isoformat()
    publish("plain", closes_at=soonest)
    publish("claim", tasks=[scenes.task("gift", claim_mode="by_hand"), scenes.task("more")])
    playing.submit(ann, "claim", "gift", {}, now=scenes.NOW)
    first, second = home(visitor).now
    assert (first.slug, first.claimable, first.next_task) == ("claim", 1, "Task gift")
    assert (second.slug, second.claimable, second.begun) == ("plain", 0, False)
    page = visitor.get(HOME).content.decode()
    assert "1 reward to claim" in page


def test_chances_that_are_left_are_told(visitor, ann):
    publish("autumn", pools=[scenes.pool("everyone")])
    grant_chances(ann.pk, "campaign:autumn", count=2, key="start", now=scenes.NOW)
    assert "2 draw chances" in visitor.get(HOME).content.decode()


def test_a_pause_is_told_to_who_takes_part_and_to_nobody_else(visitor, ann):
    for slug in ("begun", "new"):
        publish(slug)
    playing.enrol(ann, "begun", now=scenes.NOW)
    Campaign.objects.update(state="paused")
    assert [(card.slug, card.paused) for card in home(visitor).now] == [("begun", True)]


def test_without_a_campaign_the_page_says_what_there_is_all_the_same(visitor):
    page = visitor.get(HOME).content.decode()
    assert "No campaign for you right now" in page
    assert "/h5/mall/" in page


def test_thirty_campaigns_take_as_many_statements_as_three(visitor):
    taken = {}
    for number in range(30):
        publish(f"c{number}")
        if number + 1 in {3, 30}:
            home(visitor)
            with CaptureQueriesContext(connection) as captured:
                assert len(home(visitor).now) == number + 1
            taken[number + 1] = len(captured)
    assert taken == {3: 2, 30: 2}


def test_each_campaign_has_its_colours_and_text_on_them_can_be_read(visitor):
    publish("red", colour="#d4380d")
    publish("pale", colour="#ffe58f")
    (address,) = re.findall(r"/h5/tones/[^\"]+\.css", visitor.get(HOME).content.decode())
    assert address == "/h5/tones/d4380d-ffe58f.css"
    sheet = visitor.get(address).content.decode()
    for key in ("d4380d", "ffe58f"):
        for rule in re.findall(rf"\.tone-{key}\{{([^}}]+)\}}", sheet):
            colours = dict(re.findall(r"--([\w-]+):#([0-9a-f]{6})", rule))
            assert contrast(rgb(colours["on-brand"]), rgb(colours["brand"])) >= 4.5


def test_mine_and_mall_lead_home_where_no_campaign_is_known(visitor):
    publish("autumn")
    without, within = (visitor.get(f"/h5/me/{query}").content.decode() for query in ("", "?c=autumn&t=d4380d"))
    assert 'href="/h5/"' in without
    assert "Back to my campaigns" in without
    assert "Back to the campaign" in within

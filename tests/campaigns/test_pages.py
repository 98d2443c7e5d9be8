"""The pages of a campaign as a participant's browser gets them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.http import HttpResponse
from django.test import RequestFactory

from campaigns import pausing, playing
from campaigns.models import Completion, Enrolment
from members.participants import sign_in
from rewards.chances import chances_left, grant_chances
from rewards.models import Draw, Gift
from segmentation import recomputing
from segmentation.models import Segment, Tag, TagGroup
from tests.campaigns import scenes

pytestmark = pytest.mark.django_db

HOME = "/h5/c/autumn/"
DRAW = HOME + "draw/"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(scenes.NOW, tick=False):
        yield


@pytest.fixture
def ann():
    return scenes.make_member("ann", name="Ann")


@pytest.fixture
def visitor(client, ann, settings):
    """Ann's browser, in English."""
    settings.SECURE_SSL_REDIRECT = False
    return signed_in(client, ann)


def signed_in(client, member):
    answer = HttpResponse()
    sign_in(answer, member, RequestFactory().get("/"))
    client.cookies.update(answer.cookies)
    client.cookies["django_language"] = "en"
    return client


def give_chances(member, count):
    grant_chances(member.pk, "campaign:autumn", count=count, key=f"start:{member.pk}", now=scenes.NOW)


def spin(visitor, key=None, **headers):
    return visitor.post(DRAW, {"request_key": key or str(uuid4())}, headers=headers)


# The campaign


def test_who_is_not_signed_in_is_told_how_to_get_in(client, settings):
    settings.SECURE_SSL_REDIRECT = False
    scenes.publish()
    for address in (HOME, DRAW, HOME + "t/check-in/", HOME + "draw/1/"):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "h5/entry_refused.html" in [template.name for template in answer.templates]


def test_a_campaign_that_is_not_there(visitor):
    answer = visitor.get("/h5/c/nothing/")
    assert answer.status_code == 404
    assert "There is no such campaign" in answer.text


def test_the_first_visit_enters_the_member(visitor, ann):
    scenes.publish()
    visitor.get(HOME)
    assert Enrolment.objects.get().member == ann


def test_before_a_draw_the_page_shows_what_the_law_asks_for(visitor):
    campaign = scenes.publish(rules="No more than one.\nThat is all.")
    for address in (HOME, DRAW):
        text = visitor.get(address).text
        assert campaign.organiser in text
        assert "100 points" in text
        assert "50%" in text
        assert "No more than one." in text
        assert "Points, growth value and draws are credited at once." in text
        assert 'datetime="2026-11-01T' in text


def test_tasks_of_other_members_are_not_shown(visitor):
    tasks = [scenes.task("mine"), scenes.task("gold", audience={"levels": ["gold"]})]
    scenes.make_level("gold")
    scenes.publish(tasks=tasks)
    text = visitor.get(HOME).text
    assert "Task mine" in text
    assert "Task gold" not in text
    assert "For members of this level: gold" in visitor.get(HOME + "t/gold/").text


@pytest.mark.parametrize(
    ("hours", "words"), [(-24 * 30, "This campaign has not begun yet."), (24 * 30, "This campaign is over.")]
)
def test_outside_its_window_a_campaign_shows_prizes_and_no_tasks(visitor, hours, words):
    scenes.publish()
    with time_machine.travel(scenes.NOW + timedelta(hours=hours), tick=False):
        answer = signed_in(visitor, scenes.make_member("bob")).get(HOME)
    assert answer.status_code == 200
    assert words in answer.text
    assert "100 points" in answer.text
    assert "Task check-in" not in answer.text
    assert not Enrolment.objects.exists()


def test_a_paused_campaign_says_so(visitor):
    pausing.pause(scenes.publish(), by=None, now=scenes.NOW)
    assert "This campaign is paused." in visitor.get(HOME).text


# Few queries, however many tasks


@pytest.mark.parametrize("count", [1, 12, 30])
def test_the_campaigns_page_takes_three_queries(visitor, count, django_assert_num_queries):
    gift = {"points": 5, "gift": "hundred-points"}
    scenes.publish(tasks=[scenes.task(f"t{number}", reward=gift) for number in range(count)])
    visitor.get(HOME)
    with django_assert_num_queries(3):  # member, facts with the revision, balances; names and prizes are kept
        assert visitor.get(HOME).status_code == 200


def test_the_draws_page_takes_two_queries(visitor, ann, django_assert_num_queries):
    scenes.publish()
    give_chances(ann, 1)
    visitor.get(HOME)
    with django_assert_num_queries(2):  # member, facts with the revision
        assert visitor.get(DRAW).status_code == 200


def test_a_gift_renamed_is_renamed_on_the_page(visitor):
    scenes.publish(tasks=[scenes.task("sign", reward={"gift": "hundred-points"})], chains=[])
    visitor.get(HOME)
    Gift.objects.filter(slug="hundred-points").update(name="A hundred of them")
    assert "A hundred of them" in visitor.get(HOME).text


def test_a_pages_parts_are_kept_in_each_language(visitor):
    scenes.publish()
    visitor.get(HOME)
    visitor.cookies["django_language"] = "zh-hans"
    assert "奖品与中奖概率" in visitor.get(HOME).text
    visitor.cookies["django_language"] = "en"
    assert "Prizes and odds" in visitor.get(HOME).text


def test_the_page_is_compressed_for_whoever_takes_it_so(visitor):
    scenes.publish()
    answer = visitor.get(HOME, headers={"accept-encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.content) < 10_000


# What comes first


def test_a_score_that_is_missing_is_told_and_one_that_is_over_is_not(visitor):
    tasks = [
        scenes.task("high", title="For those ahead", audience={"score_from": 50}),
        scenes.task("low", title="For those behind", audience={"score_below": 50}),
    ]
    scenes.publish(tasks=tasks, chains=[])
    page = visitor.get(HOME).text
    assert "Opens at a campaign score of 50: 50 more." in page
    assert "For those behind" in page
    Enrolment.objects.update(score=50)
    page = visitor.get(HOME).text
    assert "Opens at" not in page
    assert "For those behind" not in page


def test_tasks_stand_by_what_can_be_done_now(visitor, ann):
    tasks = [
        scenes.task("first", title="The first"),
        scenes.task("second", title="The second"),
        scenes.task("finished", title="The finished"),
    ]
    scenes.publish(tasks=tasks, chains=[])
    playing.submit(ann, "autumn", "finished", {}, now=scenes.NOW)
    page = visitor.get(HOME).text
    places = [page.index(words) for words in ("The first", "More you can do now", "The second", "Done and over")]
    assert places == sorted(places)
    assert page.index("The finished") > places[-1]


# Tasks


def test_a_check_in_ends_in_a_redirect_and_says_what_it_brought(visitor):
    scenes.publish()
    answer = visitor.post(HOME + "t/check-in/", {"next": "campaign"})
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    assert "Done! You received 10 points." in visitor.get(HOME).text


def test_a_second_check_in_is_told_and_gives_nothing(visitor):
    scenes.publish()
    for _time in range(2):
        answer = visitor.post(HOME + "t/check-in/")
        assert answer["Location"] == HOME + "t/check-in/"
    assert "You have already done this." in visitor.get(HOME).text
    assert Completion.objects.count() == 1


def test_right_answers_stay_on_the_server(visitor):
    pages = []
    for right in (0, 1):
        question = {"text": "Which is fresh?", "choices": ["this", "that"], "answer": right}
        scenes.publish(tasks=[scenes.task("quiz", "quiz", config={"questions": [question], "pass": 1})])
        page = visitor.get(HOME + "t/quiz/").text
        pages.append(re.sub(r'name="(csrfmiddlewaretoken|request_key)" value="[^"]+"', "", page))
    assert "Which is fresh?" in pages[0]
    assert pages[0] == pages[1]


def test_a_quiz_with_missing_answers_is_shown_again_with_what_was_chosen(visitor):
    scenes.publish(tasks=[scenes.task("quiz", "quiz")])
    answer = visitor.post(HOME + "t/quiz/", {"q1": "2"})
    assert answer.status_code == 422
    page, for_scripts, _after = re.split("</?template", answer.text)
    assert "Which is fresh?" in page
    assert "Which is new?" not in page
    assert all(part.count("Please answer every question.") == 1 for part in (page, for_scripts))
    assert 'type="hidden" name="q1" value="2"' in page
    assert re.search(r'name="q1" value="2" required checked', answer.text)


def test_a_claim_before_the_task_is_done_is_refused_in_words(visitor):
    scenes.publish(tasks=[scenes.task("check-in", claim_mode="by_hand")])
    visitor.post(HOME + "t/check-in/claim/", {"next": "campaign"})
    assert "Finish this task first, then claim its reward." in visitor.get(HOME).text


# The draw


def test_a_draw_without_javascript_leads_to_its_result(visitor, ann):
    scenes.publish()
    give_chances(ann, 1)
    answer = spin(visitor, accept="text/html")
    draw = Draw.objects.get()
    assert answer["Location"] == f"{DRAW}{draw.pk}/"
    assert draw.award.gift.name in visitor.get(answer["Location"]).text


def test_the_wheel_is_told_where_to_stop_and_the_next_key(visitor, ann):
    scenes.publish()
    give_chances(ann, 2)
    key = str(uuid4())
    told = spin(visitor, key, accept="application/json").json()
    assert told["prize"] == Draw.objects.get().prize
    assert told["chances"] == 1
    assert told["next_request_key"] != key
    assert "result" in told["html"]


def test_the_same_key_is_the_same_draw(visitor, ann):
    scenes.publish()
    give_chances(ann, 5)
    key = str(uuid4())
    assert len({spin(visitor, key)["Location"] for _time in range(3)}) == 1
    assert chances_left(ann.pk, "campaign:autumn") == 4


@pytest.mark.parametrize("key", ["x", "1234", "'; DROP TABLE", "\x00"])
def test_a_broken_key_draws_nothing(visitor, ann, key):
    scenes.publish()
    give_chances(ann, 1)
    assert spin(visitor, key)["Location"] == DRAW
    assert "Please draw again." in visitor.get(DRAW).text
    assert not Draw.objects.exists()


def test_without_a_chance_the_page_says_why_and_how_to_earn_one(visitor):
    scenes.publish(tasks=[scenes.task("check-in", reward={"chances": 1})])
    assert spin(visitor)["Location"] == DRAW
    text = visitor.get(DRAW).text
    assert "You have no draw chance left." in text
    assert "Earn another chance" in text


def test_anothers_result_is_not_shown(visitor, ann):
    scenes.publish()
    give_chances(ann, 1)
    result = spin(visitor)["Location"]
    other = signed_in(visitor, scenes.make_member("eve"))
    assert other.get(result).status_code == 404


# What holds for all of them


def test_pages_are_kept_by_no_cache_and_have_nothing_inline(visitor):
    scenes.publish(tasks=[scenes.task("check-in"), scenes.task("quiz", "quiz"), scenes.task("buy", "purchase")])
    for address in (HOME, DRAW, "/h5/me/", *(f"{HOME}t/{key}/" for key in ("check-in", "quiz", "buy"))):
        answer = visitor.get(address)
        assert "no-store" in answer["Cache-Control"]
        assert not re.search(r"<style|style=|<script(?! src)| on\w+=", answer.text), address


def test_the_colours_may_be_kept_for_ever(client, settings):
    settings.SECURE_SSL_REDIRECT = False
    answer = client.get("/h5/theme/0958d9.css")
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer["Cache-Control"]
    assert client.get("/h5/theme/0958d9;}.css").status_code == 404


def test_a_form_without_its_token_is_refused(ann, settings):
    from django.test import Client

    settings.SECURE_SSL_REDIRECT = False
    scenes.publish()
    strict = signed_in(Client(enforce_csrf_checks=True), ann)
    assert strict.post(HOME + "t/check-in/").status_code == 403
    assert not Completion.objects.exists()


UNTOLD = {
    "tag_group": {"tag_groups": ["vip"]},
    "tags_any": {"tags_any": ["vip.gold"]},
    "tags_all": {"tags_all": ["vip.gold"]},
    "segment": {"segments_in": ["spenders"]},
}


@pytest.mark.parametrize("audience", UNTOLD.values(), ids=UNTOLD)
def test_no_page_says_what_the_shop_thinks_of_a_member(visitor, ann, audience):
    Tag.objects.create(group=TagGroup.objects.create(slug="vip", name="VIP"), slug="gold", name="Gold")
    buyers = {"version": 1, "combinator": "and", "rules": [{"field": "orders.count", "operator": ">=", "value": 1}]}
    recomputing.recompute(Segment.objects.create(slug="spenders", name="Spenders", rule=buyers), now=scenes.NOW)
    scenes.publish(audience=audience)
    give_chances(ann, 1)

    told = [
        visitor.get(HOME).text,
        visitor.get(DRAW).text,
        visitor.post(HOME + "t/check-in/", follow=True).text,
        visitor.post(DRAW, {"request_key": str(uuid4())}, follow=True).text,
    ]

    assert all("for other members" in page for page in told[:2])
    for page in told:
        assert not re.search(r"segment|another tag|further tags|group of members|vip|spenders", page)

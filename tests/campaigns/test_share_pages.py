"""The page that a friend's link opens, for everyone who may come by it, and the same by the API."""

import re
from urllib.parse import quote

import pytest
import time_machine

from campaigns.models import Bargain, Campaign, Enrolment, Help, Invitation
from campaigns.share_links import ShareLink, address, seal
from rewards.models import Gift
from tests.campaigns.friends import answer, enrol, link_of
from tests.campaigns.scenes import CLOSES, DAY, NOW, make_level, make_member, publish, task
from tests.campaigns.test_api import Shop
from tests.campaigns.test_bargaining import TERMS
from tests.campaigns.test_pages import signed_in
from tests.members.test_entering import Shop as Door

pytestmark = pytest.mark.django_db
TASKS = [
    task("invite", "invite", config={"count": 2, "qualify": "enter", "friend": {"points": 3}}),
    task("help", "assist", config={"helps": 3, "helper_reward": {"points": 1}}),
    task("cut", "bargain", config=TERMS),
    task("team", "team", config={"size": 3, "hours": 24}),
]


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ann():
    publish(tasks=TASKS)
    return enrol("ann", name="安妮")


@pytest.fixture
def bob(client, settings):
    settings.SECURE_SSL_REDIRECT = False
    bob = make_member("bob", name="Bob")
    signed_in(client, bob)
    return bob


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize("key", ["invite", "help", "cut", "team"])
def test_a_friend_sees_who_asks_answers_by_one_tap_and_is_thanked(client, ann, bob, key):
    page = address(link_of(ann, key))
    before = client.get(page)
    assert before.status_code == 200
    assert "安**" in text_of(before)
    assert "安妮" not in before.content.decode()
    # To look changes nothing.
    assert not Enrolment.objects.filter(member=bob).exists()
    after = client.post(page, follow=True)
    assert after.redirect_chain == [(page, 302)]
    assert Enrolment.objects.filter(member=bob).exists()
    assert "Thank you!" in text_of(after) or "Welcome!" in text_of(after) or "You are in the team!" in text_of(after)
    assert 'method="post" data-once' not in after.content.decode()


def test_what_the_friend_received_is_said(client, ann, bob):
    assert "You received 3 points." in text_of(client.post(address(link_of(ann, "invite")), follow=True))


@pytest.mark.parametrize("key", ["invite", "help", "cut", "team"])
def test_the_page_of_the_task_has_the_link_its_qr_code_and_the_friends(client, ann, bob, key):
    token = link_of(ann, key)
    answer(bob, token, key)
    signed_in(client, ann)
    page = client.get(f"/h5/c/autumn/t/{key}/").content.decode()
    assert f"http://testserver{address(token)}" in page
    assert "<svg" in page
    assert "qr-code" in page
    assert "B**" in page
    assert "style=" not in page


@pytest.mark.parametrize(("key", "words"), [("cut", "Start the bargain"), ("team", "Found a team")])
def test_a_bargain_and_a_team_begin_with_a_tap(client, ann, key, words, settings):
    signed_in(client, ann)
    assert words in client.get(f"/h5/c/autumn/t/{key}/").content.decode()
    assert "/h5/s/" in client.post(f"/h5/c/autumn/t/{key}/", follow=True).content.decode()


def test_who_is_not_signed_in_is_told_how_to_enter(client, ann):
    page = address(link_of(ann, "help"))
    response = client.get(page, headers={"accept-language": "en"})
    assert response.status_code == 200
    assert "Open this link in the shop's app" in response.content.decode().replace("&#x27;", "'")
    assert client.post(page).status_code == 403
    assert not Help.objects.exists()


def test_the_shop_s_sign_in_is_told_to_come_back_to_the_link(client, ann, settings):
    settings.SHOP_SIGN_IN_URL = "https://shop.example/sign-in?to={next}"
    page = address(link_of(ann, "help"))
    assert f"https://shop.example/sign-in?to={quote(page, safe='')}" in client.get(page).content.decode()


def test_the_link_stays_through_signing_in(client, ann):
    page = address(link_of(ann, "help"))
    make_member("bob")
    response = client.get("/h5/enter/", {"token": Door().token(sub="bob", now=NOW), "next": page})
    assert response.headers["Location"] == page
    assert client.get(page).context["visitor"] == "friend"


def test_the_sharer_is_told_that_it_is_their_own(client, ann):
    signed_in(client, ann)
    page = address(link_of(ann, "help"))
    assert client.get(page).context["visitor"] == "sharer"
    assert "own link" in text_of(client.post(page, follow=True))


def test_an_altered_an_expired_and_a_foreign_link_have_a_page_each(client, ann, bob):
    enrolment = ann.enrolments.get().pk
    token = link_of(ann, "help")
    altered = token[:5] + ("A" if token[5] != "A" else "B") + token[6:]
    expired = seal(ShareLink(enrolment, "help", NOW))
    foreign = seal(ShareLink(enrolment, "gone", CLOSES))
    for each, status in ((altered, 400), (expired, 410), (foreign, 404), (seal(ShareLink(10**9, "help", CLOSES)), 404)):
        for response in (client.get(address(each)), client.post(address(each))):
            assert response.status_code == status
            assert "This link" in text_of(response)
            # Who was late is shown the way to the campaign.
            assert ("To the campaign" in text_of(response)) == (status == 410)


def test_a_task_that_has_no_links_is_not_opened_by_one(client, ann, bob):
    publish(slug="spring", tasks=[task("check-in")], pools=[])
    enrolment = Enrolment.objects.create(member=ann, campaign_id=_campaign("spring"), joined_at=NOW)
    assert client.get(address(seal(ShareLink(enrolment.pk, "check-in", CLOSES)))).status_code == 404


def _campaign(slug):
    return Campaign.objects.get(slug=slug).pk


def test_a_visitor_whom_the_campaign_does_not_admit_sees_why(client, bob):
    gold = make_level("gold")
    publish(tasks=TASKS, audience={"levels": ["gold"]})
    ann = enrol("ann", level=gold)
    page = address(link_of(ann, "help"))
    assert client.get(page).context["visitor"] == "refused"
    assert "members of another level" in text_of(client.post(page, follow=True))


def test_gifts_of_the_friend_are_named(client, bob):
    config = {"helps": 2, "helper_reward": {"gift": "mug"}}
    Gift.objects.create(slug="mug", name="A mug", kind="link", link="https://shop.example/")
    publish(tasks=[task("help", "assist", config=config)])
    page = address(link_of(enrol("ann"), "help"))
    assert "A mug" in text_of(client.get(page))
    assert "You received A mug." in text_of(client.post(page, follow=True))


def test_a_link_says_beforehand_why_nobody_can_answer_it_any_more(client, ann, bob):
    for key, friends in (("help", 3), ("team", 2), ("cut", TERMS["helps"])):
        token = link_of(ann, key)
        for number in range(friends):
            answer(make_member(f"{key}-{number}"), token, key)
        page = client.get(address(token))
        assert page.context["visitor"] == "late"
        assert "To the campaign" in text_of(page)
        assert 'method="post" data-once' not in page.text
        client.cookies.clear()
        unknown = client.get(address(token), headers={"accept-language": "en"})
        assert unknown.context["closed"]
        signed_in(client, bob)


def test_who_takes_part_already_is_told_so_before_they_tap(client, ann, bob):
    page = address(link_of(ann, "invite"))
    assert client.get(page).context["visitor"] == "friend"
    client.get("/h5/c/autumn/")
    assert "You take part already" in text_of(client.get(page))


def test_who_has_answered_is_led_to_a_turn_of_their_own(client, ann, bob):
    after = text_of(client.post(address(link_of(ann, "cut")), follow=True))
    assert "Now it is your turn" in after
    assert "Start my own bargain" in after


def test_a_shared_campaign_says_who_shares_it_and_leads_there(client, bob):
    publish(tasks=[task("pass-on", "share", config={"count": 1}), *TASKS])
    ann = enrol("ann", name="安妮")
    signed_in(client, ann)
    page = re.search(r"/h5/s/[\w-]+/", client.get("/h5/c/autumn/t/pass-on/").text)[0]
    assert client.get(page).context["visitor"] == "sharer"
    signed_in(client, bob)
    assert "安** shares this with you" in text_of(client.get(page))
    assert 'href="/h5/c/autumn/"' in client.get(page).text
    assert client.post(page).headers["Location"] == "/h5/c/autumn/"
    client.cookies.clear()
    assert client.get(page).context["visitor"] == "unknown"


def test_chats_find_a_title_a_text_and_a_picture_that_need_no_cookie(client, ann):
    page = address(link_of(ann, "help"))
    text = client.get(page, headers={"accept-language": "en"}).text
    found = dict(re.findall(r'<meta (?:name|property)="([\w:]+)" content="([^"]*)"', text))
    assert found["og:title"] == "安** asks for your help"
    assert found["og:description"] == found["description"] == "Task help · You get: 1 point"
    assert found["og:url"] == f"http://testserver{page}"
    assert client.get(found["og:image"].removeprefix("http://testserver")).headers["Content-Type"] == "image/jpeg"


HOSTILE = "\u202e<b>" + "🎉" * 90


def test_a_name_with_markup_or_without_letters_is_text_that_keeps_to_itself(client, ann, bob):
    page = address(link_of(ann, "help"))
    for name, shown in ((HOSTILE, "&lt;**"), ("\u200b\u202e", "A friend"), ("🎉" * 100, "🎉**")):
        ann.name = name
        ann.save()
        text = client.get(page).text
        assert f"<bdi>{shown}</bdi>" in text
        assert "\u202e" not in text
    ann.name = "\u202eשלום"
    ann.save()
    assert client.get(page).context["preview"].title == "\u2068ש**\u2069 asks for your help"


# By the API


@pytest.fixture
def call(client):
    shop, asked = Shop(client, "play"), iter(range(100))

    def submit(uid, key, payload):
        path = f"campaigns/autumn/members/{uid}/tasks/{key}/submit/"
        return shop.post(path, payload, key=f"key-{next(asked)}")

    return submit


def test_a_client_asks_for_the_link_and_answers_it_on_the_friend_s_behalf(ann, call):
    make_member("bob")
    link = call("ann", "cut", {})[1]["result"]["link"]
    told = call("bob", "cut", {"link": link.split("/")[3]})[1]["result"]
    assert told["answered"]
    assert told["of"] == 4
    assert Bargain.objects.get().helped == 1


def test_a_client_is_told_the_status_of_each_bad_link(ann, call):
    make_member("bob")
    enrolment = ann.enrolments.get().pk
    token = seal(ShareLink(enrolment, "help", CLOSES))
    expired, foreign = seal(ShareLink(enrolment, "help", NOW - DAY)), seal(ShareLink(enrolment, "cut", CLOSES))
    answers = [call("bob", "help", {"link": each}) for each in (token[:-1], expired, foreign, 7)]
    assert [status for status, _ in answers] == [400, 410, 404, 400]
    codes = ["link_altered", "link_expired", "link_unknown", "bad_submission"]
    assert [body["code"] for _, body in answers] == codes
    assert call("ann", "help", {"link": token})[1]["code"] == "own_link"
    assert call("bob", "help", {"link": token, "count": 9})[0] == 400
    assert [call("bob", "help", {"link": token})[0] for _ in range(2)] == [200, 409]
    assert Help.objects.count() == 1
    assert not Invitation.objects.exists()

"""A form of a participant's page that is sent again: the answer was lost, or the back button brought it back."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns import energy_drops, energy_rules, friends, playing
from campaigns.models import Completion, EnergyDrop, EnergyGain, Enrolment, MadeUpDay, Progress, Reservation, Submission
from campaigns.published import definition_of
from campaigns.share_links import address
from members.models import Member
from operations.models import IdempotencyKey
from rewards import ledger
from tests.campaigns import scenes
from tests.campaigns.friends import enrol, link_of
from tests.campaigns.offer_stories import publish_offer
from tests.campaigns.test_pages import signed_in
from tests.campaigns.test_share_pages import text_of

pytestmark = pytest.mark.django_db

HOME = "/h5/c/autumn/"
AGAIN = "You had sent this before: it counts once."
MAKE_UP = {"days_back": 3, "per_month": 3, "unit": "points", "price": 5}
ENERGY = {"sources": [{"event": "view", "amount": 40, "per_day": 9}], "steal": {"percent": 20, "keep": 50}}


@pytest.fixture(autouse=True)
def at_noon(settings):
    settings.SECURE_SSL_REDIRECT = False
    with time_machine.travel(scenes.NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def ann():
    return scenes.make_member("ann", name="Ann")


@pytest.fixture
def visitor(client, ann):
    return signed_in(client, ann)


def sent_twice(visitor, path, fields=None, keys=None):
    """What the pages say to which one form leads, the first time and the second."""
    one = str(uuid4())
    for key in keys or [one, one]:
        body = {"request_key": key, **(fields or {})}
        yield text_of(visitor.post(path, body, follow=True))


def test_a_task_of_several_times_is_done_once_by_one_form(visitor):
    scenes.publish(tasks=[scenes.task("wave", period="times", times=5)])

    first, second = sent_twice(visitor, HOME + "t/wave/")

    assert "Done! You received 10 points." in first
    assert "Done! You received 10 points." in second
    assert AGAIN not in first
    assert AGAIN in second
    assert Completion.objects.count() == 1


def test_the_next_page_s_form_is_another_time(visitor):
    scenes.publish(tasks=[scenes.task("wave", period="times", times=5)])

    assert AGAIN not in "".join(sent_twice(visitor, HOME + "t/wave/", keys=[str(uuid4()), str(uuid4())]))

    assert Completion.objects.count() == 2


@pytest.mark.parametrize("key", ["", "none", "1" * 500, "\0"])
def test_a_form_without_a_good_key_stands_for_itself(visitor, key):
    scenes.publish(tasks=[scenes.task("wave", period="times", times=5)])

    assert "Done!" in list(sent_twice(visitor, HOME + "t/wave/", keys=[key, key]))[1]

    assert Completion.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


def test_one_member_s_key_is_nothing_to_another(client, ann):
    scenes.publish(tasks=[scenes.task("wave", period="times", times=5)])
    key = str(uuid4())
    for member in (ann, scenes.make_member("bob")):
        signed_in(client, member).post(HOME + "t/wave/", {"request_key": key})

    assert Completion.objects.count() == 2


def test_what_was_refused_may_be_granted_to_the_same_form(visitor):
    scenes.publish(tasks=[scenes.task("one"), scenes.task("two")], chains=[scenes.chain("path", "one", "two")])
    key = str(uuid4())

    (refused,) = sent_twice(visitor, HOME + "t/two/", keys=[key])
    visitor.post(HOME + "t/one/", {})
    (done,) = sent_twice(visitor, HOME + "t/two/", keys=[key])

    assert "Done!" not in refused
    assert "Done!" in done


def test_an_attempt_at_a_quiz_is_one_and_other_answers_are_another(visitor):
    """The back button, other answers, and the page's old key: those answers count too, as the attempt they are."""
    scenes.publish(tasks=[scenes.task("quiz", "quiz", config=scenes.QUIZ | {"attempts": 3})])
    key = str(uuid4())

    wrong = {"request_key": key, "q0": "0", "q1": "2"}
    for _ in range(2):
        told = text_of(visitor.post(HOME + "t/quiz/", wrong, follow=True))
        assert "1 of 2 right" in told
    assert Progress.objects.get().data["attempts"] == 1

    told = text_of(visitor.post(HOME + "t/quiz/", wrong | {"q0": "1"}, follow=True))
    assert "Done!" in told
    assert AGAIN not in told


def test_points_are_drawn_once_and_both_answers_name_them(visitor):
    config = {"steps": [{"from": 1, "to": 10, "odds": 1_000_000}]}
    scenes.publish(tasks=[scenes.task("luck", "points_draw", period="times", times=9, reward={}, config=config)])

    first, second = sent_twice(visitor, HOME + "t/luck/")

    points = Progress.objects.get().data["points"]
    assert f"{points} point" in first
    assert f"{points} point" in second


def test_a_reward_is_claimed_once_and_told_twice(visitor, ann):
    scenes.publish(tasks=[scenes.task("wave", claim_mode="by_hand")])
    playing.submit(ann, "autumn", "wave", {}, now=scenes.NOW)

    for told in sent_twice(visitor, HOME + "t/wave/claim/", {"next": "campaign"}):
        assert "Done! You received 10 points." in told
    assert ledger.balances(ann.pk)["points"] == 10


def test_a_missed_day_is_paid_once_and_told_twice(visitor, ann):
    scenes.publish(tasks=[scenes.task("sign", period="daily", config={"make_up": MAKE_UP})])
    ledger.post_entry(ann.pk, "points", amount=7, key="gift", reason="gift", now=scenes.NOW)

    for told in sent_twice(visitor, HOME + "t/sign/make-up/", {"day": "2026-11-10"}):
        assert "Done! You received 10 points." in told
    assert MadeUpDay.objects.count() == 1
    assert ledger.balances(ann.pk)["points"] == 12


@pytest.fixture
def bob(ann, monkeypatch, at_noon):
    """Ann's friend. Both have two drops of energy that are ripe now."""
    scenes.publish(features={"energy": ENERGY})
    bob = scenes.make_member("bob", name="Bob")
    rules = energy_rules.parse(ENERGY)
    for member in (ann, bob):
        playing.enrol(member, "autumn", now=scenes.OPENS)
        own = Enrolment.objects.get(member=member)
        for key in ("a", "b"):
            fact = {"key": key, "happened_at": scenes.NOW, "now": scenes.NOW}
            energy_drops.produce(definition_of("autumn"), rules, own.pk, rules.sources["event:view"], **fact)
    monkeypatch.setattr(friends, "_known", [lambda member, _campaign: {ann.pk: [bob.pk], bob.pk: [ann.pk]}[member]])
    at_noon.shift(timedelta(days=2))
    return bob


def test_energy_is_collected_once_and_each_drop_of_a_page_is_a_form_of_its_own(client, ann, bob):
    mine, other = EnergyDrop.objects.filter(enrolment__member=ann)
    visitor, key = signed_in(client, ann), str(uuid4())

    for drop in (mine, mine, other):
        page = visitor.post(HOME + "energy/collect/", {"request_key": key, "drop": drop.pk}, follow=True)
        assert "You collected 40." in text_of(page)
    assert EnergyGain.objects.filter(by__member=ann).count() == 2


def test_energy_is_taken_from_a_friend_once_and_told_twice(client, ann, bob):
    theirs = Enrolment.objects.get(member=bob).pk
    drop = EnergyDrop.objects.filter(enrolment=theirs).first()

    for told in sent_twice(signed_in(client, ann), f"{HOME}energy/f/{theirs}/steal/", {"drop": drop.pk}):
        assert "You took 8." in told
    assert EnergyGain.objects.filter(by__member=ann).count() == 1


def test_an_offer_is_reserved_once_and_told_twice(visitor):
    publish_offer("flash", link="https://shop.example/milk")

    for told in sent_twice(visitor, HOME + "o/milk/", {"quantity": "1"}):
        assert "Reserved for you." in told
    assert Reservation.objects.count() == 1


def test_a_friend_helps_once_and_is_thanked_twice(client):
    scenes.publish(tasks=[scenes.task("help", "assist", config={"helps": 3, "helper_reward": {"points": 1}})])
    page = address(link_of(enrol("ann", name="Ann"), "help"))
    bob = scenes.make_member("bob")

    for told in sent_twice(signed_in(client, bob), page):
        assert "You received 1 point." in told
    assert ledger.balances(bob.pk)["points"] == 1


def test_a_choice_sent_again_by_an_old_tab_does_not_undo_a_later_one(visitor, ann):
    privacy, old = "/h5/me/privacy/", {"request_key": str(uuid4()), "profiling": "refuse"}
    visitor.post(privacy, old)
    visitor.post(privacy, {"request_key": str(uuid4()), "profiling": "allow"})

    visitor.post(privacy, old)

    assert Member.objects.get().profiling_refused_at is None


def test_what_is_handed_in_is_told_apart_by_the_file_too(visitor):
    scenes.publish(tasks=[scenes.task("proof", "proof", config={"picture": "required"})])
    key = str(uuid4())
    for content in (b"no picture", b"no picture either"):
        file = SimpleUploadedFile("photo.jpg", content)
        answer = visitor.post(HOME + "t/proof/", {"request_key": key, "picture": file})
        assert answer.status_code == 422
    assert not Submission.objects.exists()


def test_the_cookie_names_the_last_forms_of_all_tabs_and_nothing_else(visitor):
    scenes.publish(tasks=[scenes.task("wave", period="times", times=20)])
    visitor.cookies["answered"] = "not-a-key"
    keys = [str(uuid4()) for _ in range(10)]
    for key in [*keys, keys[-1]]:
        visitor.post(HOME + "t/wave/", {"request_key": key})
    assert visitor.cookies["answered"].value.split(".") == keys[:1:-1]

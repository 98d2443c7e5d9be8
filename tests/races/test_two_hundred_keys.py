"""Two hundred Idempotency-Keys, each sent thirty times at once: one effect and one answer each."""

import json
from threading import local

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Completion
from operations.api_keys import create_api_key
from rewards import chances, ledger
from rewards.awards import grant_award
from rewards.models import Award, Chances, CheckOff, Draw, Entry, MallItem, MallOrder
from tests.campaigns import scenes
from tests.races.together import Crowd
from tests.rewards.build import books_are_right, coupon, gift, members

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
EACH = 50
REPEATS = 30
START, PRICE = 1_000, 7
_mine = local()


@pytest.fixture
def people():
    """Fifty members, each with a chance, points, and an award to use."""
    window = {"opens_at": "2020-01-01T00:00:00Z", "closes_at": "2099-01-01T00:00:00Z"}
    scenes.publish(tasks=[scenes.task("quiz", "quiz")], **window)
    made, now = members(EACH), timezone.now()
    milk = coupon("milk", EACH)
    for member in made:
        chances.grant_chances(member.pk, "campaign:autumn", count=5, key=f"start:{member.pk}", now=now)
        ledger.post_entry(member.pk, "points", amount=START, key=f"start:{member.pk}", reason="test", now=now)
        grant_award(milk, member.pk, key=f"milk:{member.pk}", source="test", now=now)
    cup = gift("cup", "link", link="https://shop.example/")
    MallItem.objects.create(slug="cup", gift=cup, price=PRICE, state="on_sale", stock=10 * EACH)
    return made


def requests_of(member) -> dict[str, tuple[str, dict, int]]:
    """Return what is asked for one member: name → address, body, status."""
    mine = f"/api/v1/campaigns/autumn/members/{member.uid}"
    award = Award.objects.get(key=f"milk:{member.pk}")
    return {
        "draw": (f"{mine}/draws/", {}, 201),
        "task": (f"{mine}/tasks/quiz/submit/", scenes.RIGHT, 200),
        "mall": (f"/api/v1/mall/items/cup/members/{member.uid}/orders/", {"price": PRICE}, 201),
        "redeem": (f"/api/v1/awards/{award.pk}/redeem/", {}, 200),
    }


def test_each_of_two_hundred_keys_sent_thirty_times_at_once_has_one_effect_and_one_answer(people):
    key = create_api_key("shop", ["play", "rewards"])[1]
    asked = [(name, *what) for member in people for name, what in requests_of(member).items()]
    assert len(asked) == 200

    def post(number):
        name, address, body, _status = asked[number]
        headers = {"Authorization": f"Api-Key {key}", "Idempotency-Key": f"{name}-{number}"}
        return client().post(address, json.dumps(body), content_type="application/json", headers=headers)

    with Crowd(REPEATS) as crowd:
        for number, (_name, address, _body, status) in enumerate(asked):
            answers = crowd.each(post, [number] * REPEATS)
            assert [each for each in answers if isinstance(each, Exception)] == []
            assert {each.status_code for each in answers} == {status}, (address, answers[0].content)
            assert len({each.content for each in answers}) == 1, address
            assert sum("Idempotency-Replayed" not in each for each in answers) == 1, address
    assert has_one_effect_each()
    assert books_are_right()


def client() -> Client:
    """The client of this thread: each loads the middleware, which looks through all static files."""
    if not hasattr(_mine, "client"):
        _mine.client = Client()
    return _mine.client


def has_one_effect_each() -> bool:
    assert sum(Chances.objects.values_list("used", flat=True)) == EACH
    assert [each.objects.count() for each in (Draw, Completion, MallOrder, CheckOff)] == [EACH] * 4
    assert Award.objects.filter(state=Award.State.REDEEMED).count() == EACH
    spent = Entry.objects.filter(amount=-PRICE).count()
    rewarded = Entry.objects.filter(amount=10).count()
    assert (spent, rewarded) == (EACH, EACH)
    return True

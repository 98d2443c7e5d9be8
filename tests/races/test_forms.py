"""One form of a participant's page, sent twenty times at once by their browser."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from campaigns.models import Completion
from operations.models import IdempotencyKey
from rewards.ledger import balances
from tests.campaigns import scenes
from tests.campaigns.test_pages import signed_in
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

WINDOW = {"opens_at": "2020-01-01T00:00:00Z", "closes_at": "2099-01-01T00:00:00Z"}
TAPS = 20


def test_a_form_sent_twenty_times_at_once_has_one_effect_and_tells_it_twenty_times(settings):
    settings.SECURE_SSL_REDIRECT = False
    scenes.publish(tasks=[scenes.task("wave", period="times", times=TAPS)], **WINDOW)
    ann, key = scenes.make_member(), str(uuid4())
    browsers = [signed_in(Client(), ann) for _ in range(TAPS)]
    # Enters: what is raced for is the task.
    browsers[0].get("/h5/c/autumn/")

    def tap(number: int) -> str:
        return browsers[number].post("/h5/c/autumn/t/wave/", {"request_key": key}, follow=True).content.decode()

    pages = at_once(TAPS, tap)

    assert all(re.search(r"Done! You received 10 points\.", page) for page in pages)
    assert sum("You had sent this before" in page for page in pages) == TAPS - 1
    assert Completion.objects.count() == 1
    assert balances(ann.pk)["points"] == 10
    assert IdempotencyKey.objects.count() == 1

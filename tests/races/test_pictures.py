"""A picture is taken up again at the very moment in which the unused ones are forgotten."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from operations import pictures
from operations.models import Picture
from rewards.models import Gift
from tests.images import image
from tests.races.together import Crowd

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
ROUNDS = 30


def test_a_picture_that_a_gift_takes_up_stays_or_the_gift_does_not_get_it():
    gift = Gift.objects.create(slug="mug", name="Mug", kind="physical")
    content = image((8, 4))

    def act(number):
        if number % 4 == 0:
            return pictures.forget_unused(now=LATER)
        with transaction.atomic():
            held = pictures.hold(reference, now=LATER)
            if held:
                Gift.objects.filter(pk=gift.pk).update(picture=reference)
            return held

    with Crowd(8) as crowd:
        for _round in range(ROUNDS):
            Gift.objects.update(picture="")
            Picture.objects.all().delete()
            reference = str(pictures.keep(content, now=NOW))
            done = crowd.each(act, range(8))
            assert not [each for each in done if isinstance(each, Exception)]
            named = Gift.objects.get().picture
            assert Picture.objects.filter(digest=named[:32]).exists() is bool(named)

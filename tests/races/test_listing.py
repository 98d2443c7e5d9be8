"""A list of members that is taken in while one of them is erased."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import transaction

from members.models import Member
from rewards import listing, privacy_sections
from rewards.models import PrizePool
from tests.races.together import at_once
from tests.rewards.build import NOW, members, pool

pytestmark = pytest.mark.django_db(transaction=True)


def put(draft, *uids):
    return listing.list_members(draft, uids, kind="black", prize="", reason="Staff", by=None, now=NOW)


def test_a_list_and_an_erasure_do_not_wait_for_each_other_in_a_circle(monkeypatch):
    _first, second = members(2)
    put(PrizePool.objects.create(slug="other", name="Other"), "m1")
    draft, door, record = pool(), Barrier(2), listing._record

    def meet():
        # Whoever waits for the other already does not come.
        with suppress(BrokenBarrierError):
            door.wait(timeout=1)

    def record_and_meet(*arguments, **options):
        record(*arguments, **options)
        meet()

    monkeypatch.setattr(listing, "_record", record_and_meet)

    def work(index):
        if index == 0:
            return put(draft, "m0", "m1")
        with transaction.atomic():
            member = Member.objects.select_for_update().get(pk=second.pk)
            meet()
            return privacy_sections.unlist(member, NOW)

    assert [each for each in at_once(2, work) if isinstance(each, Exception)] == []

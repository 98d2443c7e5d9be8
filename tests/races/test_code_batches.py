"""Codes that come in from several sides at once, and while they are claimed, shown and taken back."""

import random

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from rewards import code_batches, codes
from rewards.awards import grant_award, usable_awards
from rewards.models import Award, CodeBatch, CouponCode
from rewards.reversing import reverse_award
from tests.races.together import Crowd
from tests.rewards.build import NOW, books_are_right, coupon, members

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_list_imported_by_eight_in_different_orders_adds_each_code_once():
    voucher = coupon("voucher", codes=0)
    lines = [f"CODE-{number}" for number in range(2_000)]

    def bring(number):
        mixed = random.Random(number).sample(lines, len(lines))
        return codes.import_codes(voucher, mixed, by=None, now=NOW)

    with Crowd(8) as crowd:
        results = crowd.each(bring, range(8))
    assert sum(each.added for each in results) == voucher.codes.count() == 2_000
    assert all(each.added + each.known == 2_000 for each in results)


def test_one_file_read_by_two_workers_at_once_adds_each_code_once(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    voucher = coupon("voucher", codes=0)
    content = "\n".join(f"CODE-{number}" for number in range(3_000)).encode()
    batches = [
        code_batches.begin_import(voucher, ContentFile(content, name="codes.txt"), by=None, now=NOW) for _ in range(2)
    ]

    def work(number):
        # Each batch by three workers: two of them come too late, or find that it went on.
        batch = batches[number % 2]
        while (now := CodeBatch.objects.get(pk=batch.pk)).state == "running":
            code_batches.work(batch.pk, position=now.position, most=500, now=timezone.now())

    with Crowd(6) as crowd:
        crowd.each(work, range(6))
    for batch in batches:
        batch.refresh_from_db()
    assert [(batch.state, batch.added + batch.known) for batch in batches] == [("done", 3_000)] * 2
    assert sum(batch.added for batch in batches) == voucher.codes.count() == 3_000


def test_a_code_shown_as_it_is_taken_back_is_either_shown_or_free_never_both():
    voucher = coupon("voucher", codes=20)
    people = members(20)
    awards = [grant_award(voucher, each.pk, key=f"k{each.pk}", source="test", now=NOW) for each in people]

    def act(number):
        member, award = people[number // 2], awards[number // 2]
        if number % 2:
            reverse_award(award.pk, by=None, reason="race", now=NOW)
            return None
        held = usable_awards(member.pk, now=NOW).select_related("coupon_code")
        return list(codes.show_to_owner(held, now=NOW).values())

    with Crowd(40) as crowd:
        seen = crowd.each(act, range(40))
    shown = {code for each in seen[::2] for code in each if code}
    free = {code.code for code in CouponCode.objects.filter(award=None)}
    assert not shown & free
    assert len(shown | free) == 20
    assert Award.objects.filter(state="reversed").count() == 20
    assert books_are_right()

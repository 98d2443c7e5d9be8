"""Many hands set tags of one exclusive group at once: exactly one stays on each member."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from members.models import Member
from segmentation.models import MemberTag, Tag, TagGroup
from segmentation.tagging import set_tag
from tests.segmentation.people import NOW

HANDS = 20
ROUNDS = 4


@pytest.mark.django_db(transaction=True)
def test_one_tag_of_an_exclusive_group_stays_on_each_member():
    ids = [member.pk for member in Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(25))]
    group = TagGroup.objects.create(slug="power", name="Power", exclusive=True)
    tags = [Tag.objects.create(group=group, slug=f"t{n}", name=f"T{n}") for n in range(HANDS)]
    for _ in range(ROUNDS):
        MemberTag.objects.all().delete()
        start = Barrier(HANDS)

        def set_one(number: int, start: Barrier = start) -> None:
            # Each hand names the members in another order, so that only locks taken in order keep them apart.
            chosen = ids[number:] + ids[:number]
            try:
                start.wait()
                set_tag(chosen if number % 2 else chosen[::-1], tags[number], source="hand", now=NOW)
            finally:
                connection.close()

        with ThreadPoolExecutor(HANDS) as hands:
            list(hands.map(set_one, range(HANDS)))
        carried = list(MemberTag.objects.order_by("member").values_list("member", flat=True))
        assert carried == ids

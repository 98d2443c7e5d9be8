"""Recomputations of one segment take turns: nobody enters twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from members.models import Member
from segmentation import recomputing
from segmentation.models import Segment
from tests.segmentation.people import NOW

WORKERS = 6


@pytest.mark.django_db(transaction=True)
def test_members_enter_a_segment_once_however_many_workers_recompute_it():
    Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(50))
    rule = {"version": 1, "combinator": "and", "rules": [{"field": "level", "operator": "is_null"}]}
    segment = Segment.objects.create(slug="all", name="All", rule=rule)
    start = Barrier(WORKERS)

    def recompute(_: int) -> int:
        mine = Segment.objects.get(pk=segment.pk)
        try:
            start.wait()
            return recomputing.recompute(mine, now=NOW).entered or 0
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as workers:
        entered = list(workers.map(recompute, range(WORKERS)))
    assert sorted(entered) == [0, 0, 0, 0, 0, 50]
    assert segment.runs.values("members").distinct().count() == 1

"""Sets of members survive storage, whatever their ids, and never change."""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from segmentation import member_sets
from segmentation.models import MemberSet, MemberSetChunk

pytestmark = pytest.mark.django_db
BORDER = 1 << 20


@pytest.mark.parametrize(
    "ids",
    [
        [],
        [0],
        [BORDER - 1],
        [BORDER],
        [BORDER - 1, BORDER],
        [5, 3 * BORDER + 7, 2**32 - 1],
        range(0, 3 * BORDER, 3),
    ],
)
def test_a_set_comes_back_as_it_was_stored(ids):
    stored = member_sets.store(BitMap(ids))
    assert stored.size == len(ids)
    assert member_sets.load(stored.pk) == BitMap(ids)


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, 5 * BORDER), max_size=30))
def test_any_set_comes_back_as_it_was_stored(ids):
    with transaction.atomic():
        stored = member_sets.store(BitMap(ids))
        assert set(member_sets.load(stored.pk)) == ids
        assert all(member_sets.holds(stored.pk, each) for each in ids)


def test_one_member_is_told_from_one_chunk(django_assert_num_queries):
    stored = member_sets.store(BitMap([1, BORDER + 2]))
    assert member_sets.holds(stored.pk, 1)
    assert member_sets.holds(stored.pk, BORDER + 2)
    assert not member_sets.holds(stored.pk, 7 * BORDER)
    with django_assert_num_queries(0):
        assert not member_sets.holds(stored.pk, 2)
        assert not member_sets.holds(stored.pk, BORDER + 1)
        assert not member_sets.holds(stored.pk, 7 * BORDER + 9)


def test_a_set_that_is_gone_is_an_error_not_a_silent_no():
    stored = member_sets.store(BitMap([1]))
    stored.delete()
    with pytest.raises(MemberSet.DoesNotExist):
        member_sets.holds(stored.pk, 1)
    with pytest.raises(MemberSet.DoesNotExist):
        member_sets.load(stored.pk)


def test_the_database_refuses_to_change_a_set():
    stored = member_sets.store(BitMap([1]))
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        MemberSetChunk.objects.filter(member_set=stored).update(bitmap=b"")
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        MemberSet.objects.filter(pk=stored.pk).update(size=2)

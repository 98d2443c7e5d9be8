"""The live stock of a prize, in rows that draws do not all wait for."""

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rewards.models import PrizePool, PrizeStock
from rewards.prize_stocks import StockBelowIssued, even_shares, set_stock
from tests.rewards.build import pool

pytestmark = pytest.mark.django_db


def rows():
    return list(PrizeStock.objects.order_by("slice").values_list("stock", "issued"))


def issue(slice_, count):
    PrizeStock.objects.filter(slice=slice_).update(issued=count)


@pytest.mark.parametrize(("total", "parts", "shares"), [(10, 1, [10]), (10, 4, [3, 3, 2, 2]), (2, 4, [1, 1, 0, 0])])
def test_shares_differ_by_one_at_most(total, parts, shares):
    assert even_shares(total, parts) == shares


def test_a_stock_is_spread_over_its_slices():
    set_stock(pool(), "gold", stock=10, slices=4)
    assert rows() == [(3, 0), (3, 0), (2, 0), (2, 0)]


def test_what_is_left_is_spread_anew_and_what_was_issued_stays_where_it_was():
    draft = pool()
    set_stock(draft, "gold", stock=12, slices=3)
    issue(0, 4)
    set_stock(draft, "gold", stock=10, slices=3)
    assert rows() == [(6, 4), (2, 0), (2, 0)]


def test_fewer_slices_keep_the_sum_and_the_rows_that_issued():
    draft = pool()
    set_stock(draft, "gold", stock=12, slices=4)
    issue(3, 2)
    set_stock(draft, "gold", stock=12, slices=1)
    assert rows() == [(10, 0), (0, 0), (0, 0), (2, 2)]


def test_more_slices_keep_the_sum():
    draft = pool()
    set_stock(draft, "gold", stock=5)
    issue(0, 3)
    set_stock(draft, "gold", stock=5, slices=2)
    assert rows() == [(4, 3), (1, 0)]


def test_a_stock_can_be_lowered_to_what_was_issued_and_no_further():
    draft = pool()
    set_stock(draft, "gold", stock=12, slices=3)
    issue(1, 4)
    set_stock(draft, "gold", stock=4, slices=3)
    assert rows() == [(0, 0), (4, 4), (0, 0)]
    with pytest.raises(StockBelowIssued) as refused:
        set_stock(draft, "gold", stock=3, slices=3)
    assert (refused.value.stock, refused.value.issued) == (3, 4)
    assert rows() == [(0, 0), (4, 4), (0, 0)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 16), st.integers(0, 15)), min_size=1, max_size=8))
def test_whatever_is_set_in_whatever_order_the_sum_is_the_stock(steps):
    draft = pool_of_its_own()
    for stock, slices, drawn_from in steps:
        issued = sum(row.issued for row in PrizeStock.objects.filter(pool=draft))
        if stock < issued:
            with pytest.raises(StockBelowIssued):
                set_stock(draft, "gold", stock=stock, slices=slices)
            continue
        set_stock(draft, "gold", stock=stock, slices=slices)
        held = list(PrizeStock.objects.filter(pool=draft).order_by("slice"))
        assert sum(row.stock for row in held) == stock
        assert sum(row.issued for row in held) == issued
        left = [row.left for row in held[:slices]]
        assert max(left) - min(left) <= 1
        assert not any(row.left for row in held[slices:])
        # A draw takes one, where there is one.
        PrizeStock.objects.filter(pool=draft, slice=drawn_from % slices, issued__lt=F("stock")).update(
            issued=F("issued") + 1
        )


def pool_of_its_own():
    PrizeStock.objects.all().delete()
    return PrizePool.objects.get_or_create(slug="wheel", defaults={"name": "Wheel"})[0]

"""Orders and refunds as operators see them."""

import re

import pytest
from django.urls import reverse

from members.ingest import ingest_order_items, ingest_orders, ingest_refunds
from members.models import Order, Refund
from tests.members.shop import NOW, item, order, refund

pytestmark = pytest.mark.django_db


def open_page(client, thing):
    name = type(thing)._meta.model_name
    address = reverse(f"admin:members_{name}_change", args=[thing.pk])
    return client.get(address, headers={"Accept-Language": "en"}).content.decode()


@pytest.fixture(autouse=True)
def shop():
    ingest_orders([order("o1", amount="100.00", quantity=3)], now=NOW)
    ingest_order_items([item("o1", 1, amount="60.00"), item("o1", 2, amount="40.00", category="tea")], now=NOW)
    ingest_refunds([refund("r1", amount="25.00"), refund("r2", amount="5.00", line=2)], now=NOW)


def test_an_order_shows_what_is_left_of_it_and_of_each_line(admin_client):
    text = open_page(admin_client, Order.objects.get())
    for shown in ("100.00", "30.00", "70.00 CNY · 70 %", "15.79", "44.21", "14.21", "25.79"):
        assert shown in text


def test_an_order_shows_its_refunds_also_the_refused(admin_client):
    ingest_refunds([refund("r3", "o9", amount="9.99")], now=NOW)
    ingest_orders([order("o9", amount="5.00")], now=NOW)
    text = open_page(admin_client, Order.objects.get(order_id="o9"))
    for shown in ("r3", "9.99", "refused", "more than was left to refund"):
        assert shown in text
    # A random token of the page may hold the letters.
    assert not re.search(r"\br1\b", text)


def test_refunds_that_wait_are_found_by_their_state(admin_client):
    ingest_refunds([refund("lost", "o404")], now=NOW)
    address = reverse("admin:members_refund_changelist")
    assert "lost" in admin_client.get(address).content.decode()
    waiting = admin_client.get(address, {"state__exact": "waiting"}).content.decode()
    assert "lost" in waiting
    assert "r1" not in waiting
    assert "o404" in open_page(admin_client, Refund.objects.get(refund_id="lost"))


def test_a_list_of_refunds_takes_the_same_number_of_queries_however_long_it_is(
    admin_client, django_assert_max_num_queries
):
    ingest_refunds([refund(f"n{number}", amount="0.01") for number in range(60)], now=NOW)
    with django_assert_max_num_queries(9):
        admin_client.get(reverse("admin:members_refund_changelist"))


def test_nobody_edits_a_refund(admin_client):
    address = reverse("admin:members_refund_change", args=[Refund.objects.first().pk])
    assert admin_client.post(address, {}).status_code == 403
    assert admin_client.get(reverse("admin:members_refund_add")).status_code == 403


def test_an_order_of_nothing_is_shown(admin_client):
    ingest_orders([order("o0", amount="0.00")], now=NOW)
    assert "0.00 CNY" in open_page(admin_client, Order.objects.get(order_id="o0"))

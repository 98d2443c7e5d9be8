"""What operators see of members, and what they may not touch."""

import pytest
from django.urls import reverse

from members.ingest import ingest_members, ingest_order_items, ingest_orders
from members.models import Attribute, Level, Member, Order
from members.rows import MemberRow
from operations.estimated_counts import EstimatedPaginator
from tests.members.shop import NOW, item, order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop():
    Attribute.objects.create(slug="city", label="City", kind="text")
    ingest_members(
        [MemberRow("u1", name="王芳", attributes={"city": "上海"})],
        now=NOW,
    )
    ingest_orders([order("o1"), order("o2", "u2", amount="88.80")], now=NOW)
    ingest_order_items([item("o1")], now=NOW)


def page_of(client, thing, *, language="en"):
    name = type(thing)._meta.model_name
    return client.get(reverse(f"admin:members_{name}_change", args=[thing.pk]), headers={"Accept-Language": language})


@pytest.mark.parametrize("model", ["level", "attribute", "member", "order", "refund"])
def test_every_list_opens(admin_client, model):
    Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=0)
    assert admin_client.get(reverse(f"admin:members_{model}_changelist")).status_code == 200


def test_a_list_takes_the_same_number_of_queries_however_long_it_is(admin_client, django_assert_max_num_queries):
    ingest_orders([order(f"n{number}", f"m{number}") for number in range(60)], now=NOW)
    for model in ("member", "order"):
        with django_assert_max_num_queries(9):
            admin_client.get(reverse(f"admin:members_{model}_changelist"))


def test_the_members_page_shows_figures_and_orders_of_this_member_only(admin_client):
    text = page_of(admin_client, Member.objects.get(uid="u1")).content.decode()
    for shown in ("王芳", "City", "上海", "10.00", "Order o1 paid", "milk"):
        assert shown in text
    assert "88.80" not in text


@pytest.mark.parametrize("model", [Member, Order])
def test_facts_are_not_edited_by_hand(admin_client, model):
    name = model._meta.model_name
    thing = model.objects.first()
    assert admin_client.get(reverse(f"admin:members_{name}_add")).status_code == 403
    assert admin_client.post(reverse(f"admin:members_{name}_change", args=[thing.pk]), {}).status_code == 403
    assert admin_client.post(reverse(f"admin:members_{name}_delete", args=[thing.pk]), {}).status_code == 403


def test_members_are_found_by_the_beginning_of_uid_or_name(admin_client):
    for query, found in (("u1", True), ("王", True), ("芳", False), ("1", False)):
        text = admin_client.get(reverse("admin:members_member_changelist"), {"q": query}).content.decode()
        assert (reverse("admin:members_member_change", args=[Member.objects.get(uid="u1").pk]) in text) is found


def test_few_rows_are_counted_and_many_estimated(monkeypatch):
    members = Member.objects.order_by("pk")
    assert EstimatedPaginator(members, 10).count == 2
    monkeypatch.setattr("operations.estimated_counts.COUNTED_ROWS", 1)
    monkeypatch.setattr("operations.estimated_counts.expected_rows", lambda _queryset: 1_000_000)
    assert EstimatedPaginator(members, 10).count == 1_000_000
    assert EstimatedPaginator(members.filter(uid__startswith="u1"), 10).count == 1
    assert EstimatedPaginator(members, 10).num_pages == 1, "pages end where the count did"


def test_members_are_filtered_by_region(admin_client):
    ingest_members([MemberRow("u1", region="上海")], now=NOW)
    found = admin_client.get(reverse("admin:members_member_changelist"), {"region": "上海"})
    assert [member.uid for member in found.context["cl"].result_list] == ["u1"]

"""The pages of one row: as many statements however many rows its forms show, and whatever else there is."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.config.lives import live
from tests.config.planted import let_anything_in, listed_models, multiply

pytestmark = pytest.mark.django_db
TIMES = 6
# What a form or a panel had nothing to ask for before, it may ask for once there is something.
ONCE = 2

# Django's autocomplete asks for the gift that each prize has chosen.
ASK_FOR_EACH_ROW = {"rewards.PrizePool"}


def pages() -> dict[str, str]:
    """Return model → the page of its newest row."""
    found = {}
    for model in admin.site._registry:
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            found[model._meta.label] = reverse(
                f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[row.pk]
            )
    return found


def statements(client, page: str) -> int:
    client.get(page, follow=True)
    with CaptureQueriesContext(connection) as told:
        assert client.get(page, follow=True).status_code == 200, page
    return len(told)


def test_a_page_costs_as_many_statements_among_many_rows_as_among_few(admin_client):
    live()
    let_anything_in()
    addresses = pages()
    assert len(addresses) > 40
    few = {label: statements(admin_client, page) for label, page in addresses.items()}
    inlines = {inline.model for each in admin.site._registry.values() for inline in each.inlines}
    for model in {*listed_models(), *inlines}:
        multiply(model, TIMES)
    many = {label: statements(admin_client, page) for label, page in addresses.items()}
    allowed = {label: count + (TIMES if label in ASK_FOR_EACH_ROW else ONCE) for label, count in few.items()}
    assert {label: (few[label], many[label]) for label in few if many[label] > allowed[label]} == {}

"""Stored markup is shown as text: on every address of the admin, in whatever column or JSON of whatever model it is."""

from collections import Counter

import pytest
from django.db import transaction
from django.utils import timezone

from members.models import Member
from tests.campaigns import hostile
from tests.config.lives import live
from tests.config.planted import let_anything_in, plant
from tests.config.role_walk import addresses
from tests.config.test_list_files import MARKUP

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# Never to be read as markup, and how a page writes the same as text: escaped, or within a script's string.
ALIVE = ("<script>alert", "<img src=x", "<b onclick", "49&lt;b onclick", "<script>hacked", 'onerror="hacked')
AS_TEXT = ("&lt;script&gt;alert", "&lt;img src=x", "&lt;b onclick", "&lt;script&gt;hacked", "\\u003Cscript\\u003E")
# A file or a JSON answer may hold it as it is: no browser takes those for a page.
PAGES = ("text/html",)


def in_every_column() -> int:
    """Rows of every model, with markup in each text column."""
    member = live()
    let_anything_in()
    assert plant(MARKUP) > 100
    return member.pk


def in_a_campaign() -> int:
    """A campaign that runs, with markup in its definition: titles, questions, prizes, rules and gifts."""
    return hostile.open_campaign(now=timezone.now()).pk


@pytest.mark.parametrize(("world", "shown"), [(in_every_column, 100), (in_a_campaign, 40)])
def test_no_address_of_the_admin_shows_it_as_markup(admin_client, settings, world, shown):
    settings.LANGUAGE_CODE = "en"
    otherwise = world()
    admin_client.raise_request_exception = False
    alive, answers, seen = [], Counter(), set()
    for address in addresses(otherwise):
        with transaction.atomic():
            answer = admin_client.get(address.path)
            transaction.set_rollback(True)
        answers[answer.status_code] += 1
        if answer.streaming or not answer.headers.get("Content-Type", "").startswith(PAGES):
            continue
        text = answer.content.decode()
        alive += [(address.path, sign) for sign in ALIVE if sign in text]
        if any(sign in text for sign in AS_TEXT):
            seen.add(address.route)
        if answer.status_code >= 500:
            alive.append((address.path, answer.status_code))
    assert alive == []
    # It is there, and it is text.
    assert len(seen) > shown, sorted(seen)
    assert Member.objects.exists()
    assert answers[200] > 2 * shown, answers

"""Units in the admin: declared by operators, their keys fixed, a new policy explained."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from operations.models import AuditRecord
from rewards import ledger
from rewards.models import Unit
from tests.rewards.build import NOW, members
from tests.rewards.test_admin import signed_in

pytestmark = pytest.mark.django_db

ENERGY = {
    "name": "能量", "name_en": "energy", "slug": "energy", "expiry": "days", "expires_after": 7,
    "time_zone": "Asia/Shanghai", "notice_days": 3, "adjustment_limit": 500,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def desk():
    desk = Client()
    desk.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return desk


def change(desk, unit, **fields):
    return desk.post(f"/admin/rewards/unit/{unit.pk}/change/", ENERGY | fields, follow=True)


def test_an_operator_declares_a_unit_and_it_is_on_the_record(desk):
    desk.post("/admin/rewards/unit/add/", ENERGY)
    unit = Unit.objects.get(slug="energy")
    assert (unit.expiry, unit.expires_after, unit.notice_days) == ("days", 7, 3)
    assert AuditRecord.objects.get().action == "unit.added"


@pytest.mark.parametrize(
    ("field", "value"),
    [("expires_after", ""), ("expires_after", 0), ("expires_after", 9999), ("time_zone", "Asia/Nowhere"),
     ("notice_days", 0), ("slug", "points")],
)  # fmt: skip
def test_what_cannot_be_is_refused(desk, field, value):
    answer = desk.post("/admin/rewards/unit/add/", ENERGY | {field: value})
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert not Unit.objects.filter(slug="energy").exists()


def test_a_key_never_changes(desk):
    unit = Unit.objects.create(**ENERGY)
    change(desk, unit, slug="other", name="能")
    unit.refresh_from_db()
    assert (unit.slug, unit.name) == ("energy", "能")


def test_a_new_policy_is_explained_by_what_it_leaves_as_it_is(desk):
    unit = Unit.objects.create(**ENERGY)
    words = "The 30 that 1 members hold keep the expiry"
    assert words not in change(desk, unit, expires_after=8).text
    (member,) = members(1)
    ledger.post_entry(member.pk, "energy", amount=30, key="a", reason="test", now=NOW)
    before = ledger.holdings(member.pk)
    assert words not in change(desk, unit, expires_after=8, name_en="power").text
    assert words in change(desk, unit, expiry="never", expires_after="").text
    assert ledger.holdings(member.pk) == before


def test_a_unit_is_not_deleted(desk):
    unit = Unit.objects.create(**ENERGY)
    assert desk.post(f"/admin/rewards/unit/{unit.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("listed", ["account", "entry", "lot"])
def test_what_is_held_can_be_looked_at_and_found_but_not_edited(desk, listed):
    Unit.objects.create(**ENERGY)
    (member,) = members(1)
    entry = ledger.post_entry(member.pk, "energy", amount=30, key="a", reason="test", now=NOW, reference="order:A-1")
    pk = entry.account_id if listed == "account" else entry.pk
    assert "m0" in desk.get(f"/admin/rewards/{listed}/", {"q": "m0"}).text
    assert desk.get(f"/admin/rewards/{listed}/{pk}/change/").status_code == 200
    assert desk.get(f"/admin/rewards/{listed}/add/").status_code == 403
    assert desk.post(f"/admin/rewards/{listed}/{pk}/change/", {}).status_code == 403
    assert signed_in("view_gift").get(f"/admin/rewards/{listed}/").status_code == 403


def test_an_entry_is_found_by_what_it_is_for(desk):
    (member,) = members(1)
    ledger.post_entry(member.pk, "points", amount=30, key="a", reason="test", now=NOW, reference="order:A-1")
    assert "+30" in desk.get("/admin/rewards/entry/", {"q": "order:A-1"}).text
    assert "+30" not in desk.get("/admin/rewards/entry/", {"q": "order:A-2"}).text

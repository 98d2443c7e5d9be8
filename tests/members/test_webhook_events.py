"""Webhooks tell of each change of level, by the member's uid."""

import pytest

from members import erasing, telling
from members.models import Level, LevelChange, Member
from operations.models import WebhookEvent
from rewards import ledger
from tests.config.lives import bring_in
from tests.listening import kinds_told, listen, told
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db
KIND = "member.level_changed"


@pytest.fixture(autouse=True)
def _ladder():
    for rank, (slug, needed) in enumerate([("base", 0), ("silver", 100), ("gold", 500)]):
        Level.objects.create(slug=slug, name=slug.title(), rank=rank, growth_needed=needed)


@pytest.fixture
def member():
    bring_in("members", {"uid": "u1"})
    return Member.objects.get()


def test_growth_that_lifts_a_member_is_told_with_both_levels_and_the_cause(member):
    listen(KIND)
    ledger.post_entry(member.pk, "growth", amount=600, key="k", reason="test", now=NOW, reference="order:A-1")
    change = {"uid": "u1", "before": "base", "after": "gold", "cause": "growth", "reference": "order:A-1"}
    assert told() == [(KIND, change)]
    event = WebhookEvent.objects.get()
    assert (event.member_id, event.occurred_at) == (member.pk, NOW)


def test_growth_that_lifts_nobody_is_no_change_of_level(member):
    listen(KIND)
    ledger.post_entry(member.pk, "growth", amount=5, key="k", reason="test", now=NOW)
    assert kinds_told() == []


def test_an_import_of_many_tells_of_each_whom_it_lifts():
    listen(KIND)
    bring_in("members", *({"uid": f"u{number}", "level": "gold"} for number in range(30)))
    assert {data["uid"] for _kind, data in told()} == {f"u{number}" for number in range(30)}
    assert {(data["after"], data["cause"]) for _kind, data in told()} == {("gold", "imported")}


def test_a_change_in_which_a_level_is_missing_says_null(member):
    listen(KIND)
    LevelChange.objects.create(member=member, before=None, after=None, cause="ladder", changed_at=NOW)
    assert told() == [(KIND, {"uid": "u1", "before": None, "after": None, "cause": "ladder", "reference": ""})]


def test_what_an_erasure_itself_moves_is_not_told(member):
    ledger.post_entry(member.pk, "growth", amount=600, key="k:u1", reason="test", now=NOW)
    ledger.post_entry(member.pk, "points", amount=5, key="p", reason="test", now=NOW)
    listen()
    erasing.erase(member.pk, by=None, reason="asked for", now=NOW)
    assert kinds_told() == []


def test_of_whoever_was_erased_nothing_is_told(member):
    listen("segment.entered")
    erasing.erase(member.pk, by=None, reason="asked for", now=NOW)
    assert telling.tell("segment.entered", [member.pk], {"segment": "s"}, at=NOW) == 0


def test_many_are_told_of_in_slices(monkeypatch):
    monkeypatch.setattr(telling, "SLICE", 2)
    listen("segment.entered")
    bring_in("members", *({"uid": f"u{number}"} for number in range(5)))
    ids, uids = zip(*Member.objects.order_by("pk").values_list("pk", "uid"), strict=True)
    assert telling.tell("segment.entered", ids, {"segment": "s"}, at=NOW) == 5
    assert [data["uid"] for _kind, data in told()] == list(uids)

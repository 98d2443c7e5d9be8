"""Rules that are saved at once are saved one after another: no circle comes of two, and versions have no gaps."""

from threading import Barrier, BrokenBarrierError

import pytest

from segmentation import definitions
from segmentation.definitions import in_order, save_rule
from segmentation.models import Segment
from segmentation.rule_errors import RuleError
from tests.races.together import at_once
from tests.segmentation.people import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def region(name: str) -> dict:
    return {"version": 1, "combinator": "and", "rules": [{"field": "profile.region", "operator": "=", "value": name}]}


def reads(slug: str) -> dict:
    return {"version": 1, "combinator": "and", "rules": [{"field": "segment", "operator": "in", "value": [slug]}]}


def make(slug: str) -> None:
    save_rule(Segment(slug=slug, name=slug, kind="rule"), region(slug), by=None, now=NOW)


@pytest.fixture(params=[True, False], ids=["held", "not held"])
def held(request, monkeypatch) -> bool:
    """With the lock, and without it: what it prevents is seen to happen."""
    if not request.param:
        monkeypatch.setattr(definitions, "hold_rules", lambda: None)
    return request.param


@pytest.fixture
def meet_after_the_check(monkeypatch) -> None:
    """Two who are both let through the check wait for each other behind it; one who is alone goes on."""
    check, door = definitions.check_rule, Barrier(2)

    def checked(*args, **options):
        found = check(*args, **options)
        try:
            door.wait(timeout=1)
        except BrokenBarrierError:
            door.reset()
        return found

    monkeypatch.setattr(definitions, "check_rule", checked)


def test_two_savings_that_make_a_circle_together_are_not_both_taken(held, request):
    make("a")
    make("b")
    request.getfixturevalue("meet_after_the_check")

    def save(number: int) -> None:
        mine, other = "ab"[number], "ba"[number]
        save_rule(Segment.objects.get(slug=mine), reads(other), by=None, now=NOW)

    refused = [each for each in at_once(2, save) if isinstance(each, RuleError)]
    assert len(refused) == (1 if held else 0)
    if held:
        assert len(in_order(Segment.objects.all())) == 2


def test_two_savings_of_one_segment_are_two_versions():
    make("a")
    told = at_once(2, lambda n: save_rule(Segment.objects.get(), region(f"r{n}"), by=None, now=NOW).number)
    assert sorted(told) == [2, 3]
    assert Segment.objects.get().rule == Segment.objects.get().versions.get(number=3).rule

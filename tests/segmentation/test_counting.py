"""The live count: the number with who they are, as data, a fault included."""

from collections import Counter

import pytest

from members.models import Member
from segmentation import counting, member_sets
from segmentation.models import Segment
from tests.segmentation import oracle, people

pytestmark = pytest.mark.django_db
RULE = {
    "version": 1,
    "combinator": "or",
    "rules": [
        {"field": "orders.count", "operator": ">=", "value": 1, "window": {"last_days": 90}},
        {"field": "profile.gender", "operator": "=", "value": "female"},
    ],
}


@pytest.fixture
def shop():
    invented = people.invent(11)
    people.write(invented)
    return invented


@pytest.fixture
def audience(shop):
    return [person for person in shop if oracle.admits(RULE, person)]


def shares(make_up):
    return {share.key: share.members for share in make_up.shares}


def test_it_counts_as_the_segment_would(shop, audience):
    live = counting.live(RULE, now=people.NOW)
    assert (live.count, live.total, live.fault) == (len(audience), len(shop), None)
    assert counting.estimate(RULE, now=people.NOW) == live.count > 0


def test_it_tells_level_region_and_class_with_those_who_have_none(audience):
    live = counting.live(RULE, now=people.NOW)
    assert shares(live.level) == Counter(person.level or "" for person in audience)
    assert shares(live.region) == Counter(person.profile["region"] for person in audience)
    assert shares(live.rfm_class) == Counter(person.rfm.get("class", "") for person in audience)
    assert live.level.shares == tuple(sorted(live.level.shares, key=lambda share: (-share.members, share.key)))


def test_values_beyond_the_largest_are_told_in_one_number(shop):
    for number, person in enumerate(shop):
        person.profile["region"] = f"r{min(number, 10)}"
        Member.objects.filter(pk=person.id).update(region=person.profile["region"])
    everyone = {"version": 1, "combinator": "and", "rules": [{"field": "profile.uid", "operator": "is_not_null"}]}
    region = counting.live(everyone, now=people.NOW).region
    assert (len(region.shares), region.shares[0].key, region.others) == (8, "r10", 3)


def test_it_compares_with_each_segment_that_has_members(audience):
    Segment.objects.create(slug="none", name="none", rule={}, members=member_sets.store(member_sets.BitMap()))
    found = {each.slug: each for each in counting.live(RULE, now=people.NOW, but="b").overlaps}
    assert set(found) == {"a"}
    inside = sum("a" in person.segments for person in audience)
    overlap = found["a"]
    assert overlap.both == inside > 0
    assert overlap.of_audience == inside / len(audience)
    assert overlap.of_segment == inside / overlap.size
    assert overlap.jaccard == inside / (len(audience) + overlap.size - inside)


def test_the_sample_is_of_the_audience_and_the_same_again(audience):
    once, again = (counting.live(RULE, now=people.NOW).sample for _ in range(2))
    assert once == again
    assert len(once) == 20
    assert set(once) <= {person.id for person in audience}


def test_a_fault_is_told_with_its_path(shop):
    broken = {"version": 1, "combinator": "and", "rules": [{"field": "level", "operator": "=", "value": "gone"}]}
    live = counting.live(broken, now=people.NOW)
    assert (live.fault.path, live.fault.code, live.count) == ("rules[0].value", "unknown_name", 0)

"""Clones: the whole draft under a new key, with pools of its own."""

import pytest

from campaigns import campaign_files, cloning, publishing
from campaigns.definition import DefinitionError
from campaigns.models import Campaign
from rewards.models import PrizePool
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS, QUIZ, chain, draft, pool, publish, task

pytestmark = pytest.mark.django_db
RESULTS = [{"from": 50, "pool": "high"}, {"from": 0, "below": 50, "pool": "low"}]


def whole(make=draft):
    return make(
        tasks=[
            task("one", reward={"chances": 1, "pool": "high"}, quotas=[{"quota": 3, "per": "day"}]),
            task("quiz", "quiz", config=QUIZ | {"pools": RESULTS}, reward={"chances": 1}),
        ],
        chains=[chain("path", "one", reward={"chances": 1, "pool": "low"})],
        pools=[pool("everyone"), pool("high", named_only=True), pool("low", named_only=True)],
        time_zone="Europe/Berlin",
    )


def clone(campaign, slug="spring"):
    return cloning.clone(
        campaign, slug=slug, name="Spring", opens_at=OPENS + DAY, closes_at=CLOSES + DAY, by=None, now=NOW
    )


def test_a_clone_says_the_same_under_new_keys():
    campaign = whole()

    cloned = clone(campaign)

    text = campaign_files.dump(campaign)
    for key in ("everyone", "high", "low"):
        text = text.replace(f'"{key}"', f'"spring-{key}"')
    expected = campaign_files.read(text) | {
        "slug": "spring",
        "name": "Spring",
        "opens_at": (OPENS + DAY).isoformat(),
        "closes_at": (CLOSES + DAY).isoformat(),
    }
    assert campaign_files.read(campaign_files.dump(cloned)) == expected
    assert (cloned.state, cloned.current) == ("draft", None)


def test_the_original_stays_as_it_is_and_the_clone_can_be_published():
    campaign = whole(publish)
    before = campaign_files.dump(campaign)

    cloned = clone(campaign)
    publishing.publish(cloned, by=None, now=NOW)

    assert campaign_files.dump(campaign) == before
    assert not set(campaign.pools.values_list("pool", flat=True)) & set(cloned.pools.values_list("pool", flat=True))


def test_a_clone_of_a_clone_keeps_its_keys_short_and_apart():
    first = whole()
    PrizePool.objects.create(slug="spring-high", name="There already")

    second = clone(first)
    third = clone(second, "s" * 50)

    assert set(second.pools.values_list("pool__slug", flat=True)) == {"spring-everyone", "spring-high-2", "spring-low"}
    assert len({slug for slug in third.pools.values_list("pool__slug", flat=True) if len(slug) == 50}) == 3


def test_a_key_that_is_taken_is_refused_and_nothing_is_made():
    campaign = whole()

    with pytest.raises(DefinitionError, match="slug"):
        clone(campaign, "autumn")
    assert (Campaign.objects.count(), PrizePool.objects.count()) == (1, 3)

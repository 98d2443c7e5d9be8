"""Templates of campaigns: each can be published on an empty site once its segments are computed."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from campaigns import blueprint_files, campaign_files, publishing
from campaigns.blueprint_files import filled
from campaigns.definition import DefinitionError
from campaigns.from_blueprints import create
from campaigns.models import Campaign
from operations.models import Job
from rewards.models import Gift, PrizePool
from segmentation import jobs as segmentation_jobs
from segmentation.models import Segment, Tag

pytestmark = pytest.mark.django_db
KEYS = [blueprint.key for blueprint in blueprint_files.all_blueprints()]


def start(key, slug="mine", **values):
    blueprint = blueprint_files.find(key)
    now = timezone.now()
    given = {ask.name: ask.default for ask in blueprint.asks} | {
        "slug": slug,
        "name": "Mine",
        "organiser": "The shop",
        "opens_at": now,
        "closes_at": now + timedelta(days=30),
    }
    return create(blueprint, given | values, by=None, now=now)


def work_off():
    """Run the jobs that compute models and segments, as workers would."""
    for job in Job.objects.filter(function__startswith="segmentation.jobs.recompute").order_by("pk"):
        getattr(segmentation_jobs, job.function.rpartition(".")[2])(**job.arguments)


def test_the_trades_own_examples_are_there():
    assert KEYS == ["invite-chain", "new-customers", "old-customers", "quiz-pools"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("key", KEYS)
def test_each_passes_every_check_on_an_empty_site(key, language):
    with translation.override(language):
        created = start(key)
        work_off()

        assert [fault.message for fault in publishing.faults(created.campaign, now=timezone.now())] == []
        publishing.publish(created.campaign, by=None, now=timezone.now())


@pytest.mark.parametrize("key", KEYS)
def test_each_comes_back_from_its_file(key):
    text = campaign_files.dump(start(key).campaign)

    assert campaign_files.dump(campaign_files.load(campaign_files.read(text), by=None, now=timezone.now())) == text


def test_no_placeholder_is_left_over():
    for key in KEYS:
        blueprint = blueprint_files.find(key)
        values = {ask.name: ask.default for ask in blueprint.asks} | {"organiser": "x"}
        keys = {f"segment.{name}": name for each in blueprint.data["segments"] for name in each["as"].values()}
        text = str(filled(filled(blueprint.data["campaign"], values), keys))
        assert "$" not in text
        assert not any("{" + name + "}" in text for name in values)


def test_a_second_campaign_uses_what_is_there_and_has_pools_of_its_own():
    first = start("new-customers", "one")
    gifts, segments, tags = Gift.objects.count(), Segment.objects.count(), Tag.objects.count()

    second = start("new-customers", "two")

    assert (Gift.objects.count(), Segment.objects.count(), Tag.objects.count()) == (gifts, segments, tags)
    assert (len(first.segments), second.segments, second.gifts) == (3, [], [])
    assert set(PrizePool.objects.values_list("slug", flat=True)) == {"one-draw", "two-draw"}
    assert second.campaign.audience == first.campaign.audience


def test_another_category_makes_other_segments():
    start("new-customers", "one")

    assert len(start("new-customers", "two", category="tea").segments) == 3


def test_the_results_of_the_quiz_name_the_campaigns_own_pools():
    campaign = start("quiz-pools").campaign

    pools = campaign.tasks.get(key="quiz").config["pools"]

    assert [each["pool"] for each in pools] == ["mine-high", "mine-low"]


def test_a_key_that_is_taken_makes_nothing():
    start("quiz-pools")
    gifts = Gift.objects.count()

    with pytest.raises(DefinitionError, match="slug"):
        start("old-customers")

    assert (Campaign.objects.count(), Gift.objects.count(), Segment.objects.count()) == (1, gifts, 0)

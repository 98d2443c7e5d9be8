"""An earlier revision current again, as a new one; and taken back into the draft."""

import pytest

from campaigns import campaign_files, pausing, playing, published, publishing, rolling_back
from campaigns.definition import DefinitionError
from campaigns.models import Campaign, Progress
from operations.models import AuditRecord
from rewards.models import Chances, Gift, Prize
from rewards.pools import publish_pool
from tests.campaigns.reviewers import user
from tests.campaigns.scenes import NOW, campaign_file, chain, make_member, pool, publish, task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_person(settings):
    """Two people have tests of their own (`test_rolling_back_by_two`)."""
    settings.CAMPAIGN_REVIEW = False


def republish(campaign, **changes):
    campaign_files.load(campaign_file(**changes), by=None, now=NOW)
    publishing.publish(campaign, by=None, now=NOW)
    return Campaign.objects.get()


def revision(number):
    return Campaign.objects.get().revisions.get(number=number)


def back(number=1, by=None, reason="It was better."):
    return rolling_back.roll_back(revision(number), by=by, now=NOW, reason=reason)


def codes(error):
    return [fault.code for fault in error.value.reasons]


def test_an_earlier_revision_is_current_again_as_a_new_one():
    campaign = republish(publish(name="First"), name="Second")
    olga = user("olga")

    made = back(by=olga)

    assert (made.number, made.restores, made.reason) == (3, 1, "It was better.")
    assert {**made.definition, "revision": 1} == revision(1).definition
    assert published.definition_of("autumn").name == "First"
    assert Campaign.objects.get().name == "Second"
    record = AuditRecord.objects.get(action="campaign.rolled_back")
    assert (record.actor, record.changes) == (olga, {"revision": [2, 3], "restores": [None, 1]})
    assert campaign.state == Campaign.objects.get().state == "live"


def test_progress_streaks_and_chances_stay():
    daily = task("check-in", period="daily", reward={"chances": 1})
    republish(publish(tasks=[daily]), tasks=[daily | {"title": "Come daily"}])
    ann = make_member()
    playing.submit(ann, "autumn", "check-in", {}, now=NOW)
    before = list(Progress.objects.values()), list(Chances.objects.values())

    back()

    assert (list(Progress.objects.values()), list(Chances.objects.values())) == before
    assert published.definition_of("autumn").tasks[0].title == "Task check-in"


def test_what_would_break_progress_is_refused():
    republish(publish(), tasks=[task("check-in"), task("new")])
    playing.submit(make_member(), "autumn", "new", {}, now=NOW)

    with pytest.raises(publishing.NotReady) as refused:
        back()

    assert codes(refused) == ["task_gone"]


def test_what_is_against_participants_needs_the_right_to_decide_that():
    republish(publish(), tasks=[task("check-in", reward={"points": 20})])
    playing.submit(make_member(), "autumn", "check-in", {}, now=NOW)

    with pytest.raises(publishing.NotReady) as refused:
        back(by=user("olga"))
    assert codes(refused) == ["reward_lowered"]
    assert back(by=user("boss", "worsen_campaign")).number == 3


def test_odds_against_those_who_drew_need_the_right_for_pools_too():
    campaign = publish(tasks=[task("check-in", reward={"chances": 1})])
    playing.submit(make_member(), "autumn", "check-in", {}, now=NOW)
    playing.draw("ann", "autumn", request_key="a", roll=0, now=NOW)
    Prize.objects.filter(key="win").update(odds=600_000)
    Prize.objects.filter(key="thanks").update(odds=400_000)
    publishing.publish(campaign, by=None, now=NOW)

    with pytest.raises(publishing.NotReady) as refused:
        back(by=user("boss", "worsen_campaign"))
    assert codes(refused) == ["pool_worse_lower_odds"]
    made = back(by=user("chief", "worsen_campaign", "worsen_prizepool"))

    assert made.definition["pools"][0]["version"] == 1
    assert published.definition_of("autumn").pools[0].version == 1


def test_a_revision_that_names_what_is_gone_is_not_current_again():
    republish(publish(tasks=[task("check-in", reward={"gift": "coupon-x"})], **with_gift()), tasks=[task("check-in")])
    Gift.objects.get(slug="coupon-x").delete()

    with pytest.raises(publishing.NotReady) as refused:
        back()
    assert codes(refused) == ["gift_unknown"]
    with pytest.raises(DefinitionError, match="coupon-x"):
        rolling_back.take_into_draft(revision(1), by=None, now=NOW)


def with_gift():
    Gift.objects.create(slug="coupon-x", name="X", kind="thanks")
    return {}


def test_what_holds_already_and_what_is_over_are_refused():
    campaign = republish(publish(name="First"), name="Second")
    with pytest.raises(publishing.NotReady) as refused:
        back(2)
    assert codes(refused) == ["unchanged"]
    pausing.end(campaign, by=None, now=NOW)

    with pytest.raises(rolling_back.NotPossible):
        back()
    with pytest.raises(rolling_back.NotPossible):
        rolling_back.take_into_draft(revision(1), by=None, now=NOW)


def test_a_paused_campaign_is_rolled_back_and_stays_paused():
    campaign = republish(publish(name="First"), name="Second")
    pausing.pause(campaign, by=None, now=NOW)

    back()

    assert Campaign.objects.get().state == "paused"
    assert published.definition_of("autumn").paused


def test_a_revision_is_taken_into_the_draft():
    whole = {
        "tasks": [task("one", claim_within=24), task("two", period="times", times=3, quotas=[{"quota": 5}])],
        "chains": [chain("path", "one", {"task": "two", "skip": {"score_from": 9}})],
        "pools": [pool("top", audience={"score_from": 80}), pool("everyone")],
        "time_zone": "Europe/Berlin",
        "audience": {"score_below": 999},
    }
    campaign = publish(**whole)
    before = campaign_files.dump(campaign)
    republish(campaign, pools=[pool("everyone")], time_zone="Europe/Berlin")
    publish_pool(campaign.pools.get().pool, by=None, now=NOW)

    rolling_back.take_into_draft(revision(1), by=None, now=NOW)

    assert campaign_files.dump(Campaign.objects.get()) == before
    assert published.definition_of("autumn").revision == 2

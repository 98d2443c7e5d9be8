"""Drawing in a campaign: the member's own pool, one chance, one result."""

import pytest

from campaigns import pausing, playing
from campaigns.models import Campaign
from campaigns.refusals import Refusal, Refused
from rewards.chances import chances_left
from rewards.models import Draw
from tests.campaigns.scenes import NOW, make_level, make_member, pool, publish, task

pytestmark = pytest.mark.django_db
SCOPE = "campaign:autumn"


def refusal_of(call, *arguments, **options):
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.refusal


@pytest.fixture
def paid():
    return make_level("paid")


@pytest.fixture
def ann(paid):
    """She has one chance."""
    pools = [pool("paid-only", audience={"levels": ["paid"]}), pool("everyone")]
    publish(tasks=[task("check-in", reward={"chances": 1})], pools=pools)
    member = make_member(level=paid)
    playing.submit(member, "autumn", "check-in", {}, now=NOW)
    return member


def draw(member, request_key="first", roll=0, **options):
    return playing.draw(member.uid, "autumn", request_key=request_key, roll=roll, now=NOW, **options)


def test_a_draw_uses_a_chance_in_the_members_own_pool(ann):
    drawn = draw(ann)

    assert (drawn.prize, drawn.chances_left) == ("win", 0)
    assert Draw.objects.get().version.pool.slug == "paid-only"
    assert chances_left(ann.pk, SCOPE) == 0


def test_another_member_draws_from_the_other_pool(ann):
    bob = make_member("bob")
    playing.submit(bob, "autumn", "check-in", {}, now=NOW)

    draw(bob)

    assert Draw.objects.get().version.pool.slug == "everyone"


def test_without_a_chance_there_is_no_draw(ann):
    draw(ann)

    assert refusal_of(draw, ann, "second") is Refusal.NO_CHANCE


def test_a_pool_may_be_named_and_must_be_the_members_own(ann):
    assert refusal_of(draw, ann, pool="everyone") is Refusal.NO_POOL
    assert draw(ann, pool="paid-only").prize == "win"


def test_the_same_request_gives_the_first_result_also_after_the_campaign(ann):
    first = draw(ann)
    repeated = draw(ann, roll=999_999)
    pausing.end(Campaign.objects.get(), by=None, now=NOW)
    after_the_end = draw(ann, roll=999_999)

    assert {first.draw_id, repeated.draw_id, after_the_end.draw_id} == {first.draw_id}
    assert (repeated.repeated, after_the_end.prize) == (True, "win")
    assert refusal_of(draw, ann, "second") is Refusal.CLOSED


def test_a_paused_campaign_refuses_draws(ann):
    pausing.pause(Campaign.objects.get(), by=None, now=NOW)

    assert refusal_of(draw, ann) is Refusal.PAUSED
    assert chances_left(ann.pk, SCOPE) == 1

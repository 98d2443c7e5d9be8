"""A drop is collected, helped with and taken from at once: every bit of it is in one place."""

from datetime import timedelta

import pytest

from campaigns import energy, energy_drops, friends, playing
from campaigns.definition import Reward
from campaigns.energy_rules import Source, parse
from campaigns.models import EnergyDrop, EnergyGain, EnergyPot, Enrolment
from campaigns.published import definition_of
from campaigns.refusals import Refused
from members.event_rows import EventRow
from members.ingest_events import ingest_events
from members.models import Member
from operations.books import count_violations
from operations.models import Job
from rewards.ledger import balances
from tests.campaigns import scenes
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CONFIG = {
    "sources": [{"event": "view", "amount": 10, "per_day": 100}],
    "help": {"bonus": 2, "per_day": 100},
    "steal": {"percent": 20, "keep": 50},
    "milestones": [{"at": 50, "reward": {"points": 5}}],
}
CROWD = 15
ROUNDS = 4
RIPE = scenes.NOW + timedelta(days=2)


@pytest.fixture
def people(monkeypatch):
    scenes.publish(features={"energy": CONFIG})
    made = [scenes.make_member(f"m{number}") for number in range(CROWD)]
    for member in made:
        playing.enrol(member, "autumn", now=scenes.OPENS)
    every = [member.pk for member in made]
    monkeypatch.setattr(friends, "_known", [lambda one, _campaign: [each for each in every if each != one]])
    return made


def make_drop(member: Member, key: str) -> EnergyDrop:
    enrolment = Enrolment.objects.get(member=member)
    source, rules = Source("event:view", 100, 1000), parse(CONFIG)
    energy_drops.produce(
        definition_of("autumn"), rules, enrolment.pk, source, key=key, happened_at=scenes.NOW, now=scenes.NOW
    )
    return EnergyDrop.objects.get(enrolment=enrolment, key=key)


def test_a_drop_that_is_collected_helped_with_and_taken_from_at_once_is_there_once(people):
    owner = people[0]
    for number in range(ROUNDS):
        drop = make_drop(owner, str(number))

        def act(caller, drop=drop):
            match caller % 3:
                case 0:
                    return energy.collect(owner, "autumn", drop.pk, now=RIPE)
                case 1:
                    return energy.help_friend(people[caller], owner, "autumn", drop.pk, now=RIPE)
                case _:
                    return energy.steal(people[caller], owner, "autumn", drop.pk, now=RIPE)

        told = at_once(CROWD, act)
        assert [each for each in told if not isinstance(each, energy.Gathered | Refused)] == []
        drop.refresh_from_db()
        assert (drop.remaining, drop.collected + drop.stolen) == (0, 100)
        assert drop.collected >= 50
    assert [count for count in count_violations() if count.violations] == []


def test_friends_who_collect_for_each_other_at_once_do_not_wait_in_a_circle(people):
    for number in range(ROUNDS):
        drops = {member.pk: make_drop(member, str(number)) for member in people}

        def act(caller, drops=drops):
            friend = people[(caller + 1) % CROWD if caller % 2 else caller - 1]
            return energy.help_friend(people[caller], friend, "autumn", drops[friend.pk].pk, now=RIPE)

        assert [each for each in at_once(CROWD, act) if not isinstance(each, energy.Gathered | Refused)] == []
    assert [count for count in count_violations() if count.violations] == []


def test_what_everyone_collects_together_is_all_of_it(people):
    for member in people:
        make_drop(member, "one")
    at_once(CROWD, lambda caller: energy.collect(people[caller], "autumn", None, now=RIPE))
    assert sum(EnergyPot.objects.values_list("total", flat=True)) == CROWD * 100
    assert EnergyGain.objects.count() == CROWD


def test_the_last_place_of_a_day_is_taken_once(people):

    ingest_events([EventRow(f"e{n}", "m0", "view", scenes.NOW) for n in range(CROWD)], now=scenes.NOW)
    keys = Job.objects.get(function="campaigns.jobs.energy_of_events").arguments["event_ids"]
    campaign = scenes.Campaign.objects.get()
    campaign.features = {"energy": CONFIG | {"sources": [{"event": "view", "amount": 10, "per_day": 3}]}}
    campaign.save()
    scenes.publish_draft(campaign, by=None, now=scenes.OPENS)
    at_once(CROWD, lambda caller: energy_drops.follow_events([keys[caller]], now=scenes.NOW))
    assert EnergyDrop.objects.count() == 3


def test_a_milestone_that_is_claimed_while_its_job_gives_it_is_given_once_and_nobody_waits_in_a_circle(monkeypatch):
    steps = [{"at": 100 * (number + 1), "reward": {"score": 5, "points": 5}} for number in range(ROUNDS)]
    scenes.publish(features={"energy": CONFIG | {"milestones": steps}})
    owner, friend = scenes.make_member("owner"), scenes.make_member("friend")
    for member in (owner, friend):
        playing.enrol(member, "autumn", now=scenes.OPENS)
    monkeypatch.setattr(friends, "_known", [lambda one, _campaign: {owner.pk, friend.pk} - {one}])
    enrolment = Enrolment.objects.get(member=owner)
    for number in range(ROUNDS):
        drop = make_drop(owner, str(number))
        energy.help_friend(friend, owner, "autumn", drop.pk, now=RIPE)

        def act(caller, at=100 * (number + 1)):
            if caller % 2:
                return energy.give_reached(enrolment.pk, now=RIPE)
            return energy.claim(owner, "autumn", at, now=RIPE)

        told = at_once(8, act)
        assert [each for each in told if not isinstance(each, Reward | Refused | None)] == []
    enrolment.refresh_from_db()
    assert (enrolment.score, balances(owner.pk)["points"]) == (5 * ROUNDS, 5 * ROUNDS)

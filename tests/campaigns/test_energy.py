"""Energy: what brings it, when it is ripe and lost, who collects it; and that every bit of it is somewhere."""

import json
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from campaigns import energy, energy_drops, energy_rules, energy_view, friends, jobs, playing, published
from campaigns.definition import DefinitionError
from campaigns.energy_rules import Energy, Source, Steal
from campaigns.models import EnergyDrop, EnergyGain, EnergyMilestone, Enrolment
from campaigns.refusals import Refused
from members import erasing, ingest
from members.event_rows import EventRow
from members.ingest_events import ingest_events
from members.rows import OrderRow, RefundRow
from operations.books import count_violations
from operations.models import Job
from rewards.codes import add_codes
from rewards.ledger import balances
from tests.campaigns import scenes

pytestmark = pytest.mark.django_db

CASES = json.loads((Path(__file__).parents[1] / "cases" / "energy.json").read_text())
SOURCES = [
    {"event": "view", "amount": 10, "per_day": 2},
    {"task": "check-in", "amount": 20, "per_day": 1},
    {"order": {"least": "50"}, "amount": 100, "per_day": 3},
]
CONFIG = {
    "sources": SOURCES,
    "help": {"bonus": 2, "per_day": 2},
    "steal": {"percent": 20, "keep": 60},
    "milestones": [{"at": 100, "reward": {"points": 50}}, {"at": 300, "reward": {"gift": "coupon"}}],
    "cause": {"title": "A wood", "goal": 1000},
}
RIPE = scenes.NOW + timedelta(days=2)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_when_a_drop_is_ripe_and_when_it_withers(case):
    rules = Energy({}, matures_at=time.fromisoformat(case["matures_at"]), lasts_days=3)
    zone, happened = ZoneInfo(case["zone"]), datetime.fromisoformat(case["happened"])
    told = datetime.fromisoformat(case.get("told", case["happened"]))
    assert rules.ripe_at(happened, zone) == datetime.fromisoformat(case["ripe"])
    assert rules.withers_at(happened, zone, now=told) == datetime.fromisoformat(case["withers"])


@pytest.fixture
def campaign():
    scenes.make_coupon()
    return scenes.publish(features={"energy": CONFIG}, time_zone="Asia/Shanghai")


@pytest.fixture
def ann(campaign):
    member = scenes.make_member("ann", name="Ann")
    playing.enrol(member, "autumn", now=scenes.OPENS)
    return member


@pytest.fixture
def ben(campaign, ann, monkeypatch):
    """A friend of Ann's."""
    member = scenes.make_member("ben", name="Ben")
    playing.enrol(member, "autumn", now=scenes.OPENS)
    monkeypatch.setattr(friends, "_known", [lambda one, _c: {ann.pk: [member.pk], member.pk: [ann.pk]}.get(one, [])])
    return member


def drop_of(member, amount=100, at=scenes.NOW, key="made"):
    enrolment = Enrolment.objects.get(member=member)
    rules = energy_rules.parse(CONFIG)
    definition = published.definition_of("autumn")
    made = energy_drops.produce(
        definition, rules, enrolment.pk, Source("order", amount, 1000), key=key, happened_at=at, now=at
    )
    assert made
    return EnergyDrop.objects.get(enrolment=enrolment, key=key)


def balanced():
    return [count.name for count in count_violations() if count.violations != 0] == []


def refusal(act, *arguments, now=RIPE):
    with pytest.raises(Refused) as refused:
        act(*arguments, now=now)
    return refused.value.refusal.value


def test_ripe_at_seven_and_not_a_millisecond_before(ann):
    drop = drop_of(ann)
    seven = datetime(2026, 11, 12, 7, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert refusal(energy.collect, ann, "autumn", drop.pk, now=seven - timedelta(milliseconds=1)) == "not_ripe"
    assert energy.collect(ann, "autumn", drop.pk, now=seven).gained == 100


def test_lost_at_seven_three_days_later(ann):
    drop, other = drop_of(ann), drop_of(ann, key="other")
    lost = datetime(2026, 11, 15, 7, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert energy.collect(ann, "autumn", drop.pk, now=lost - timedelta(milliseconds=1)).gained == 100
    assert refusal(energy.collect, ann, "autumn", other.pk, now=lost) == "drop_gone"
    assert energy_drops.wither(now=lost - timedelta(milliseconds=1), limit=10) == 0
    assert energy_drops.wither(now=lost, limit=10) == 1
    other.refresh_from_db()
    assert (other.withered, other.remaining) == (100, 0)
    assert balanced()


def test_all_that_is_ripe_is_collected_at_once(ann):
    drop_of(ann), drop_of(ann, 30, key="other")
    drop_of(ann, 7, at=RIPE, key="young")
    assert energy.collect(ann, "autumn", None, now=RIPE) == energy.Gathered(130, 130, (100,))
    assert energy.collect(ann, "autumn", None, now=RIPE) == energy.Gathered(0, 130)
    assert balanced()


def test_a_drop_is_collected_once_and_only_by_its_owner_s_call(ann, ben):
    drop = drop_of(ann)
    assert refusal(energy.collect, ben, "autumn", drop.pk) == "no_drop"
    energy.collect(ann, "autumn", drop.pk, now=RIPE)
    assert refusal(energy.collect, ann, "autumn", drop.pk) == "drop_gone"


def test_behaviour_brings_so_much_a_day(ann):
    at = scenes.NOW
    rows = [EventRow(f"e{n}", "ann", "view", at + timedelta(minutes=n)) for n in range(3)]
    ingest_events([*rows, EventRow("e9", "ann", "search", at)], now=at)
    run_jobs("campaigns.jobs.energy_of_events")
    run_jobs("campaigns.jobs.energy_of_events")
    assert list(EnergyDrop.objects.values_list("source", "amount")) == [("event:view", 10)] * 2


def test_a_task_brings_energy_when_it_is_done(ann):
    playing.submit(ann, "autumn", "check-in", {}, now=scenes.NOW)
    assert list(EnergyDrop.objects.values_list("source", "amount")) == [("task:check-in", 20)]


def test_an_order_brings_energy_and_a_refund_takes_what_is_still_there(ann):
    at = scenes.NOW
    amounts = [Decimal("50"), Decimal("49.99"), Decimal("80")]
    orders = [OrderRow(f"A-{n}", "ann", at, amount, currency="CNY") for n, amount in enumerate(amounts)]
    ingest.ingest_orders(orders, now=at)
    run_jobs("campaigns.jobs.energy_of_orders")
    assert sorted(EnergyDrop.objects.values_list("key", flat=True)) == ["order:A-0", "order:A-2"]
    ingest.ingest_refunds([RefundRow("R-1", "A-0", at, Decimal(1))], now=at)
    run_jobs("campaigns.jobs.energy_of_orders")
    assert EnergyDrop.objects.get(key="order:A-0").withered == 100
    assert EnergyDrop.objects.get(key="order:A-2").remaining == 100


def run_jobs(function):
    for job in Job.objects.filter(function=function):
        getattr(jobs, function.rpartition(".")[2])(**job.arguments)


def test_what_happened_before_the_member_came_brings_nothing(campaign):
    cyd = scenes.make_member("cyd")
    ingest_events([EventRow("e1", "cyd", "view", scenes.NOW)], now=scenes.NOW)
    playing.enrol(cyd, "autumn", now=scenes.NOW + timedelta(seconds=1))
    run_jobs("campaigns.jobs.energy_of_events")
    assert not EnergyDrop.objects.exists()


def test_a_friend_collects_for_the_owner_and_is_thanked_so_often_a_day(ann, ben):
    drops = [drop_of(ann, 30, key=f"made{n}") for n in range(3)]
    told = [energy.help_friend(ben, ann, "autumn", drop.pk, now=RIPE) for drop in drops]
    assert [(each.gained, each.helped) for each in told] == [(2, 30), (2, 30), (0, 30)]
    assert energy.total_of(Enrolment.objects.get(member=ann).pk) == 90
    assert energy.total_of(Enrolment.objects.get(member=ben).pk) == 4
    assert balanced()


def test_strangers_and_oneself_cannot_help_nor_take(ann, ben):
    drop, cyd = drop_of(ann), scenes.make_member("cyd")
    playing.enrol(cyd, "autumn", now=scenes.OPENS)
    for act in (energy.help_friend, energy.steal):
        assert refusal(act, cyd, ann, "autumn", drop.pk) == "not_friends"
        assert refusal(act, ann, ann, "autumn", drop.pk) == "not_friends"


def test_a_milestone_reached_with_a_friend_s_help_is_given_by_a_job(ann, ben):
    drop = drop_of(ann, 120)
    energy.help_friend(ben, ann, "autumn", drop.pk, now=RIPE)
    assert balances(ann.pk)["points"] == 0
    run_jobs("campaigns.jobs.give_milestones")
    run_jobs("campaigns.jobs.give_milestones")
    assert balances(ann.pk)["points"] == 50


def test_a_friend_takes_a_share_once_and_never_below_what_the_owner_keeps(ann, ben):
    drop = drop_of(ann, 100)
    assert energy.steal(ben, ann, "autumn", drop.pk, now=RIPE).gained == 20
    assert refusal(energy.steal, ben, ann, "autumn", drop.pk) == "taken_before"
    assert energy.collect(ann, "autumn", drop.pk, now=RIPE).gained == 80
    assert balanced()


@pytest.mark.parametrize(
    ("amount", "remaining", "share"), [(100, 100, 20), (100, 80, 20), (100, 79, 0), (100, 60, 0), (1, 1, 0), (3, 3, 1)]
)
def test_the_share_that_one_friend_may_take(amount, remaining, share):
    assert Steal(percent=20, keep=60).share(amount, remaining) == share


def test_stealing_and_help_are_off_unless_they_are_configured(ann, ben):
    drop = drop_of(ann)
    campaign = scenes.Campaign.objects.get()
    campaign.features = {"energy": {"sources": SOURCES}}
    campaign.save()
    scenes.publish_draft(campaign, by=None, now=scenes.OPENS)
    assert refusal(energy.steal, ben, ann, "autumn", drop.pk) == "no_stealing"
    assert refusal(energy.help_friend, ben, ann, "autumn", drop.pk) == "no_help"


def test_a_milestone_is_rewarded_once_and_waits_for_gifts(ann):
    drop_of(ann, 350)
    assert energy.collect(ann, "autumn", None, now=RIPE).reached == (100, 300)
    assert balances(ann.pk)["points"] == 50
    assert refusal(energy.claim, ann, "autumn", 300) == "out_of_gifts"
    add_codes(scenes.Gift.objects.get(slug="coupon").pk, ["A-1", "A-2"])
    assert energy.claim(ann, "autumn", 300, now=RIPE).gift == "coupon"
    assert refusal(energy.claim, ann, "autumn", 300) == "done"
    assert refusal(energy.claim, ann, "autumn", 500) == "no_milestone"
    assert EnergyMilestone.objects.filter(rewarded_at=None).count() == 0


def test_what_all_collect_together_counts_for_the_cause(ann, ben):
    drop_of(ann, 100), drop_of(ben, 40)
    energy.collect(ann, "autumn", None, now=RIPE)
    energy.collect(ben, "autumn", None, now=RIPE)
    campaign = scenes.Campaign.objects.get()
    assert energy.shared_total(campaign.pk) == 140
    shown = energy_view.of_member(energy_rules.parse(CONFIG), Enrolment.objects.get(member=ann), now=RIPE)
    assert (shown.total, shown.shared, shown.ripe) == (100, 140, 0)


def test_the_database_refuses_a_drop_that_does_not_add_up(ann):
    drop = drop_of(ann)
    with pytest.raises(DatabaseError), transaction.atomic():
        EnergyDrop.objects.filter(pk=drop.pk).update(remaining=99)
    energy.collect(ann, "autumn", drop.pk, now=RIPE)
    with pytest.raises(DatabaseError), transaction.atomic():
        EnergyGain.objects.update(amount=1)


def test_an_erasure_takes_away_what_energy_came_from(ann):
    drop_of(ann, key="order:A-1")
    energy.collect(ann, "autumn", None, now=RIPE)
    erasing.erase(ann.pk, by=None, reason="asked", now=RIPE)
    assert not EnergyDrop.objects.filter(key__contains="A-1").exists()
    assert balanced()


FAULTY = [
    ({}, "sources"),
    ({"sources": []}, "sources"),
    ({"sources": [{"amount": 1, "per_day": 1}]}, "sources[0]"),
    ({"sources": [{"event": "view", "amount": 0, "per_day": 1}]}, "sources[0].amount"),
    ({"sources": [SOURCES[0], SOURCES[0]]}, "sources[1]"),
    ({"sources": [{"order": {"least": "NaN"}, "amount": 1, "per_day": 1}]}, "sources[0].order.least"),
    ({"sources": SOURCES, "matures_at": "7"}, "matures_at"),
    ({"sources": SOURCES, "matures_at": "25:00"}, "matures_at"),
    ({"sources": SOURCES, "lasts_days": 0}, "lasts_days"),
    ({"sources": SOURCES, "steal": {"percent": 60, "keep": 60}}, "steal.percent"),
    ({"sources": SOURCES, "milestones": [{"at": 5, "reward": {}}, {"at": 5, "reward": {}}]}, "milestones[1].at"),
    ({"sources": SOURCES, "cause": {"title": "", "goal": 1}}, "cause.title"),
]


@pytest.mark.parametrize(("config", "path"), FAULTY, ids=[path for _config, path in FAULTY])
def test_what_is_wrong_with_a_configuration_is_named_by_its_path(config, path):
    with pytest.raises(DefinitionError) as error:
        energy_rules.parse(config)
    assert error.value.path == path


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["make", "collect", "collect all", "help", "steal", "wither"]),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 9),
        st.integers(0, 30),
    ),
    max_size=25,
)


class EveryBitIsSomewhere(TestCase):
    """Three friends do as they like: what is produced is collected, stolen, withered or there, and the books hold."""

    @given(acts=ACTS)
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_whatever_friends_do(self, acts):
        scenes.make_coupon()
        scenes.publish(features={"energy": CONFIG})
        people = [scenes.make_member(f"m{n}") for n in range(3)]
        for member in people:
            playing.enrol(member, "autumn", now=scenes.OPENS)
        every = [member.pk for member in people]
        known, friends._known = friends._known, [lambda one, _c: [each for each in every if each != one]]
        try:
            now = scenes.NOW
            for number, (act, who, whose, which, hours) in enumerate(acts):
                now += timedelta(hours=hours)
                self.do(act, people[who], people[whose], which, number, now)
        finally:
            friends._known = known
        totals = {name: sum(EnergyDrop.objects.values_list(name, flat=True)) for name in self.PARTS}
        parts = sum(totals[name] for name in self.PARTS[1:])
        assert parts == totals["amount"]
        assert balanced()

    PARTS = ("amount", "collected", "stolen", "withered", "remaining")

    def do(self, act, one, other, which, number, now):
        drops = list(EnergyDrop.objects.filter(enrolment__member=other).order_by("pk").values_list("pk", flat=True))
        drop = drops[which % len(drops)] if drops else 1
        try:
            match act:
                case "make":
                    drop_of(one, which * 7 + 1, at=now, key=str(number))
                case "collect":
                    energy.collect(other, "autumn", drop, now=now)
                case "collect all":
                    energy.collect(one, "autumn", None, now=now)
                case "help":
                    energy.help_friend(one, other, "autumn", drop, now=now)
                case "steal":
                    energy.steal(one, other, "autumn", drop, now=now)
                case "wither":
                    energy_drops.wither(now=now, limit=2)
        except Refused:
            pass

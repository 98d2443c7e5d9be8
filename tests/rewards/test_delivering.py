"""Red packets are paid once each, whatever becomes of the process, the network or the provider."""

import json
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from members.models import Identity
from operations import jobs
from operations.models import AuditRecord, Job
from rewards import delivering, delivery_providers, settling_deliveries
from rewards.awards import grant_award
from rewards.models import Award, Delivery, Gift
from rewards.reversing import NotReversible, reverse_award
from tests.races.together import at_once
from tests.rewards import build
from tests.rewards.bank import Bank

pytestmark = pytest.mark.django_db(transaction=True)
State = Delivery.State


@pytest.fixture
def bank(settings, tmp_path):
    made = {"kind": "tests.rewards.bank.Bank", "folder": str(tmp_path)}
    settings.DELIVERY_PROVIDERS = {
        "bank": made,
        "manual": {},
        "wechat": made | {"needs_identity": "wechat-openid"},
    }
    return delivery_providers.provider_of("bank")


@pytest.fixture
def operator():
    return User.objects.create_user("op")


def packet(provider="bank", **fields) -> Gift:
    return build.gift(f"packet-{provider}", Gift.Kind.RED_PACKET, provider=provider, face_value="8.88", **fields)


def granted(*, provider="bank", count=1, **fields) -> list[Delivery]:
    gift = packet(provider, **fields)
    now = timezone.now()
    for member in build.members(count):
        grant_award(gift, member.pk, key=f"p:{member.pk}", source="test", now=now)
    return list(Delivery.objects.order_by("id"))


def pay(*, after=timedelta(0)) -> delivering.Paid:
    moment = timezone.now() + after
    return delivering.pay_due(now=lambda: moment)


def pay_on(minutes=60) -> None:
    """Let the job of each minute run for so long."""
    for minute in range(0, minutes, 2):
        pay(after=timedelta(minutes=minute, seconds=5))


def is_paid_once(bank: Bank, delivery: Delivery) -> bool:
    delivery.refresh_from_db()
    assert bank.payments() == [delivery.key]
    assert (delivery.state, delivery.award.state) == (State.DELIVERED, Award.State.DELIVERED)
    return build.books_are_right()


def test_a_red_packet_comes_with_its_payment_and_a_job_that_pays_it_at_once(bank):
    (delivery,) = granted()
    assert (delivery.state, delivery.cents, delivery.provider, len(delivery.key)) == ("waiting", 888, "bank", 32)
    jobs.run(Job.objects.get(function=delivering.JOB).pk)
    delivery = Delivery.objects.select_related("award").get()
    assert delivery.reference == f"bank-{delivery.key[:6]}-"
    assert is_paid_once(bank, delivery)


def test_other_gifts_have_no_payment(bank):
    (member,) = build.members(1)
    grant_award(build.gift("thanks"), member.pk, key="t", source="test", now=timezone.now())
    assert not Delivery.objects.exists()
    assert not Job.objects.filter(function=delivering.JOB).exists()


def test_a_grant_that_is_rolled_back_leaves_no_payment(bank):
    gift, (member,) = packet(), build.members(1)
    with transaction.atomic():
        grant_award(gift, member.pk, key="p", source="test", now=timezone.now())
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_nothing_is_paid_inside_a_transaction_of_somebody_else(bank):
    granted()
    with pytest.raises(RuntimeError, match="outside"), transaction.atomic():
        pay()
    assert bank.payments() == []


@pytest.mark.parametrize("step", ["lost after", "lost before"])
def test_an_answer_that_is_lost_is_asked_for_before_anything_is_sent_again(bank, step):
    (delivery,) = granted()
    bank.plan(step)
    pay()
    delivery.refresh_from_db()
    assert delivery.state == State.UNKNOWN
    pay_on()
    assert is_paid_once(bank, delivery)


def test_while_the_provider_cannot_be_asked_nothing_is_sent_again(bank, tmp_path):
    (delivery,) = granted()
    bank.plan("lost after")
    (tmp_path / "deaf").touch()
    pay_on()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, len(bank.payments())) == (State.UNKNOWN, 1, 1)
    (tmp_path / "deaf").unlink()
    pay(after=timedelta(hours=2))
    assert is_paid_once(bank, delivery)


def test_a_provider_that_has_not_heard_of_it_yet_is_given_time(bank):
    (delivery,) = granted()
    bank.plan("lost before")
    pay()
    pay(after=delivering.SETTLING - timedelta(seconds=30))
    delivery.refresh_from_db()
    assert (delivery.state, bank.payments()) == (State.UNKNOWN, [])


@pytest.mark.parametrize(
    "point",
    [
        "before it is taken",
        "once it is taken",
        "before the outcome is written",
        "while the outcome is written",
        "once the outcome is written",
    ],
)
def test_a_process_killed_at_any_point_pays_once(bank, point, process_environment, settings):
    (delivery,) = granted()
    assert run_process(point, process_environment, settings).wait(60) == -signal.SIGKILL
    pay_on()
    assert is_paid_once(bank, delivery)


@pytest.mark.parametrize("step", ["killed before", "killed after"])
def test_a_process_killed_in_the_providers_call_pays_once(bank, step, process_environment, settings):
    (delivery,) = granted()
    bank.plan(step)
    assert run_process("never", process_environment, settings).wait(60) == -signal.SIGKILL
    delivery.refresh_from_db()
    assert delivery.state == State.SENDING
    pay()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.SENDING, 1)
    pay_on()
    assert is_paid_once(bank, delivery)


def run_process(point, environment, settings):
    providers = {"DELIVERY_PROVIDERS": json.dumps(settings.DELIVERY_PROVIDERS)}
    return subprocess.Popen([sys.executable, "-m", "tests.rewards.paying_process", point], env=environment | providers)


@pytest.mark.slow
def test_two_workers_killed_at_random_pay_each_of_many_once(bank, process_environment, settings):
    deliveries = granted(count=300)
    rounds = random.Random(5)
    for _round in range(6):
        workers = [run_process("never", process_environment, settings) for _each in range(2)]
        time.sleep(1.5 + rounds.random() * 1.5)
        for worker in workers:
            worker.kill()
            worker.wait()
    pay_on()
    assert sorted(bank.payments()) == sorted(delivery.key for delivery in deliveries)
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DELIVERED}
    assert build.books_are_right()


def test_twelve_workers_at_once_pay_each_once(bank):
    deliveries = granted(count=40)
    paid = at_once(12, lambda _number: pay())
    assert sum(each.sent for each in paid) == 40
    assert sorted(bank.payments()) == sorted(delivery.key for delivery in deliveries)
    assert build.books_are_right()


def test_a_certain_failure_is_tried_again_later_and_in_the_end_an_operator_sees_it(bank, operator):
    (delivery,) = granted()
    bank.plan(*["fail"] * delivering.MOST_ATTEMPTS)
    pay()
    assert pay().sent == 0
    pay_on(minutes=60 * 4)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.error) == (State.FAILED, 5, "out of money")
    assert bank.payments() == []
    settling_deliveries.retry(delivery, by=operator, now=timezone.now())
    pay(after=timedelta(seconds=1))
    assert is_paid_once(bank, delivery)


def test_a_failure_for_good_is_not_tried_again(bank):
    (delivery,) = granted()
    bank.plan("fail for good")
    pay_on()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.FAILED, 1)


def test_giving_up_takes_the_award_back_and_nothing_is_paid(bank, operator):
    (delivery,) = granted(stock=1)
    bank.plan("fail for good")
    pay()
    settling_deliveries.give_up(delivery, reason="no such account", by=operator, now=timezone.now())
    delivery = Delivery.objects.select_related("award").get()
    assert (delivery.state, delivery.award.state) == (State.GIVEN_UP, Award.State.REVERSED)
    pay_on()
    assert bank.payments() == []
    assert build.books_are_right()


def test_an_award_that_was_taken_back_is_not_paid(bank):
    (delivery,) = granted()
    reverse_award(delivery.award_id, by=None, reason="a mistake", now=timezone.now())
    pay_on()
    assert bank.payments() == []
    assert build.books_are_right()


def test_an_award_is_not_taken_back_while_nobody_knows_whether_it_was_paid(bank):
    (delivery,) = granted()
    bank.plan("lost after")
    pay()
    with pytest.raises(NotReversible):
        reverse_award(delivery.award_id, by=None, reason="a mistake", now=timezone.now())
    pay_on()
    assert is_paid_once(bank, delivery)


def test_paying_beside_taking_back_does_one_of_both(bank):
    deliveries = granted(count=24)

    def act(number):
        if number % 2:
            return pay()
        for delivery in deliveries:
            try:
                reverse_award(delivery.award_id, by=None, reason="a mistake", now=timezone.now())
            except NotReversible:
                continue
        return None

    assert [each for each in at_once(6, act) if isinstance(each, Exception)] == []
    pay_on()
    paid = set(Delivery.objects.filter(state=State.DELIVERED).values_list("key", flat=True))
    assert sorted(paid) == sorted(bank.payments())
    assert build.books_are_right()


def test_who_has_not_linked_an_account_yet_waits_for_it(bank):
    (delivery,) = granted(provider="wechat")
    pay_on()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.WAITING, 0)
    Identity.objects.create(member_id=delivery.award.member_id, provider="wechat-openid", subject="oAnn")
    pay()
    delivery = Delivery.objects.select_related("award").get()
    assert delivery.reference.endswith("-oAnn")
    assert is_paid_once(bank, delivery)


def test_what_is_paid_by_hand_is_never_sent_and_one_operator_takes_it(bank, operator):
    (delivery,) = granted(provider="manual")
    pay_on()
    colleague = User.objects.create_user("colleague")

    def take(number):
        settling_deliveries.take_in_hand(delivery, by=[operator, colleague][number % 2], now=timezone.now())
        return number

    takers = [each for each in at_once(8, take) if isinstance(each, int)]
    assert len(takers) == 1
    payer, other = [operator, colleague] if takers[0] % 2 == 0 else [colleague, operator]
    pay_on()
    with pytest.raises(settling_deliveries.NotPossible):
        settling_deliveries.mark_paid(delivery, reference="no", by=other, now=timezone.now())
    settling_deliveries.mark_paid(delivery, reference="bank slip 7", by=payer, now=timezone.now())
    delivery = Delivery.objects.select_related("award").get()
    assert (delivery.state, delivery.reference, delivery.award.state) == ("delivered", "bank slip 7", "delivered")
    assert AuditRecord.objects.filter(action="delivery.marked_paid").count() == 1
    assert build.books_are_right()


def test_a_provider_that_is_set_up_wrongly_does_not_stop_the_others(bank, settings):
    settings.DELIVERY_PROVIDERS = {"broken": {"kind": "http", "url": "http://shop.example/"}} | (
        settings.DELIVERY_PROVIDERS
    )
    (delivery,) = granted()
    pay()
    assert is_paid_once(bank, delivery)


def test_the_database_has_one_payment_for_an_award(bank):
    granted()
    with connection.cursor() as cursor, pytest.raises(Exception, match="unique"):
        cursor.execute(
            "INSERT INTO rewards_delivery (award_id, provider, key, cents, due_at)"
            " SELECT award_id, provider, 'another', cents, due_at FROM rewards_delivery"
        )

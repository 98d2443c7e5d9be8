"""Receipts beside the worker's own outcome, and beside each other, on real connections."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from members.models import InboxMessage, Member
from operations.models import AuditRecord
from rewards import delivering, shipping
from rewards.delivery_providers import Outcome, Verdict
from rewards.models import Award, Delivery, Shipment
from tests.races.together import Crowd
from tests.rewards.build import books_are_right
from tests.rewards.parcels import addressed, mug
from tests.rewards.receipt_calls import Sender
from tests.rewards.test_delivering import granted

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8
CALLERS = 12


@pytest.fixture
def _bank(settings, tmp_path):
    settings.DELIVERY_PROVIDERS = {"bank": {"kind": "tests.rewards.bank.Bank", "folder": str(tmp_path)}}


def being_sent(delivery: Delivery) -> Delivery:
    """A payment whose worker waits for the provider's answer."""
    now = timezone.now()
    sent = {"state": Delivery.State.SENDING, "attempts": 1, "sent_at": now, "due_at": now + delivering.LEASE}
    Delivery.objects.filter(pk=delivery.pk).update(**sent)
    return Delivery.objects.get(pk=delivery.pk)


@pytest.mark.usefixtures("_bank")
@pytest.mark.parametrize("outcome", list(Verdict))
def test_a_receipt_beside_the_workers_own_outcome_has_one_effect(outcome):
    deliveries, teller = granted(count=ROUNDS), Sender(Client(), provider="bank")

    def act(delivery, number):
        if number % 3 == 0:
            delivering.settle(delivery, Outcome(outcome, reference="worker", error="worker"), now=timezone.now())
            return None
        body = {"key": delivery.key, "state": "delivered", "reference": f"receipt-{number}"}
        return teller.tell(body, message=f"{delivery.pk}-{number % 6}", client=Client()).status_code

    with Crowd(CALLERS) as crowd:
        for each in deliveries:
            delivery = being_sent(each)
            told = crowd.each(lambda number, delivery=delivery: act(delivery, number), range(CALLERS))
            assert set(told) <= {None, 200, 422}, told
            records = AuditRecord.objects.filter(action="delivery.receipt_taken", target_id=str(each.pk)).count()
            assert records <= 1
            assert (records == 1) or outcome is Verdict.DELIVERED
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.DELIVERED}
    assert set(Award.objects.values_list("state", flat=True)) == {Award.State.DELIVERED}
    assert InboxMessage.objects.count() == ROUNDS
    assert books_are_right()


def test_one_parcel_is_shipped_and_comes_back_once_each_however_often_it_is_told():
    operator, warehouse = User.objects.create_user("op"), Sender(Client())
    parcels = [addressed(Member.objects.create(uid=f"p{number}"), now=timezone.now()) for number in range(ROUNDS)]
    shipping.export_waiting([mug()], by=operator, now=timezone.now())

    def tell(parcel, state, number):
        body = {"award": parcel.award_id, "state": state, "carrier": "SF", "number": "SF1234567890"}
        answer = warehouse.tell(body, message=f"{state}-{parcel.pk}-{number}", client=Client())
        return answer.status_code, answer.json().get("changed")

    with Crowd(CALLERS) as crowd:
        for parcel in parcels:
            for state in ("shipped", "returned"):
                told = crowd.each(
                    lambda number, parcel=parcel, state=state: tell(parcel, state, number), range(CALLERS)
                )
                assert sorted(told) == [(200, False)] * (CALLERS - 1) + [(200, True)]
    assert set(Shipment.objects.values_list("state", flat=True)) == {Shipment.State.RETURNED}
    assert AuditRecord.objects.filter(actor_name="warehouse").count() == 2 * ROUNDS
    assert InboxMessage.objects.filter(created_at__gt=timezone.now() - timedelta(days=1)).count() == 2 * ROUNDS
    assert books_are_right()

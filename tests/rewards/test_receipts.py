"""What providers and warehouses tell by themselves: true once, refused where it cannot be, replayed without effect."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from members import resealing
from members.models import InboxMessage, Member
from operations.models import AuditRecord, IdempotencyKey
from rewards import delivering, delivery_providers, receipt_secrets, settling_deliveries, shipping
from rewards.awards import grant_award
from rewards.delivery_providers import Outcome, Verdict
from rewards.models import Award, Delivery, Gift, ReceiptSender, Shipment
from rewards.reversing import reverse_award
from tests.rewards import build
from tests.rewards.parcels import addressed, mug
from tests.rewards.receipt_calls import ADDRESS, Sender, reread, told
from tests.rewards.test_delivering import State, granted, pay, pay_on

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


@pytest.fixture
def bank(settings, tmp_path):
    made = {"kind": "tests.rewards.bank.Bank", "folder": str(tmp_path)}
    settings.DELIVERY_PROVIDERS = {"bank": made, "other": made, "manual": {}}
    return delivery_providers.provider_of("bank")


@pytest.fixture
def teller(client, bank):
    return Sender(client, provider="bank")


@pytest.fixture
def warehouse(client):
    return Sender(client)


@pytest.fixture
def operator():
    return User.objects.create_user("op")


def lost(bank, step="lost after"):
    """A payment that was sent and of which nobody knows what became."""
    (delivery,) = granted()
    bank.plan(step)
    pay()
    return fresh(delivery)


def fresh(delivery):
    return Delivery.objects.select_related("award").get(pk=delivery.pk)


def exported(operator):
    parcel = addressed(Member.objects.create(uid="reader"), now=timezone.now())
    shipping.export_waiting([mug()], by=operator, now=timezone.now())
    return parcel


def paid(delivery, **more):
    return {"key": delivery.key, "state": "delivered", "reference": "R-1"} | more


def failed(delivery, **more):
    return {"key": delivery.key, "state": "failed", "error": "no such account"} | more


def shipped(parcel, number="SF1234567890", **more):
    return {"award": parcel.award_id, "state": "shipped", "carrier": "SF", "number": number} | more


def returned(parcel, number="SF1234567890"):
    return {"award": parcel.award_id, "state": "returned", "number": number}


def test_a_receipt_settles_a_payment_and_its_repetition_gets_the_first_answer(bank, teller):
    delivery = lost(bank)
    first = teller.tell(paid(delivery), message="msg_1")
    assert (first.status_code, first.json()) == (200, {"key": delivery.key, "state": "delivered", "changed": True})
    again = teller.tell(paid(delivery), message="msg_1")
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    other = teller.tell(paid(delivery, reference="R-2"))
    assert other.json() == {"key": delivery.key, "state": "delivered", "changed": False}
    delivery = fresh(delivery)
    assert (delivery.state, delivery.reference, delivery.award.state) == (State.DELIVERED, "R-1", "delivered")
    assert InboxMessage.objects.count() == 1
    record = AuditRecord.objects.get(action="delivery.receipt_taken")
    assert (record.actor_name, record.changes["state"]) == ("bank", ["unknown", "delivered"])
    pay_on()
    assert len(bank.payments()) == 1
    assert build.books_are_right()


def test_what_was_paid_after_all_is_paid_once_whatever_was_believed(bank, teller):
    delivery = lost(bank, "fail")
    assert delivery.state == State.WAITING
    assert told(teller.tell(paid(delivery))) == (200, "delivered")
    pay_on()
    assert (bank.payments(), fresh(delivery).attempts) == ([], 1)
    assert build.books_are_right()


def test_a_payment_of_an_award_that_was_taken_back_shows_that_it_went_out(bank, teller):
    delivery = lost(bank, "fail for good")
    reverse_award(delivery.award_id, by=None, reason="a mistake", now=timezone.now())
    assert told(teller.tell(paid(delivery))) == (200, "delivered")
    delivery = fresh(delivery)
    assert (delivery.state, delivery.award.state) == (State.DELIVERED, Award.State.REVERSED)
    assert not InboxMessage.objects.filter(kind="packet.failed").exists()
    assert build.books_are_right()


def test_a_failure_waits_for_the_next_attempt_and_one_for_good_for_an_operator(bank, teller):
    delivery = lost(bank, "lost before")
    assert told(teller.tell(failed(delivery))) == (200, "waiting")
    assert (fresh(delivery).error, teller.tell(failed(delivery)).json()["changed"]) == ("no such account", False)
    bank.plan("lost before")
    pay(after=timedelta(minutes=2))
    assert fresh(delivery).attempts == 2
    later = fresh(delivery).sent_at + SECOND
    assert told(teller.tell(failed(delivery, final=True), at=later)) == (200, "failed")
    assert told(teller.tell(paid(delivery))) == (200, "delivered")
    assert build.books_are_right()


def test_a_failure_after_the_payment_is_refused(bank, teller):
    delivery = lost(bank)
    teller.tell(paid(delivery))
    assert told(teller.tell(failed(delivery))) == (409, "already_delivered")
    assert fresh(delivery).state == State.DELIVERED


@pytest.mark.parametrize("receipt", [paid, failed])
def test_a_payment_that_was_never_sent_or_is_anothers_is_refused(client, bank, teller, receipt):
    (delivery,) = granted()
    assert told(teller.tell(receipt(delivery))) == (409, "not_sent")
    pay()
    other = Sender(client, provider="other")
    assert told(other.tell(receipt(delivery))) == (404, "unknown_payment")
    assert told(Sender(client).tell(receipt(delivery))) == (404, "unknown_payment")
    assert told(teller.tell(receipt(delivery) | {"key": "0" * 32})) == (404, "unknown_payment")


def test_a_failure_does_not_count_while_an_attempt_is_under_way_or_for_the_one_before(bank, teller, operator):
    delivery = lost(bank)
    Delivery.objects.update(state=State.SENDING, due_at=timezone.now() + timedelta(minutes=3))
    assert told(teller.tell(failed(delivery))) == (409, "being_sent")
    Delivery.objects.update(state=State.UNKNOWN)
    assert told(teller.tell(failed(delivery), at=delivery.sent_at - SECOND)) == (409, "earlier_attempt")
    Delivery.objects.update(state=State.FAILED)
    settling_deliveries.take_in_hand(delivery, by=operator, now=timezone.now())
    Delivery.objects.update(due_at=timezone.now() - SECOND)
    assert told(teller.tell(failed(delivery))) == (409, "being_sent")
    # What a worker that was killed has left behind is settled.
    Delivery.objects.update(taken_by=None)
    assert told(teller.tell(failed(delivery))) == (200, "waiting")


def test_the_workers_own_outcome_after_a_receipt_changes_nothing(bank, teller):
    delivery = lost(bank)
    Delivery.objects.update(state=State.SENDING, due_at=timezone.now() + timedelta(minutes=3))
    teller.tell(paid(delivery))
    for verdict in Verdict:
        delivering.settle(delivery, Outcome(verdict, reference="late", error="late"), now=timezone.now())
    delivery = fresh(delivery)
    assert (delivery.state, delivery.reference, delivery.error) == (State.DELIVERED, "R-1", "")
    assert InboxMessage.objects.count() == 1


def test_a_parcel_is_shipped_and_comes_back_once_each(warehouse, operator):
    parcel = exported(operator)
    assert told(warehouse.tell(shipped(parcel))) == (200, "shipped")
    assert warehouse.tell(shipped(parcel)).json()["changed"] is False
    assert told(warehouse.tell(shipped(parcel, "SF0000000000"))) == (409, "other_number")
    assert told(warehouse.tell(returned(parcel, "SF0000000000"))) == (409, "other_number")
    assert Award.objects.get().state == Award.State.DELIVERED
    assert told(warehouse.tell(returned(parcel))) == (200, "returned")
    assert warehouse.tell(returned(parcel)).json()["changed"] is False
    assert told(warehouse.tell(shipped(parcel))) == (409, "other_number")
    assert Award.objects.get().state == Award.State.CLAIMED
    actions = AuditRecord.objects.filter(actor_name="warehouse").values_list("action", flat=True)
    assert sorted(actions) == ["shipment.came_back", "shipment.sent"]
    assert build.books_are_right()


def test_a_parcel_that_is_not_on_its_way_is_refused(warehouse, teller, operator):
    parcel = addressed(build.members(1)[0], now=timezone.now())
    assert told(warehouse.tell(shipped(parcel))) == (409, "not_exported")
    assert told(warehouse.tell(returned(parcel))) == (409, "not_shipped")
    assert {told(teller.tell(each(parcel))) for each in (shipped, returned)} == {(404, "unknown_parcel")}
    for award in (parcel.award_id + 1, 2**63 - 1):
        assert told(warehouse.tell(shipped(parcel, award=award))) == (404, "unknown_parcel")
        assert told(warehouse.tell(returned(parcel) | {"award": award})) == (404, "unknown_parcel")
    reverse_award(parcel.award_id, by=None, reason="a mistake", now=timezone.now())
    assert {told(warehouse.tell(each(parcel))) for each in (shipped, returned)} == {(409, "taken_back")}
    Award.objects.update(state=Award.State.REVERSED)
    assert Shipment.objects.get().state == Shipment.State.WAITING


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "key"),
        ({"key": "k", "award": 1, "state": "delivered"}, "key"),
        ({"key": "k"}, "state"),
        ({"key": "k", "state": "shipped"}, "state"),
        ({"key": "k", "state": ["delivered"]}, "state"),
        ({"key": "k" * 33, "state": "failed"}, "key"),
        ({"key": "", "state": "failed"}, "key"),
        ({"key": {}, "state": "failed"}, "key"),
        ({"key": "k\x00", "state": "failed"}, "key"),
        ({"key": "k", "state": "failed", "final": "no"}, "final"),
        ({"key": "k", "state": "failed", "error": "e" * 501}, "error"),
        ({"key": "k", "state": "delivered", "reference": "r" * 101}, "reference"),
        ({"key": "k", "state": "delivered", "reference": 1.5}, "reference"),
        ({"key": "k", "state": "delivered", "cents": 1}, "cents"),
        ({"award": True, "state": "returned", "number": "SF10000"}, "award"),
        ({"award": 2**63, "state": "returned", "number": "SF10000"}, "award"),
        ({"award": "1", "state": "returned", "number": "SF10000"}, "award"),
        ({"award": 1, "state": "returned"}, "number"),
        ({"award": 1, "state": "returned", "number": "1.2E+13"}, "number"),
        ({"award": 1, "state": "shipped", "number": "SF10000"}, "carrier"),
        ({"award": 1, "state": "shipped", "number": "SF10000", "carrier": "c" * 51}, "carrier"),
        ({"award": 1, "state": "shipped", "number": "SF10000", "reference": "r"}, "reference"),
    ],
)
def test_a_body_that_says_nothing_is_refused_by_its_field(warehouse, body, field):
    answer = warehouse.tell(body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'"key"', b"7", b'{"key": NaN}', b'{"key": "\\ud800"}'])
def test_a_body_that_is_no_object_is_refused(warehouse, body):
    assert warehouse.tell(body).status_code == 400


def test_what_no_sender_signed_is_refused_before_it_is_read(client, warehouse, bank, teller):
    delivery = lost(bank)
    assert told(teller.tell(paid(delivery), secret="whsec_" + "A" * 43 + "=")) == (401, "webhook_forged")
    assert told(teller.tell(paid(delivery), **{"webhook-signature": "v1,AAAA"})) == (401, "webhook_forged")
    assert told(teller.tell(paid(delivery), **{"webhook-id": ""})) == (401, "webhook_unsigned")
    assert told(client.post(ADDRESS, b"{", content_type="text/plain")) == (401, "webhook_unsigned")
    assert told(teller.tell(b"x" * 20_000)) == (413, "body_too_large")
    for shift, code in ((-301, "webhook_too_old"), (302, "webhook_too_early")):
        assert told(teller.tell(paid(delivery), at=timezone.now() + shift * SECOND)) == (400, code)
    assert (client.get(ADDRESS).status_code, client.put(ADDRESS).status_code) == (405, 405)
    assert fresh(delivery).state == State.UNKNOWN
    assert reread(teller).last_heard_at is None
    ReceiptSender.objects.all().delete()
    assert told(teller.tell(paid(delivery))) == (401, "webhook_forged")


def test_one_id_with_two_bodies_is_refused_and_two_senders_may_use_the_same(bank, teller, warehouse, operator):
    delivery, parcel = lost(bank), exported(operator)
    teller.tell(paid(delivery), message="msg_1")
    assert told(teller.tell(failed(delivery), message="msg_1")) == (422, "idempotency_key_reused")
    assert told(warehouse.tell(shipped(parcel), message="msg_1")) == (200, "shipped")


def test_what_was_refused_is_taken_when_it_is_true_later(bank, teller):
    (delivery,) = granted()
    assert told(teller.tell(paid(delivery), message="msg_1")) == (409, "not_sent")
    bank.plan("lost after")
    pay()
    assert told(teller.tell(paid(delivery), message="msg_1")) == (200, "delivered")


def test_after_a_change_both_secrets_are_taken_for_a_while_and_the_leaked_one_never(bank, teller):
    delivery, now, old = lost(bank), timezone.now(), teller.secret
    new = receipt_secrets.change(teller.row, earlier_until=now + timedelta(hours=1), by=None, now=now)
    assert told(teller.tell(paid(delivery), secret=old)) == (200, "delivered")
    assert told(teller.tell(paid(delivery), secret=new)) == (200, "delivered")
    ReceiptSender.objects.update(earlier_until=now)
    assert told(teller.tell(paid(delivery), secret=old)) == (401, "webhook_forged")
    newest = receipt_secrets.change(teller.row, earlier_until=now, by=None, now=now)
    assert told(teller.tell(paid(delivery), secret=new)) == (401, "webhook_forged")
    assert told(teller.tell(paid(delivery), secret=newest)) == (200, "delivered")
    heard = reread(teller).last_heard_at
    assert timezone.now() - heard < timedelta(minutes=1)


def test_secrets_move_to_a_new_key(bank, teller, settings):
    now = timezone.now()
    new = receipt_secrets.change(teller.row, earlier_until=now + timedelta(hours=1), by=None, now=now)
    settings.PERSONAL_DATA_KEYS = ["new key", settings.SECRET_KEY]
    done = list(resealing.reseal())[-1]
    assert (done.others["secrets of receipts"], done.unreadable) == (1, 0)
    settings.PERSONAL_DATA_KEYS = ["new key"]
    ((_sender, secrets),) = receipt_secrets.secrets_by_sender(now=now)
    assert secrets == [new, teller.secret]


@pytest.fixture
def clerk(client):
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


def test_a_secret_is_issued_and_changed_by_who_may_and_shown_once(client, clerk, bank):
    issue = reverse("admin:rewards_receiptsender_issue")
    assert client.get(issue).status_code == 403
    clerk.user_permissions.add(Permission.objects.get(codename="issue_receiptsender"))
    page = client.get(issue).text
    assert "Payments of bank" in page
    assert "Payments of manual" not in page
    answer = client.post(issue, {"name": "The bank", "about": "payments:bank"})
    assert (answer.status_code, answer["Cache-Control"].split(", ")[:2]) == (200, ["private", "no-store"])
    first = answer.context["secret"]
    assert f"POST http://testserver{ADDRESS}" in answer.text
    assert "There is one of this name" in client.post(issue, {"name": "The bank", "about": "parcels"}).text
    sender = ReceiptSender.objects.get()
    change = reverse("admin:rewards_receiptsender_change_secret", args=[sender.pk])
    assert "Earlier secret valid until" in client.post(change, {}).text
    assert "Earlier secret valid until" not in client.post(change, {"leaked": "on"}).text
    pages = [reverse("admin:rewards_receiptsender_changelist"), change,
             reverse("admin:rewards_receiptsender_change", args=[sender.pk])]  # fmt: skip
    assert [each for each in pages if "whsec_" in client.get(each).text] == []
    records = AuditRecord.objects.filter(actor=clerk).order_by("id")
    assert [each.action for each in records] == [f"receipt_sender.{what}" for what in ("issued", "changed", "changed")]
    assert first not in json.dumps([each.changes for each in records])
    assert first.encode() not in bytes(sender.sealed)


def test_a_gift_of_no_parcel_is_unknown(warehouse):
    (member,) = build.members(1)
    award = grant_award(build.gift("thanks", Gift.Kind.THANKS), member.pk, key="t", source="test", now=timezone.now())
    for state in ("shipped", "returned"):
        body = {"award": award.pk, "state": state, "carrier": "SF", "number": "SF10000"}
        assert told(warehouse.tell(body)) == (404, "unknown_parcel")

"""A balance is corrected by hand with a reason, and above the limit by two people."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, transaction

from members.models import Member
from operations.models import AuditRecord
from rewards import adjusting, ledger
from rewards.adjusting import Refusal
from rewards.models import Adjustment, Entry, Unit
from tests.rewards.build import NOW, books_are_right, members

LIMIT = 1_000


def person(name, *permissions):
    user = User.objects.create(username=name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def member(db):
    return members(1)[0]


@pytest.fixture
def lin(db):
    return person("lin", "approve_adjustment")


@pytest.fixture
def chief(db):
    return person("chief", "approve_adjustment")


def ask(member, amount, by, *, now=NOW, unit="points", reason="goodwill"):
    return adjusting.request(member, Unit.objects.get(slug=unit), amount=amount, reason=reason, by=by, now=now)


def points_of(member):
    return ledger.balances(member.pk)["points"]


def refusal_of(call, *arguments, **named):
    with pytest.raises(adjusting.NotAdjusted) as refused:
        call(*arguments, **named)
    return refused.value.reason


def test_up_to_the_limit_one_person_is_enough(member, lin):
    adjustment = ask(member, LIMIT, lin)
    assert adjustment.state == Adjustment.State.POSTED
    assert points_of(member) == LIMIT
    entry = adjustment.entry
    assert (entry.kind, entry.reason, entry.reference) == ("adjust", "goodwill", f"adjustment:{adjustment.pk}")
    assert books_are_right()


@pytest.mark.parametrize("amount", [LIMIT + 1, -LIMIT - 1])
def test_above_the_limit_it_waits_and_changes_nothing(member, lin, amount):
    ledger.post_entry(member.pk, "points", amount=5_000, key="start", reason="test", now=NOW)
    assert ask(member, amount, lin).state == Adjustment.State.WAITING
    assert points_of(member) == 5_000


def test_a_second_person_posts_it(member, lin, chief):
    adjustment = adjusting.approve(ask(member, 5_000, lin), by=chief, now=NOW)
    assert (adjustment.state, adjustment.decided_by, adjustment.decided_at) == ("posted", chief, NOW)
    assert points_of(member) == adjustment.entry.balance_after == 5_000
    assert books_are_right()


def test_or_refuses_it(member, lin, chief):
    adjustment = adjusting.refuse(ask(member, 5_000, lin), by=chief, now=NOW)
    assert (adjustment.state, adjustment.decided_by, adjustment.entry) == ("refused", chief, None)
    assert not Entry.objects.exists()


@pytest.mark.parametrize("decide", [adjusting.approve, adjusting.refuse])
def test_nobody_decides_on_their_own_request(member, lin, decide):
    assert refusal_of(decide, ask(member, 5_000, lin), by=lin, now=NOW) == Refusal.OWN_REQUEST
    assert points_of(member) == 0


@pytest.mark.parametrize("decide", [adjusting.approve, adjusting.refuse])
def test_deciding_needs_the_permission(member, lin, decide):
    clerk = person("clerk")
    assert refusal_of(decide, ask(member, 5_000, lin), by=clerk, now=NOW) == Refusal.NO_PERMISSION


@pytest.mark.parametrize("first", [adjusting.approve, adjusting.refuse])
@pytest.mark.parametrize("second", [adjusting.approve, adjusting.refuse])
def test_the_first_decision_holds(member, lin, chief, first, second):
    waiting = ask(member, 5_000, lin)
    decided = first(waiting, by=chief, now=NOW)
    held = points_of(member)
    stale = Adjustment.objects.get(pk=waiting.pk)
    assert refusal_of(second, stale, by=person("other", "approve_adjustment"), now=NOW) == Refusal.NOT_WAITING
    assert Adjustment.objects.get() == decided
    assert points_of(member) == held
    assert books_are_right()


def test_what_one_person_slices_is_seen_together(member, lin):
    assert [ask(member, amount, lin).state for amount in (600, -400, 1, 600)] == [
        "posted", "posted", "waiting", "waiting",
    ]  # fmt: skip
    assert points_of(member) == 200


def test_a_day_later_another_member_unit_or_person_counts_anew(member, lin, chief):
    assert ask(member, LIMIT, lin).state == "posted"
    assert ask(member, 1, lin, now=NOW + timedelta(hours=24) - timedelta(seconds=1)).state == "waiting"
    assert ask(member, 1, lin, now=NOW + timedelta(hours=24)).state == "posted"
    assert ask(member, LIMIT, lin, unit="growth").state == "posted"
    assert ask(member, LIMIT, chief).state == "posted"
    assert ask(Member.objects.create(uid="other"), LIMIT, lin).state == "posted"


def test_what_a_second_person_approved_or_refused_is_not_held_against_the_first(member, lin, chief):
    adjusting.approve(ask(member, 5_000, lin), by=chief, now=NOW)
    adjusting.refuse(ask(member, 5_000, lin), by=chief, now=NOW)
    assert ask(member, LIMIT, lin).state == "posted"


def test_no_debt_is_made_by_hand(member, lin):
    ledger.post_entry(member.pk, "points", amount=50, key="start", reason="test", now=NOW)
    assert refusal_of(ask, member, -51, lin) == Refusal.BALANCE_TOO_SMALL
    assert not Adjustment.objects.exists()
    assert ask(member, -50, lin).state == "posted"
    assert points_of(member) == 0


def test_a_balance_that_was_spent_while_it_waited_cannot_be_taken(member, lin, chief):
    ledger.post_entry(member.pk, "points", amount=5_000, key="start", reason="test", now=NOW)
    waiting = ask(member, -5_000, lin)
    ledger.post_entry(member.pk, "points", amount=-1, key="spent", reason="test", now=NOW)
    assert refusal_of(adjusting.approve, waiting, by=chief, now=NOW) == Refusal.BALANCE_TOO_SMALL
    assert Adjustment.objects.get().state == "waiting"
    assert points_of(member) == 4_999


def test_what_is_given_settles_a_debt_first(member, lin):
    earned = ledger.post_entry(member.pk, "points", amount=50, key="earned", reason="test", now=NOW)
    ledger.post_entry(member.pk, "points", amount=-50, key="spent", reason="test", now=NOW)
    ledger.reverse_entry(earned.pk, key="back", reason="test", now=NOW)
    ask(member, 80, lin)
    assert ledger.holdings(member.pk)["points"].debt == 0
    assert points_of(member) == 30
    assert books_are_right()


def test_an_erased_member_is_not_adjusted(member, lin):
    member.erased_at = NOW
    member.save()
    assert refusal_of(ask, member, 5, lin) == Refusal.MEMBER_ERASED


def test_what_waited_while_the_member_was_erased_is_not_posted(member, lin, chief):
    waiting = ask(member, LIMIT + 1, lin)
    Member.objects.update(erased_at=NOW)
    assert refusal_of(adjusting.approve, waiting, by=chief, now=NOW) == Refusal.MEMBER_ERASED
    assert points_of(member) == 0
    assert adjusting.refuse(waiting, by=chief, now=NOW).state == Adjustment.State.REFUSED


@pytest.mark.parametrize(("amount", "reason"), [(0, "goodwill"), (5, ""), (5, "  ")])
def test_it_needs_an_amount_and_a_reason(member, lin, amount, reason):
    with pytest.raises(ValueError, match="an amount and a reason"):
        ask(member, amount, lin, reason=reason)


def test_who_did_what_is_on_record(member, lin, chief):
    ask(member, 5, lin)
    adjusting.approve(ask(member, 5_000, lin), by=chief, now=NOW)
    adjusting.refuse(ask(member, 6_000, lin), by=chief, now=NOW)
    records = AuditRecord.objects.order_by("pk").values_list("action", "actor__username", "reason")
    assert list(records) == [
        ("adjustment.posted", "lin", "goodwill"),
        ("adjustment.requested", "lin", "goodwill"),
        ("adjustment.approved", "chief", "goodwill"),
        ("adjustment.requested", "lin", "goodwill"),
        ("adjustment.refused", "chief", "goodwill"),
    ]
    assert AuditRecord.objects.earliest("pk").changes == {"member": [None, member.audit_name], "points": [None, 5]}


@pytest.mark.parametrize(
    ("changes", "guard"),
    [
        ({"decided_by": "lin"}, "adjustment_by_a_second_person"),
        ({"state": "posted"}, "adjustment_posted_has_its_entry"),
        ({"reason": ""}, "adjustment_has_a_reason"),
        ({"amount": 0}, "adjustment_moves_something"),
    ],
)
def test_the_database_refuses_what_the_code_never_does(member, lin, changes, guard):
    waiting = ask(member, 5_000, lin)
    values = {name: lin if value == "lin" else value for name, value in changes.items()}
    with pytest.raises(IntegrityError, match=guard), transaction.atomic():
        Adjustment.objects.filter(pk=waiting.pk).update(**values)

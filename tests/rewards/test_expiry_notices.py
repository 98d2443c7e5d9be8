"""Members are told once of what will expire, some days before. The ledger's jobs take one slice after the other."""

from datetime import UTC, datetime, timedelta

import pytest

from members.models import Activity, Member
from operations.models import Job
from rewards import jobs, ledger
from rewards.expiry_notices import tell_of_expiry
from rewards.models import ExpiryNotice, Unit
from tests.rewards.build import NOW, members

pytestmark = pytest.mark.django_db

# Earned on the evening of 21 November in Shanghai, for ten days: at the end of 1 December.
EXPIRES = datetime(2026, 12, 1, 16, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _unit():
    Unit.objects.create(
        slug="stars", name="stars", expiry="days", expires_after=10, notice_days=3, time_zone="Asia/Shanghai"
    )


def earn(member, amount, key, now=NOW, unit="stars"):
    return ledger.post_entry(member.pk, unit, amount=amount, key=key, reason="test", now=now)


def tell(now, **more):
    return tell_of_expiry(now=now, limit=100, **more).notices


def test_the_notice_comes_once_and_not_before_its_days():
    (member,) = members(1)
    earn(member, 10, "a")
    earn(member, 5, "b")
    earn(member, 7, "points never expire", unit="points")
    assert tell(EXPIRES - 3 * DAY - timedelta(seconds=1)) == 0
    assert [tell(EXPIRES - 3 * DAY) for _ in range(2)] == [1, 0]
    told = Activity.objects.get()
    assert (told.member_id, told.kind, told.reference) == (member.pk, "points.expiring", "stars:2026-12-02")
    assert told.data == {"unit": "stars", "amount": 15, "expires_at": "2026-12-01T16:00:00+00:00"}


def test_what_was_spent_or_has_expired_is_not_told_of():
    spent, late = members(2)
    earn(spent, 10, "a")
    earn(late, 10, "b")
    ledger.post_entry(spent.pk, "stars", amount=-10, key="c", reason="test", now=NOW)
    assert tell(EXPIRES) == 0


def test_each_moment_of_expiry_has_its_own_notice():
    (member,) = members(1)
    earn(member, 10, "a")
    earn(member, 10, "b", now=NOW + DAY)
    assert tell(EXPIRES - DAY) == 2
    assert ExpiryNotice.objects.count() == 2


def test_a_slice_goes_on_at_the_account_where_the_one_before_it_ended():
    people = members(5)
    for member in people:
        earn(member, 10, f"a{member.pk}")
        earn(member, 10, f"b{member.pk}", now=NOW + DAY)
    first_account, notices = 0, []
    while not notices or notices[-1]:
        told = tell_of_expiry(now=EXPIRES - DAY, limit=3, first_account=first_account)
        first_account = told.next_account
        notices.append(told.notices)
    assert notices == [3, 3, 3, 1, 0]
    assert Activity.objects.values("member", "reference").distinct().count() == 10


@pytest.mark.parametrize("name", ["mature_entries", "expire_lots", "tell_of_expiry"])
def test_a_full_slice_has_the_next_job_follow(name, monkeypatch, time_machine):
    monkeypatch.setattr(jobs, "SLICE", 2)
    for member in Member.objects.bulk_create(Member(uid=f"p{number}") for number in range(3)):
        earn(member, 10, f"a{member.pk}")
        ledger.post_entry(
            member.pk, "points", amount=5, key=f"b{member.pk}", reason="test", now=NOW, matures_at=EXPIRES
        )
    time_machine.move_to(EXPIRES if name != "tell_of_expiry" else EXPIRES - DAY, tick=False)
    getattr(jobs, name)()
    follow = Job.objects.get(function=f"rewards.jobs.{name}")
    getattr(jobs, name)(**follow.arguments)
    left = {
        "mature_entries": ledger.mature_due(now=EXPIRES, limit=9),
        "expire_lots": ledger.expire_due(now=EXPIRES, limit=9),
        "tell_of_expiry": tell(EXPIRES - DAY),
    }[name]
    assert left == 0

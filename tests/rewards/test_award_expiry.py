"""Awards expire by themselves, and their owners are told some days before. Once each."""

from datetime import timedelta

import pytest

from members.models import Activity
from operations.models import Job
from rewards import jobs
from rewards.award_expiry import NOTICE_DAYS, expire_due, tell_of_expiry
from rewards.awards import grant_award
from rewards.checking_off import redeem
from rewards.models import Award, AwardNotice
from tests.rewards.build import NOW, books_are_right, coupon, gift, members

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def give(made, count=1):
    (member,) = members(1)
    return [grant_award(made, member.pk, key=f"{made.slug}:{n}", source="test", now=NOW) for n in range(count)]


@pytest.mark.parametrize(("moment", "state"), [(-SECOND, "granted"), (timedelta(0), "expired")])
def test_an_award_expires_at_its_very_second(moment, state):
    (award,) = give(gift("mug", "shared_coupon", valid_days=1))
    expire_due(now=award.expires_at + moment, limit=9)
    award.refresh_from_db()
    assert award.state == state
    assert books_are_right()


def test_only_what_waits_for_its_owner_expires():
    (member,) = members(1)
    gifts = [
        gift("mug", "shared_coupon", valid_days=1),
        gift("box", "physical", valid_days=1),
        gift("packet", "red_packet", provider="bank", face_value=5, valid_days=1),
        gift("plus", "points", amount=5, valid_days=1),
        gift("used", "shared_coupon", valid_days=1),
        gift("ever", "shared_coupon"),
    ]
    for made in gifts:
        grant_award(made, member.pk, key=made.slug, source="test", now=NOW)
    redeem(Award.objects.get(key="used").pk, by=None, now=NOW)
    assert expire_due(now=NOW + 9 * DAY, limit=99) == 3
    assert dict(Award.objects.values_list("key", "state")) == {
        "mug": "expired",
        "box": "expired",
        "packet": "expired",
        "plus": "delivered",
        "used": "redeemed",
        "ever": "granted",
    }


def test_the_owner_is_told_once_and_not_before_its_days():
    (award,) = give(coupon("milk", 1, valid_days=30))
    soon = award.expires_at - NOTICE_DAYS * DAY
    assert tell_of_expiry(now=soon - SECOND, limit=9) == 0
    assert [tell_of_expiry(now=soon, limit=9) for _ in range(2)] == [1, 0]
    told = Activity.objects.get()
    assert (told.member_id, told.kind, told.reference) == (award.member_id, "award.expiring", f"award:{award.pk}")
    assert told.data == {"award": award.pk, "gift": "milk", "expires_at": award.expires_at.isoformat()}


def test_what_was_used_or_is_over_is_not_told_of():
    used, late = give(gift("mug", "shared_coupon", valid_days=1), 2)
    redeem(used.pk, by=None, now=NOW)
    assert tell_of_expiry(now=late.expires_at, limit=9) == 0
    assert not AwardNotice.objects.exists()


@pytest.mark.parametrize(("name", "moment"), [("expire_awards", 2 * DAY), ("tell_of_awards", DAY / 2)])
def test_a_full_slice_has_the_next_job_follow(name, moment, monkeypatch, time_machine):
    monkeypatch.setattr(jobs, "SLICE", 2)
    give(gift("mug", "shared_coupon", valid_days=1), 3)
    time_machine.move_to(NOW + moment, tick=False)
    getattr(jobs, name)()
    follower = Job.objects.get(function=f"rewards.jobs.{name}")
    assert follower.arguments == {"part": 2}
    getattr(jobs, name)(**follower.arguments)
    assert Job.objects.filter(function=f"rewards.jobs.{name}").count() == 1
    assert (Award.objects.filter(state="expired").count(), AwardNotice.objects.count()) in {(3, 0), (0, 3)}

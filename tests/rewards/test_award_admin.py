"""Awards in the admin: found by what is at hand, taken back with a reason, and their history."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from operations.models import AuditRecord
from rewards import ledger
from rewards.awards import grant_award
from rewards.checking_off import redeem
from rewards.models import Award, Budget, Outlet
from rewards.vouchers import voucher_of
from tests.rewards import at_counter
from tests.rewards.build import SCOPE, books_are_right, gift, members
from tests.rewards.test_admin import signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/rewards/award/"


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def award():
    Budget.objects.create(scope=SCOPE, per="total", cents=100_00)
    (member,) = members(1)
    mug = gift("mug", "shared_coupon", cost=5, stock=10, per_member=2, valid_days=3)
    return grant_award(mug, member.pk, key="welcome:m0", source="test", scope=SCOPE, now=timezone.now())


@pytest.fixture
def desk():
    return signed_in("view_award", "reverse_award")


def take_back(desk, award, **data):
    return desk.post(f"{LIST}{award.pk}/take-back/", data, follow=True).text


def test_an_award_is_found_by_uid_voucher_number_and_key(desk, award):
    for text, count in [("m0", 1), (voucher_of(award.pk), 1), ("welcome:m0", 1), ("m", 0), ("welcome", 0)]:
        assert desk.get(LIST, {"q": text}).context["cl"].result_count == count


@pytest.mark.parametrize(("scope", "count"), [(SCOPE, 1), ("mall", 0)])
def test_awards_are_filtered_by_their_scope(desk, award, scope, count):
    listed = desk.get(LIST, {"scope": scope})
    assert listed.context["cl"].result_count == count
    assert SCOPE in listed.content.decode()


def test_taking_back_says_what_returns_asks_for_the_reason_and_returns_it(desk, award):
    text = desk.get(f"{LIST}{award.pk}/take-back/").content.decode()
    for words in (f"¥5 returns to the budget of {SCOPE}", "limits of everybody: 1", "limits of this member: 1"):
        assert words in text
    assert "This field is required" in take_back(desk, award, reason=" ")
    assert Award.objects.get().state == "granted"
    assert "is taken back" in take_back(desk, award, reason="given by mistake")
    assert Award.objects.get().state == "reversed"
    record = AuditRecord.objects.get(action="award.reversed")
    assert record.actor.username == "lin"
    assert "given by mistake" in str(record.changes) + record.reason
    history = desk.get(f"{LIST}{award.pk}/change/").content.decode()
    assert "given by mistake" in history
    assert books_are_right()


def test_points_are_taken_back_and_what_is_spent_becomes_a_debt(desk):
    (member,) = members(1)
    award = grant_award(gift("plus", "points", amount=50), member.pk, key="a", source="test", now=timezone.now())
    ledger.post_entry(member.pk, "points", amount=-20, key="spent", reason="test", now=timezone.now())
    assert "50 points are taken back" in desk.get(f"{LIST}{award.pk}/take-back/").content.decode()
    take_back(desk, award, reason="a mistake")
    held = ledger.holdings(member.pk)["points"]
    assert (held.balance, held.debt) == (0, 20)
    assert books_are_right()


def test_a_used_award_is_not_taken_back_by_anybody(desk, award):
    redeem(award.pk, by=None, now=timezone.now())
    assert desk.get(f"{LIST}{award.pk}/take-back/").status_code == 403
    assert desk.post(f"{LIST}{award.pk}/take-back/", {"reason": "x"}).status_code == 403
    assert Award.objects.get().state == "redeemed"


def test_taking_back_needs_its_own_permission(award):
    clerk = signed_in("view_award", "redeem_award")
    assert clerk.post(f"{LIST}{award.pk}/take-back/", {"reason": "x"}).status_code == 403
    assert "take-back" not in clerk.get(f"{LIST}{award.pk}/change/").content.decode()
    assert Award.objects.get().state == "granted"


def test_the_history_tells_where_and_by_whom_it_was_used(desk, award):
    west = at_counter.outlet("west")
    redeem(award.pk, outlet=west, by=at_counter.clerk("wei", west), now=timezone.now())
    text = desk.get(f"{LIST}{award.pk}/change/").content.decode()
    assert "West Lake (wei)" in text


def test_the_voucher_of_a_member_is_not_for_the_staff_to_read(desk, award):
    pages = [LIST, f"{LIST}{award.pk}/change/", f"{LIST}{award.pk}/take-back/"]
    assert [voucher_of(award.pk) in desk.get(page).content.decode() for page in pages] == [False] * 3


def test_who_changes_an_outlet_is_on_record_with_its_staff(settings):
    desk = signed_in("add_outlet", "change_outlet", "view_outlet")
    wei = User.objects.create_user("wei")
    desk.post("/admin/rewards/outlet/add/", {"name": "West Lake", "slug": "west", "active": "on", "staff": [wei.pk]})
    west = Outlet.objects.get()
    assert list(west.staff.all()) == [wei]
    desk.post(f"/admin/rewards/outlet/{west.pk}/change/", {"name": "West Lake", "slug": "west", "staff": []})
    actions = AuditRecord.objects.order_by("pk").values_list("action", "changes")
    assert [action for action, _changes in actions] == ["outlet.added", "outlet.changed"]
    assert "staff" in actions[1][1]
    assert "active" in actions[1][1]

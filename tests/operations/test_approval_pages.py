"""The inbox of approvals, and the page on which one is looked at, talked about and decided."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from operations import approvals
from operations.models import ApprovalRequest
from rewards import adjusting
from rewards.models import Budget, Unit
from tests.campaigns.scenes import make_campaign
from tests.rewards.build import NOW, SCOPE, members
from tests.rewards.two_people import desk_of, olga, person, rei

pytestmark = pytest.mark.django_db
INBOX = "/admin/operations/approvalrequest/"


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def asker():
    return olga()


@pytest.fixture
def reviewer():
    return rei()


@pytest.fixture
def asked(asker):
    held = Budget.objects.create(scope=SCOPE, per="total", cents=10_000)
    return approvals.ask("budget.budget", held, {"cents": "50000"}, by=asker, now=NOW)


def page(request: ApprovalRequest) -> str:
    return f"{INBOX}{request.pk}/change/"


def text(answer) -> str:
    return answer.content.decode()


def state(request: ApprovalRequest) -> str:
    request.refresh_from_db()
    return request.state


def token_on(desk, request: ApprovalRequest) -> str:
    return desk.get(page(request)).context["token"]


def test_a_reviewer_finds_it_reads_the_difference_and_approves(asked, reviewer):
    desk = desk_of(reviewer)
    assert page(asked) in text(desk.get(INBOX))
    shown = text(desk.get(page(asked)))
    assert "now ¥100.00" in shown
    assert "then ¥500.00" in shown
    answer = desk.post(page(asked), {"do": "approve", "token": token_on(desk, asked)}, follow=True)
    assert "Approved, and done" in text(answer)
    assert (state(asked), Budget.objects.get().cents) == ("approved", 50_000)
    assert page(asked) not in text(desk.get(INBOX))
    assert page(asked) in text(desk.get(f"{INBOX}?tab=decided"))


def test_who_asked_sees_it_among_their_own_and_may_withdraw_and_not_approve(asked, asker):
    desk = desk_of(asker)
    assert page(asked) not in text(desk.get(INBOX))
    assert page(asked) in text(desk.get(f"{INBOX}?tab=asked"))
    shown = text(desk.get(page(asked)))
    assert 'value="withdraw"' in shown
    assert 'value="approve"' not in shown
    forged = {"do": "approve", "token": token_on(desk, asked)}
    assert "another person has to decide" in text(desk.post(page(asked), forged, follow=True))
    assert state(asked) == "waiting"
    desk.post(page(asked), {"do": "withdraw"})
    assert state(asked) == "withdrawn"


def test_a_refusal_without_a_reason_stays_on_the_page(asked, reviewer):
    desk = desk_of(reviewer)
    assert "This field is required" in text(desk.post(page(asked), {"do": "refuse", "note": " "}))
    assert state(asked) == "waiting"
    desk.post(page(asked), {"do": "refuse", "note": "Too much."})
    assert state(asked) == "refused"
    assert "Too much." in text(desk.get(page(asked)))


def test_comments_are_shown_as_text(asked, reviewer, asker):
    desk = desk_of(reviewer)
    desk.post(page(asked), {"do": "comment", "text": "<script>alert(1)</script>\nWhy?"})
    shown = text(desk_of(asker).get(page(asked)))
    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown


@pytest.mark.parametrize(
    "typed",
    [
        {"do": "approve"},
        {"do": "approve", "token": "x" * 5_000},
        {"do": "comment", "text": "a\x00b"},
        {"do": "comment", "text": "x" * 2_001},
        {"do": "refuse", "note": "a\x00b"},
        {"do": "explode"},
        {},
    ],
)
def test_what_nobody_meant_changes_nothing(asked, reviewer, typed):
    answer = desk_of(reviewer).post(page(asked), typed)
    assert answer.status_code in (200, 302, 400)
    assert state(asked) == "waiting"
    assert not asked.comments.exists()


def test_what_is_overtaken_says_so_and_is_not_approved(asked, reviewer):
    desk = desk_of(reviewer)
    token = token_on(desk, asked)
    Budget.objects.update(cents=60_000)
    shown = text(desk.get(page(asked)))
    assert "no more than what is now" in shown
    assert 'value="approve"' not in shown
    desk.post(page(asked), {"do": "approve", "token": token})
    assert state(asked) == "overtaken"


def test_who_has_nothing_to_do_with_it_sees_nothing(asked):
    stranger = desk_of(person("sam", "view_job"))
    assert stranger.get(INBOX).status_code == 403
    assert stranger.get(page(asked)).status_code == 403
    assert stranger.post(page(asked), {"do": "comment", "text": "Hm"}).status_code == 403
    assert "how_to_vote" not in text(stranger.get("/admin/"))


def test_one_who_approves_other_things_does_not_see_this_one(asked):
    desk = desk_of(person("sam", "approve_stock"))
    assert desk.get(INBOX).status_code == 200
    assert desk.get(page(asked)).status_code == 403


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "x", "1.5"])
def test_a_request_that_is_not_there_is_not_found(reviewer, number):
    assert desk_of(reviewer).get(f"{INBOX}{number}/change/").status_code in (302, 404)


@pytest.mark.parametrize("query", ["?tab=x", "?area=x", "?page=0", "?page=-1", "?page=9999999", "?page=²", "?page=99"])
def test_an_address_that_nobody_meant_opens_all_the_same(asked, reviewer, query):
    assert desk_of(reviewer).get(INBOX + query).status_code == 200


def test_campaigns_and_corrections_are_in_the_same_inbox(asked, reviewer, asker, settings):
    from campaigns.models import Proposal

    (member,) = members(1)
    waiting = adjusting.request(member, Unit.objects.get(slug="points"), amount=5_000, reason="Lost", by=asker, now=NOW)
    window = {"opens_at": NOW, "closes_at": NOW + timedelta(days=9)}
    campaign = make_campaign("draft", slug="autumn", name="Autumn", **window)
    Proposal.objects.create(campaign=campaign, file="{}", definition={}, submitted_at=NOW, submitted_by=asker)
    boss = desk_of(User.objects.create(username="boss", is_staff=True, is_superuser=True))
    shown = text(boss.get(INBOX))
    for link in (page(asked), f"/admin/rewards/adjustment/{waiting.pk}/change/", f"/{campaign.pk}/review/"):
        assert link in shown
    points = text(boss.get(f"{INBOX}?area=points"))
    assert f"/adjustment/{waiting.pk}/" in points
    assert page(asked) not in points
    # He may approve corrections, and may not see them.
    assert f"/adjustment/{waiting.pk}/" not in text(desk_of(reviewer).get(INBOX))
    assert boss.get(f"{INBOX}?tab=decided").status_code == 200
    assert text(desk_of(asker).get(f"{INBOX}?tab=asked")).count("<li>") >= 3


def test_the_inbox_asks_few_questions_however_long_it_is(asker, django_assert_max_num_queries):
    for number in range(40):
        held = Budget.objects.create(scope=f"campaign:c{number}", per="total", cents=100)
        approvals.ask("budget.budget", held, {"cents": "500"}, by=asker, now=NOW)
    boss = desk_of(User.objects.create(username="boss", is_staff=True, is_superuser=True))
    boss.get(INBOX)
    with django_assert_max_num_queries(10):
        shown = boss.get(INBOX)
    assert shown.context["found"].count == 40
    assert len(shown.context["found"].items) == 25
    assert len(boss.get(f"{INBOX}?page=2").context["found"].items) == 15

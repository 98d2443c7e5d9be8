"""One asks, another decides: what was shown is what is done, once, by somebody who may."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.utils import InternalError
from django.test import override_settings
from django.utils import translation

from operations import approval_items, approvals, four_eyes, guarded_fields
from operations.approvals import NotDecided, Refusal
from operations.four_eyes import Seen
from operations.models import ApprovalComment, ApprovalRequest, AuditRecord
from rewards.models import Budget
from tests.rewards.build import NOW, SCOPE
from tests.rewards.two_people import approved, olga, person, rei

pytestmark = pytest.mark.django_db
State = ApprovalRequest.State
GUARD = "budget.budget"


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
def held():
    return Budget.objects.create(scope=SCOPE, per="total", cents=10_000)


def asked(held: Budget, by: User, cents: int = 50_000) -> ApprovalRequest:
    return approvals.ask(GUARD, held, {"cents": str(cents)}, by=by, now=NOW)


def why(call) -> Refusal:
    with pytest.raises(NotDecided) as refused:
        call()
    return refused.value.reason


def test_what_is_asked_for_waits_and_changes_nothing(held, asker):
    request = asked(held, asker)
    held.refresh_from_db()
    assert (held.cents, request.state) == (10_000, State.WAITING)
    assert [line.what for line in approvals.shown(request).difference.lines] == ["Amount"]
    line = approvals.shown(request).difference.lines[0]
    assert (line.now, line.then) == ("¥100.00", "¥500.00")


def test_a_second_person_approves_and_it_is_done_and_on_record(held, asker, reviewer):
    done = approved(asked(held, asker), reviewer)
    held.refresh_from_db()
    assert (held.cents, done.state, done.decided_by) == (50_000, State.APPROVED, reviewer)
    assert done.told == [{"what": "Amount", "now": "¥100.00", "then": "¥500.00"}]
    actions = AuditRecord.objects.order_by("pk").values_list("action", "actor")
    assert list(actions) == [
        ("approval.asked", asker.pk),
        ("budget.raised", reviewer.pk),
        ("approval.approved", reviewer.pk),
    ]


def test_the_words_are_those_against_what_is_now(held, asker):
    request = asked(held, asker)
    Budget.objects.update(cents=30_000)
    assert approvals.shown(request).difference.lines[0].now == "¥300.00"


def test_what_changed_since_the_page_was_shown_is_not_approved(held, asker, reviewer):
    request = asked(held, asker)
    token = approvals.shown(request).token
    Budget.objects.update(cents=20_000)
    assert why(lambda: approvals.approve(request, by=reviewer, now=NOW, token=token)) is Refusal.CHANGED
    held.refresh_from_db()
    assert held.cents == 20_000
    assert approved(request, reviewer).state == State.APPROVED


def test_two_who_read_it_in_their_own_languages_see_the_same(held, asker, reviewer):
    request = asked(held, asker)
    with translation.override("en"):
        english = approvals.shown(request)
    with translation.override("zh-hans"):
        chinese = approvals.shown(request)
        assert chinese.difference != english.difference
        assert chinese.token == english.token
        approvals.approve(request, by=reviewer, now=NOW, token=english.token)


@pytest.mark.parametrize("token", ["", "0" * 64, "x\udcff"])
def test_a_token_that_was_made_up_approves_nothing(held, asker, reviewer, token):
    request = asked(held, asker)
    assert why(lambda: approvals.approve(request, by=reviewer, now=NOW, token=token)) is Refusal.CHANGED


def test_a_raise_that_is_none_any_more_is_overtaken(held, asker, reviewer):
    request = asked(held, asker)
    token = approvals.shown(request).token
    Budget.objects.update(cents=60_000)
    with pytest.raises(approvals.Overtaken, match="no more than what is now"):
        approvals.approve(request, by=reviewer, now=NOW, token=token)
    request.refresh_from_db()
    assert (request.state, request.decided_by) == (State.OVERTAKEN, reviewer)
    assert Budget.objects.get().cents == 60_000


def test_what_is_gone_is_overtaken(held, asker, reviewer):
    request = asked(held, asker)
    token = approvals.shown(request).token
    held.delete()
    with pytest.raises(approvals.Overtaken, match="deleted"):
        approvals.approve(request, by=reviewer, now=NOW, token=token)


def test_nobody_decides_about_what_they_asked_for_though_they_may_do_everything(held):
    boss = User.objects.create(username="boss", is_superuser=True)
    request = asked(held, boss)
    token = approvals.shown(request).token
    assert why(lambda: approvals.approve(request, by=boss, now=NOW, token=token)) is Refusal.OWN_REQUEST
    assert why(lambda: approvals.refuse(request, by=boss, now=NOW, note="no")) is Refusal.OWN_REQUEST


def test_the_database_refuses_one_person_too(held, asker):
    request = asked(held, asker)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApprovalRequest.objects.filter(pk=request.pk).update(state="approved", decided_by=asker, decided_at=NOW)


@pytest.mark.parametrize("field", ["payload", "reason", "target_id", "kind"])
def test_what_was_asked_for_cannot_be_rewritten(held, asker, field):
    request = asked(held, asker)
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        ApprovalRequest.objects.filter(pk=request.pk).update(**{field: {"cents": "1"} if field == "payload" else "1"})


def test_what_was_decided_and_said_cannot_be_rewritten(held, asker, reviewer):
    request = asked(held, asker)
    approvals.comment(request, by=reviewer, now=NOW, text="Why so much?")
    approvals.refuse(request, by=reviewer, now=NOW, note="too much")
    for change in (
        lambda: ApprovalRequest.objects.update(note="fine"),
        lambda: ApprovalRequest.objects.update(state="waiting", decided_by=None, decided_at=None),
        lambda: ApprovalComment.objects.update(text="fine"),
        lambda: ApprovalComment.objects.all().delete(),
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            change()


def test_a_refusal_needs_a_reason(held, asker, reviewer):
    request = asked(held, asker)
    for note in ("", "   ", "x" * 2_001, "a\x00b", "\udcff"):
        assert why(lambda note=note: approvals.refuse(request, by=reviewer, now=NOW, note=note)) is Refusal.NO_REASON
    refused = approvals.refuse(request, by=reviewer, now=NOW, note=" too much ")
    assert (refused.state, refused.note) == (State.REFUSED, "too much")
    assert Budget.objects.get().cents == 10_000


def test_only_who_asked_withdraws_and_then_nobody_decides(held, asker, reviewer):
    request = asked(held, asker)
    token = approvals.shown(request).token
    assert why(lambda: approvals.withdraw(request, by=reviewer, now=NOW)) is Refusal.NOT_OWN
    assert approvals.withdraw(request, by=asker, now=NOW).state == State.WITHDRAWN
    for late in (
        lambda: approvals.approve(request, by=reviewer, now=NOW, token=token),
        lambda: approvals.refuse(request, by=reviewer, now=NOW, note="no"),
        lambda: approvals.withdraw(request, by=asker, now=NOW),
    ):
        assert why(late) is Refusal.NOT_WAITING


def test_one_of_a_kind_waits_for_a_thing_at_a_time(held, asker):
    first = asked(held, asker)
    assert why(lambda: asked(held, asker, 60_000)) is Refusal.WAITS_ALREADY
    approvals.withdraw(first, by=asker, now=NOW)
    assert asked(held, asker, 60_000).state == State.WAITING


def test_who_may_not_ask_or_approve_does_not(held, asker):
    stranger = person("sam")
    assert why(lambda: asked(held, stranger)) is Refusal.NO_PERMISSION
    request = asked(held, asker)
    token = approvals.shown(request).token
    assert why(lambda: approvals.approve(request, by=stranger, now=NOW, token=token)) is Refusal.NO_PERMISSION
    assert why(lambda: approvals.comment(request, by=stranger, now=NOW, text="Hm")) is Refusal.NO_PERMISSION


@pytest.mark.parametrize("lost", ["the right", "the account"])
def test_an_approver_who_lost_it_meanwhile_does_not_approve(held, asker, reviewer, lost):
    request = asked(held, asker)
    token = approvals.shown(request).token
    # Asked once: the session's user keeps what it was allowed.
    assert reviewer.has_perm("rewards.approve_budget")
    if lost == "the right":
        User.objects.get(pk=reviewer.pk).user_permissions.clear()
    else:
        User.objects.filter(pk=reviewer.pk).update(is_active=False)
    assert why(lambda: approvals.approve(request, by=reviewer, now=NOW, token=token)) is Refusal.NO_PERMISSION


@pytest.mark.parametrize("lost", ["the right", "the account"])
def test_what_was_asked_by_one_who_is_gone_is_only_refused(held, asker, reviewer, lost):
    request = asked(held, asker)
    token = approvals.shown(request).token
    if lost == "the right":
        asker.user_permissions.clear()
    else:
        User.objects.filter(pk=asker.pk).update(is_active=False)
    assert why(lambda: approvals.approve(request, by=reviewer, now=NOW, token=token)) is Refusal.ASKER_GONE
    assert approvals.refuse(request, by=reviewer, now=NOW, note="She left.").state == State.REFUSED


def test_a_kind_that_nobody_knows_any_more_is_withdrawn_and_not_approved(held, asker, reviewer, monkeypatch):
    request = asked(held, asker)
    monkeypatch.delitem(approval_items._kinds, GUARD)
    assert why(lambda: approvals.refuse(request, by=reviewer, now=NOW, note="no")) is Refusal.UNKNOWN
    assert approvals.withdraw(request, by=asker, now=NOW).state == State.WITHDRAWN


def test_comments_stay_in_their_order(held, asker, reviewer):
    request = asked(held, asker)
    approvals.comment(request, by=reviewer, now=NOW, text="Why?")
    approvals.comment(request, by=asker, now=NOW, text="The sale.")
    assert list(request.comments.values_list("by__username", "text")) == [("rei", "Why?"), ("olga", "The sale.")]


def test_what_waits_is_counted_in_at_most_three_statements(held, asker, reviewer, django_assert_max_num_queries):
    for number in range(7):
        asked(Budget.objects.create(scope=f"campaign:c{number}", per="total", cents=100), asker)
    boss = User.objects.create(username="boss", is_superuser=True)
    with django_assert_max_num_queries(3):
        found = approvals.waiting_for(boss)
        shown = [(item.title, item.asked_by, item.link, item.kind_title) for item in found.items]
    assert (found.count, len(shown)) == (7, 5)
    assert approvals.waiting_for(asker).count == 0
    assert approvals.waiting_for(User.objects.get(pk=reviewer.pk)).count == 7


@pytest.mark.parametrize(
    ("value", "areas"),
    [
        ("all", set(four_eyes.AREAS)),
        ("none", set()),
        ("stock, Budget", {"stock", "budget"}),
    ],
)
def test_the_setting_says_which_changes_need_two(value, areas):
    assert four_eyes.parse(value) == areas


@pytest.mark.parametrize("value", ["", "stock,money", "all,stock", " , "])
def test_a_setting_that_says_something_else_is_refused(value):
    with pytest.raises(ValueError, match="FOUR_EYES"):
        four_eyes.parse(value)


def test_code_raises_nothing_alone_either(held, asker):
    with pytest.raises(four_eyes.SecondPersonNeeded):
        guarded_fields.write(held, {"cents": 20_000}, by=asker, now=NOW)
    guarded_fields.write(held, {"cents": 9_000}, by=asker, now=NOW)
    assert Budget.objects.get().cents == 9_000
    with override_settings(FOUR_EYES=frozenset()):
        guarded_fields.write(held, {"cents": 20_000}, by=asker, now=NOW)
    assert held.cents == Budget.objects.get().cents == 20_000


def test_one_person_is_not_two():
    with pytest.raises(ValueError, match="two people"):
        Seen(1, 1)


def test_every_kind_names_permissions_that_exist():
    from django.contrib.auth.models import Permission

    known = {f"{app}.{code}" for app, code in Permission.objects.values_list("content_type__app_label", "codename")}
    kinds = approval_items.kinds()
    assert {kind.area for kind in kinds} == set(four_eyes.AREAS)
    for kind in kinds:
        assert kind.to_ask
        assert kind.to_approve
        assert {*kind.to_ask, *kind.to_approve} <= known
        # Who may do the one has not the other with it.
        assert not {*kind.to_ask} & {*kind.to_approve}


@pytest.mark.parametrize(("language", "times"), [("en", 1), ("zh-hans", 2)])
def test_the_difference_is_told_once_to_who_reads_the_language_of_the_site(held, asker, monkeypatch, language, times):
    kind, told = approval_items.get(GUARD), []
    counting = replace(kind, difference=lambda request: told.append(request) or kind.difference(request))
    monkeypatch.setattr(approval_items, "kind_of", lambda _request: counting)
    request = asked(held, asker)
    in_english = approvals.shown(request).token
    told.clear()
    with translation.override(language):
        assert approvals.shown(request).token == in_english
    assert len(told) == times

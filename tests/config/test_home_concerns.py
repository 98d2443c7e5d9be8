"""What is in trouble, on the first page: each concern arises, vanishes, and is told to whoever may know."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone, translation
from model_bakery import baker

from config import concerns
from members.models import ImportRun
from operations import heartbeats, webhook_endpoints
from operations.concerns import COUNTED, Severity, counted
from operations.models import Book, Job, WebhookEndpoint
from operations.webhook_refusals import Off, off_words
from rewards import budget_concerns
from rewards.budgets import Standing
from rewards.models import Award, Budget, BudgetUse, Gift
from rewards.scopes import Scope
from segmentation.models import Segment, SegmentRun
from tests.campaigns.scenes import make_member, publish
from tests.operations.webhook_scenes import stored_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def now():
    now = timezone.now()
    heartbeats.beat(heartbeats.WORKERS, now=now)
    return now


@pytest.fixture
def told(admin_user, now):
    """What an administrator is told: (severity, sentence)."""
    return lambda: [(each.severity, each.text) for each in concerns.concerns(admin_user, now=now)]


def test_all_is_well_while_the_workers_beat(told):
    assert told() == []


def test_silent_workers_and_dead_jobs_are_errors(told, now):
    Job.objects.create(key="a", function="x.y", state="dead", run_after=now)
    assert told() == [(Severity.ERROR, "1 job has died.")]
    heartbeats.beat(heartbeats.WORKERS, now=now - timedelta(minutes=4))
    assert (Severity.ERROR, "The workers are silent: jobs wait.") in told()
    Job.objects.update(state="done", finished_at=now)
    heartbeats.beat(heartbeats.WORKERS, now=now)
    assert told() == []


def test_books_are_told_until_they_balance(told, now):
    book = Book.objects.create(name="stock", violations=3, checked_at=now)
    assert told() == [(Severity.ERROR, "The books do not balance: stock.")]
    book.violations = 0
    book.save()
    assert told() == []


def test_webhooks_that_take_nothing_are_told_until_they_do(told, now):
    webhook = stored_endpoint(name="Till", now=now)
    WebhookEndpoint.objects.update(failing_since=now - timedelta(minutes=59))
    assert told() == []
    WebhookEndpoint.objects.update(failing_since=now - timedelta(minutes=61))
    assert told() == [(Severity.WARNING, "The webhook “Till” takes nothing.")]
    webhook_endpoints.switch_off(webhook, by=None, now=now, reason=Off.GONE)
    ((severity, text),) = told()
    assert severity == Severity.ERROR
    assert off_words(Off.GONE) in text
    webhook_endpoints.switch_on(webhook, by=None, now=now)
    webhook_endpoints.switch_off(webhook, by=None, now=now, reason="The shop has closed.")
    assert told() == []


def test_a_segment_is_told_while_its_last_run_failed(told, now):
    segment = Segment.objects.create(slug="buyers", name="Buyers", rule={})
    SegmentRun.objects.create(segment=segment, state="failed", started_at=now, finished_at=now, error="broken")
    assert told() == [(Severity.ERROR, "The last run of the segment “Buyers” failed.")]
    SegmentRun.objects.create(segment=segment, state="done", started_at=now, finished_at=now)
    assert told() == []


def test_a_gift_is_told_when_it_runs_low_and_when_it_has_run_out(told):
    gift = baker.make(Gift, name="Mug", slug="mug", kind="physical", stock=3, low_stock_at=2)
    assert told() == []
    Gift.objects.update(stock=2)
    assert told() == [(Severity.WARNING, "The gift “Mug” runs low: 2 left.")]
    Gift.objects.update(stock=0)
    assert told() == [(Severity.ERROR, "The gift “Mug” has run out.")]
    gift.delete()
    assert told() == []


def import_run(now, **fields):
    return baker.make(ImportRun, kind="members", name="may.csv", created_at=now, state="done", **fields)


def test_the_newest_import_of_a_kind_tells_of_rows_it_did_not_take_for_a_week(told, now):
    import_run(now - timedelta(days=8), rows_read=1, rejected=1)
    assert told() == []
    import_run(now, rows_read=3, created=1, rejected=2)
    assert told() == [(Severity.WARNING, "2 rows of “may.csv” were not taken.")]
    failed = import_run(now)
    failed.state = "failed"
    failed.save()
    assert told() == [(Severity.ERROR, "The import of “may.csv” stopped before its end.")]
    import_run(now, rows_read=3, created=3)
    assert told() == []


@pytest.fixture
def budget():
    return Budget.objects.create(scope=f"campaign:{publish().slug}", cents=10_000)


@pytest.mark.parametrize(("spent", "severity"), [(4_999, None), (5_000, 1), (7_999, 1), (8_000, 2), (10_000, 3)])
def test_a_budget_is_told_by_how_far_it_is_spent(told, budget, spent, severity):
    BudgetUse.objects.create(budget=budget, allowed=10_000, drawn=spent)
    assert [each for each, _text in told()] == ([] if severity is None else [severity])


def test_a_budget_is_told_that_will_not_last_until_the_end(now, budget):
    ends_at = now + timedelta(days=4)
    scope = Scope(budget.scope, "Autumn", ends_at=ends_at)
    standing = Standing(budget, scope, drawn=2_000)

    def early():
        return [at for _standing, at in budget_concerns.ending_early([standing], now=now)]

    member, gift = make_member(), Gift.objects.create(slug="mug", name="Mug", kind="physical")
    given = {"member": member, "gift": gift, "source": "test", "scope": budget.scope}
    assert early() == []
    # 20 a day for four days is exactly what is left: it lasts.
    Award.objects.create(**given, key="a", cost=2_000, granted_at=now - timedelta(hours=23))
    assert early() == []
    Award.objects.create(**given, key="b", cost=500, granted_at=now - timedelta(hours=25))
    Award.objects.create(**given, key="c", cost=500, granted_at=now, state="reversed")
    assert early() == []
    Award.objects.create(**given, key="d", cost=2_000, granted_at=now)
    assert early() == [now + timedelta(days=2)]


def test_a_huge_budget_at_a_tiny_rate_lasts_beyond_the_calendar(now, budget):
    budget.cents = 2**62
    standing = Standing(budget, Scope(budget.scope, "Autumn", ends_at=now + timedelta(days=4)))
    gift = Gift.objects.create(slug="mug", name="Mug", kind="physical")
    Award.objects.create(
        member=make_member(), gift=gift, key="a", source="test", scope=budget.scope, cost=1, granted_at=now
    )
    assert list(budget_concerns.ending_early([standing], now=now)) == []


def test_who_lacks_a_right_is_not_told(now):
    Job.objects.create(key="a", function="x.y", state="dead", run_after=now)
    Book.objects.create(name="stock", violations=3, checked_at=now)
    vera = User.objects.create_user("vera", is_staff=True)
    assert concerns.concerns(vera, now=now) == []
    vera.user_permissions.set(Permission.objects.filter(codename="view_book"))
    (told,) = concerns.concerns(User.objects.get(pk=vera.pk), now=now)
    assert "stock" in told.text


def test_the_worst_comes_first(told, now):
    baker.make(Gift, name="Mug", slug="mug", kind="physical", stock=1, low_stock_at=2)
    Book.objects.create(name="stock", violations=3, checked_at=now)
    import_run(now, rows_read=3, created=1, rejected=2)
    severities = [severity for severity, _text in told()]
    assert severities == sorted(severities, reverse=True)
    assert len(severities) == 3


def test_long_queues_are_not_counted_to_their_end(now):
    Job.objects.bulk_create(
        Job(key=f"{number}", function="x.y", state="dead", run_after=now) for number in range(COUNTED + 1)
    )
    assert counted(Job.objects.filter(state="dead")) == (COUNTED + 1, "1,000+")


def test_every_concern_links_to_a_page_that_opens(admin_client, admin_user, now):
    Job.objects.create(key="a", function="x.y", state="dead", run_after=now)
    Book.objects.create(name="stock", violations=3, checked_at=now)
    baker.make(Gift, name="Mug", slug="mug", kind="physical", stock=1, low_stock_at=2)
    import_run(now, rows_read=3, created=1, rejected=2)
    found = concerns.concerns(admin_user, now=now)
    assert len(found) == 4
    assert [admin_client.get(each.link).status_code for each in found] == [200] * 4

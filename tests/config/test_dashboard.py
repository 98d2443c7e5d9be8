"""The first page of the admin: what runs, and what wants attention."""

from datetime import timedelta

from django.utils import timezone

from operations import heartbeats, webhook_endpoints
from operations.models import Job, WebhookEndpoint
from operations.webhook_refusals import Off, off_words
from segmentation.models import Segment, SegmentRun
from tests.campaigns.scenes import make_member, publish
from tests.operations.webhook_scenes import stored_endpoint


def concerns(client) -> list[str]:
    return [each.text for each in client.get("/admin/").context["concerns"]]


def test_all_is_well_while_the_workers_beat(admin_client):
    heartbeats.beat(heartbeats.WORKERS, now=timezone.now())
    assert concerns(admin_client) == []


def test_silent_workers_and_dead_jobs_are_named(admin_client):
    Job.objects.create(key="a", function="x.y", state="dead", run_after=timezone.now())
    assert len(concerns(admin_client)) == 2


def test_webhooks_that_take_nothing_are_named_until_they_do(admin_client):
    now = timezone.now()
    heartbeats.beat(heartbeats.WORKERS, now=now)
    webhook = stored_endpoint(name="Till", now=now)
    WebhookEndpoint.objects.update(failing_since=now - timedelta(minutes=59))
    assert concerns(admin_client) == []
    WebhookEndpoint.objects.update(failing_since=now - timedelta(minutes=61))
    assert len(concerns(admin_client)) == 1
    webhook_endpoints.switch_off(webhook, by=None, now=now, reason=Off.GONE)
    (told,) = concerns(admin_client)
    assert "Till" in told
    assert off_words(Off.GONE) in told
    webhook_endpoints.switch_on(webhook, by=None, now=now)
    webhook_endpoints.switch_off(webhook, by=None, now=now, reason="The shop has closed.")
    assert concerns(admin_client) == []


def test_a_segment_is_named_while_its_last_run_failed(admin_client):
    now = timezone.now()
    heartbeats.beat(heartbeats.WORKERS, now=now)
    segment = Segment.objects.create(slug="buyers", name="Buyers", rule={})
    SegmentRun.objects.create(segment=segment, state="failed", started_at=now, finished_at=now, error="broken")
    assert len(concerns(admin_client)) == 1
    SegmentRun.objects.create(segment=segment, state="done", started_at=now, finished_at=now)
    assert concerns(admin_client) == []


def test_running_campaigns_are_counted(admin_client):
    campaign = publish()
    campaign.enrolments.create(member=make_member(), joined_at=timezone.now())
    (shown,) = admin_client.get("/admin/").context["running"]
    assert (shown.people, shown.joined) == (1, 1)


def test_who_may_see_nothing_is_told_nothing(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("eve", is_staff=True))
    publish()
    page = client.get("/admin/").context
    assert (page["running"], page["concerns"], page["shortcuts"]) == (None, [], [])

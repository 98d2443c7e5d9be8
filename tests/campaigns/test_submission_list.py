"""The list of what members handed in names each task, and asks no more for many rows than for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Enrolment, Submission
from tests.campaigns.scenes import NOW, make_member, publish, task

pytestmark = pytest.mark.django_db
LIST = "/admin/campaigns/submission/"


def hand_in(campaign, uid):
    enrolment = Enrolment.objects.create(campaign=campaign, member=make_member(uid), joined_at=NOW)
    Submission.objects.create(
        enrolment=enrolment, task_key="photo", period="once", way="review", text="done", handed_in_at=NOW
    )


def asked_for(client):
    with CaptureQueriesContext(
        connection,
    ) as told:
        page = client.get(LIST)
    return len(told), page.content.decode()


def test_each_row_is_named_by_its_task_without_a_query_of_its_own(admin_client):
    campaign = publish(tasks=[task("photo", title="Show your fridge")])
    hand_in(campaign, "ann")
    asked_for(admin_client)
    one, page = asked_for(admin_client)
    for uid in ("bob", "cat", "dan"):
        hand_in(campaign, uid)

    many, longer = asked_for(admin_client)

    assert "Show your fridge" in page
    assert longer.count("Show your fridge") == 4
    assert many == one

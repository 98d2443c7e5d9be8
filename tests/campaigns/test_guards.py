"""What the database refuses by itself, whatever the code above it does."""

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns.models import Enrolment
from tests.campaigns.scenes import NOW, make_member, publish

pytestmark = pytest.mark.django_db

STEP = """
    INSERT INTO campaigns_chainprogress (enrolment_id, chain_key, step, previous_step, done_at)
    VALUES (%s, %s, %s, %s, now())
"""
COMPLETION = """
    INSERT INTO campaigns_completion (enrolment_id, task_key, period, completed_at) VALUES (%s, %s, %s, now())
"""


@pytest.fixture
def enrolment():
    return Enrolment.objects.create(campaign=publish(), member=make_member(), joined_at=NOW)


def insert(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    ("step", "previous", "constraint"),
    [
        (3, 2, "chain_progress_previous"),
        (3, 1, "chain_progress_follows"),
        (3, None, "chain_progress_follows"),
        (0, None, "chain_progress_follows"),
        (1, None, "chain_progress_once"),
    ],
)
def test_a_step_cannot_be_skipped_nor_done_twice(enrolment, step, previous, constraint):
    insert(STEP, enrolment.pk, "path", 1, None)

    with pytest.raises(IntegrityError, match=constraint):
        insert(STEP, enrolment.pk, "path", step, previous)


def test_a_step_follows_that_of_its_own_chain_only(enrolment):
    insert(STEP, enrolment.pk, "path", 1, None)

    with pytest.raises(IntegrityError, match="chain_progress_previous"):
        insert(STEP, enrolment.pk, "another", 2, 1)
    insert(STEP, enrolment.pk, "path", 2, 1)


def test_a_task_is_completed_once_in_a_period(enrolment):
    insert(COMPLETION, enrolment.pk, "one", "2026-11-11")
    insert(COMPLETION, enrolment.pk, "one", "2026-11-12")

    with pytest.raises(IntegrityError, match="completion_once"):
        insert(COMPLETION, enrolment.pk, "one", "2026-11-11")

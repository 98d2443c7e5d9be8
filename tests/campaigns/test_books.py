"""The books of campaigns in their states."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from campaigns import reviewing
from campaigns.books import INVARIANTS
from tests.campaigns import scenes

pytestmark = pytest.mark.django_db
HAS_A_REVISION = "campaigns: a running campaign has a revision"


def violations(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(INVARIANTS[name])
        return cursor.fetchone()[0]


def test_a_campaign_that_waits_for_its_first_approval_has_no_revision_yet():
    reviewing.submit(scenes.draft(), by=User.objects.create(username="olga"), now=timezone.now())
    assert violations(HAS_A_REVISION) == 0

"""When what is earned expires, in a unit's own time zone: the table of cases."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection

from rewards.models import Unit

pytestmark = pytest.mark.django_db

CASES = json.loads((Path(__file__).parents[1] / "cases" / "expiry.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_it_expires_at_the_local_midnight_after_its_last_day(case):
    Unit.objects.create(
        slug="stars", name="stars", expiry=case["expiry"], expires_after=case["after"], time_zone=case["zone"]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rewards_expires_at(unit, %s) FROM rewards_unit unit WHERE slug = 'stars'",
            [datetime.fromisoformat(case["earned"])],
        )
        (expires_at,) = cursor.fetchone()
    assert expires_at == (datetime.fromisoformat(case["expires"]) if case["expires"] else None)

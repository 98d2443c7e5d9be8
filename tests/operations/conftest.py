"""People, clocks and jobs of the operations tests."""

from datetime import UTC, datetime

import pytest
from django.apps import AppConfig, apps
from django.contrib.auth.models import User
from django_q.models import OrmQ

from operations.api_keys import forget_trusted_keys
from operations.models import AuditRecord

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_key_is_trusted_from_another_test():
    forget_trusted_keys()


@pytest.fixture
def errands(monkeypatch):
    """Install the app whose jobs leave marks; return how often each name was marked."""
    # Not by INSTALLED_APPS: that calls every ready() again, and unfold's puts an empty admin in place of the real one.
    monkeypatch.setitem(apps.app_configs, "errands", AppConfig.create("tests.operations.errands"))

    def marks() -> dict[str, int]:
        names = AuditRecord.objects.filter(action="errand.done").values_list("target_name", flat=True)
        return {name: list(names).count(name) for name in names}

    return marks


@pytest.fixture
def carriers():
    """Return the number of rows in django-q2's queue."""
    return OrmQ.objects.count


@pytest.fixture
def olga(db):
    return User.objects.create_superuser("olga", password="olga's password")

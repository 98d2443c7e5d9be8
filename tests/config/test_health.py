"""The two probes."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import RequestFactory
from django.utils import timezone

from config import health
from operations import heartbeats


def probe(address: str):
    """Ask a fresh process: what one probe found must not answer another."""
    return health.Health(lambda _request: pytest.fail("passed on"))(RequestFactory().get(address))


def test_a_living_process_says_so_without_a_query():
    answer = probe("/healthz")
    assert (answer.status_code, answer.content) == (200, b'{"alive": true}')


@pytest.mark.django_db
def test_probes_need_neither_tls_nor_a_known_host(client):
    assert client.get("/readyz", headers={"host": "10.1.2.3"}).status_code == 200
    assert client.get("/healthz", headers={"host": "10.1.2.3"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("age", "state"),
    [(None, "never_seen"), (timedelta(minutes=2), "alive"), (timedelta(minutes=4), "late")],
)
def test_ready_reports_the_workers_and_serves_without_them(client, age, state):
    if age is not None:
        heartbeats.beat(heartbeats.WORKERS, now=timezone.now() - age)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["workers"]["state"] == state


@pytest.mark.django_db
def test_a_missing_migration_is_named():
    [newest] = MigrationLoader(connection).graph.leaf_nodes("campaigns")
    MigrationRecorder(connection).record_unapplied(*newest)
    answer = probe("/readyz")
    assert answer.status_code == 503
    assert b'"reasons": ["migrations_missing"]' in answer.content


def test_an_unreachable_database_is_named(monkeypatch):
    def fail():
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "_no_migration_is_missing", fail)
    answer = probe("/readyz")
    assert answer.status_code == 503
    assert b'"reasons": ["database_unreachable"]' in answer.content
    assert b"refused" not in answer.content

"""Tests run in copies of one migrated database."""

import subprocess
import sys

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

SAY_WHERE = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    print(cursor.execute("SELECT current_database()").fetchone()[0])
"""


@pytest.mark.django_db
def test_the_copy_has_every_migration_applied():
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


@pytest.mark.django_db
def test_the_copy_has_what_migrating_creates():
    assert Permission.objects.filter(codename="replay_job").exists()


@pytest.mark.django_db(transaction=True)
def test_a_process_can_see_the_test_database(process_environment):
    answer = subprocess.run(
        [sys.executable, "-c", SAY_WHERE], env=process_environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == connection.settings_dict["NAME"]

"""Fixtures that every test may use."""

import hashlib
import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader

from demo import fake_wechat as fake_wechat_server
from demo.fake_wechat import FakeWechat
from tests import emptying

pytest_plugins = ["tests.workers"]

PLAIN_HTTP = {
    "LOCAL_HTTP": True,
    "SECURE_SSL_REDIRECT": False,
    "SECURE_HSTS_SECONDS": 0,
    "SESSION_COOKIE_SECURE": False,
    "CSRF_COOKIE_SECURE": False,
    "LANGUAGE_COOKIE_SECURE": False,
}
TEMPLATE_LOCK = 0x5141_4E4D


def pytest_configure() -> None:
    """Let tests and their browsers speak plain http, as under `make run`, whatever the environment says."""
    for name, value in PLAIN_HTTP.items():
        setattr(settings, name, value)
    # A password costs a third of a second by design, in hundreds of tests that only want somebody to be signed in.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # What is kept beside the database would outlive a test's transaction; the tests of it turn it on.
    settings.FACTS_DIR, settings.KEPT_ANSWERS_MB = "", 0
    # Tests send in a minute what nobody sends, and count their statements; those of the bounds set them.
    settings.API_REQUESTS_PER_MINUTE = settings.API_MEMBER_MOVES_PER_MINUTE = 0
    # The private server of the tests is one of their own, which may forget everything when the machine stops.
    settings.DATA_DIR = settings.BASE_DIR / ".data" / "tests"
    # Nothing is collected there: what `make run` collected has other names, and may be older than the sources.
    settings.STATIC_ROOT = settings.DATA_DIR / "static"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, django_db_use_migrations, django_db_blocker
) -> None:
    """Let every worker copy one migrated database instead of migrating its own. The rest stays pytest-django's."""
    if django_db_use_migrations:
        with django_db_blocker.unblock():
            connection.settings_dict["TEST"]["TEMPLATE"] = migrated_template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The test database as pytest-django makes it; what tests commit to it is taken out quickly."""
    made = connection.settings_dict["NAME"].startswith("test_")
    if made:
        with django_db_blocker.unblock():
            emptying.begin()
    yield
    emptying.end()


@pytest.fixture
def process_environment() -> dict[str, str]:
    """The environment for a process that must see the database of this test (which must not be in a transaction)."""
    database = connection.settings_dict
    where = {"host": database["HOST"], "port": database["PORT"] or 5432}
    who = f"{quote(database['USER'], safe='')}:{quote(database['PASSWORD'], safe='')}"
    url = f"postgres://{who}@/{quote(database['NAME'])}?{urlencode(where)}"
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}


@pytest.fixture
def fake_wechat(settings) -> Iterator[FakeWechat]:
    """A WeChat on this machine, which the settings name."""
    with fake_wechat_server.running() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        yield server


def migrated_template() -> str:
    """Return the name of a database in which exactly today's migrations ran, making it if there is none."""
    base = f"template_{connection.settings_dict['NAME']}"[:50]
    name = f"{base}_{fingerprint_of_migrations()}"
    with connection._nodb_cursor() as cursor:
        # A lock on the server, not in a file: it also holds between machines that share the server.
        cursor.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{base}_"])
        existing = {row[0] for row in cursor.fetchall()}
        if connection.settings_dict["ENGINE"] == settings.PRIVATE_SERVER["ENGINE"]:
            do_not_wait_for_the_disk(cursor)
        if name not in existing:
            for old in existing:
                cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            unfinished = f"{base}_unfinished"
            cursor.execute(f'CREATE DATABASE "{unfinished}"')
            with connected_to(unfinished):
                call_command("migrate", verbosity=0, interactive=False)
            cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
        cursor.execute("SELECT pg_advisory_unlock(%s)", [TEMPLATE_LOCK])
    return name


def do_not_wait_for_the_disk(cursor: CursorWrapper) -> None:
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        cursor.execute(f"ALTER SYSTEM SET {setting} = off")
    cursor.execute("SELECT pg_reload_conf()")


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    original = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original


def fingerprint_of_migrations() -> str:
    digest = hashlib.sha256()
    for key, migration in sorted(MigrationLoader(None).disk_migrations.items()):
        source = inspect.getsourcefile(type(migration))
        assert source is not None
        with open(source, "rb") as file:
            digest.update(repr(key).encode() + file.read())
    return digest.hexdigest()[:12]

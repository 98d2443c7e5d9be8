"""`make run` as a whole: a fresh database, a free port, and nothing left behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.db import connection

from config.run import demo_options

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BASE = Path(__file__).resolve().parents[2]


@pytest.fixture
def fresh_database(process_environment) -> Iterator[dict[str, str]]:
    """The environment of a house on an empty database."""
    with environment_of_copy(process_environment, "template0") as environment:
        yield environment | {"DEMO": "200"}


@pytest.fixture
def migrated_database(process_environment) -> Iterator[dict[str, str]]:
    """The environment of a house on a database that is migrated already."""
    with environment_of_copy(process_environment, connection.settings_dict["TEST"]["TEMPLATE"]) as environment:
        yield environment | {"DEMO": "no"}


@contextmanager
def environment_of_copy(environment: dict[str, str], template: str) -> Iterator[dict[str, str]]:
    current = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{current}_run" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{current}_run" TEMPLATE "{template}"')
        yield environment | {"DATABASE_URL": environment["DATABASE_URL"].replace(f"/{current}?", f"/{current}_run?")}
        cursor.execute(f'DROP DATABASE "{current}_run" WITH (FORCE)')


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(environment: dict[str, str], port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config.run"],
        cwd=BASE,
        env=environment | {"PORT": str(port), "WEB_WORKERS": "1", "QIANMIAN_TEST": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def lines_until(process: subprocess.Popen[str], wanted: str) -> list[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if wanted in line:
            return lines
    raise AssertionError("".join(lines))


def get(port: int, address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{address}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def processes_of(port: int) -> set[int]:
    """Return the processes that inherited the mark which `start` put into the environment."""
    mark = f"QIANMIAN_TEST={port}".encode()
    found = set()
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in file.read_bytes().split(b"\0"):
                found.add(int(file.parent.name))
        except OSError:
            continue
    return found


def test_it_serves_and_stops_without_a_trace(fresh_database, port):
    process = start(fresh_database, port)
    try:
        printed = "".join(lines_until(process, "Ctrl-C stops everything."))
        assert f"http://127.0.0.1:{port}/h5/enter/?token=" in printed
        assert get(port, "/healthz") == (200, '{"alive": true}')
        assert get(port, "/readyz")[0] == 200
        status, page = get(port, "/admin/login/")
        assert status == 200
        style = re.search(r'href="(/static/admin/theme\.[0-9a-f]{12}\.css)"', page)
        assert style is not None, "static files were not collected"
        assert get(port, style.group(1))[0] == 200
        assert len(processes_of(port)) > 3
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=180)
        assert process.returncode == 0
        assert processes_of(port) == set()
    finally:
        end_all(process, port)


def test_ctrl_c_stops_everything_too(migrated_database, port):
    process = start(migrated_database, port)
    try:
        lines_until(process, "Ctrl-C stops everything.")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=180)
        assert process.returncode == 0
        assert processes_of(port) == set()
    finally:
        end_all(process, port)


def test_it_stops_the_rest_when_a_part_ends_by_itself(migrated_database, port):
    process = start(migrated_database, port)
    try:
        lines_until(process, "Ctrl-C stops everything.")
        web = child_running(process.pid, "granian")
        os.kill(web, signal.SIGKILL)
        lines_until(process, "The web ended by itself")
        process.communicate(timeout=180)
        assert process.returncode == 1
        assert processes_of(port) == set()
    finally:
        end_all(process, port)


def test_a_busy_port_is_refused_by_name(port):
    with socket.create_server(("127.0.0.1", port)):
        answer = ask_for_port(str(port))
    assert answer.returncode == 1
    assert f"Port {port} cannot be used" in answer.stderr


@pytest.mark.parametrize("text", ["", "http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_named(text):
    answer = ask_for_port(text)
    assert (answer.returncode, answer.stderr.strip()) == (1, f"PORT={text} is not a port.")


def ask_for_port(text: str) -> subprocess.CompletedProcess[str]:
    script = "import sys; from config.run import free_port; free_port(sys.argv[1])"
    return subprocess.run([sys.executable, "-c", script, text], cwd=BASE, capture_output=True, text=True, check=False)


def child_running(parent: int, name: str) -> int:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return next(int(pid) for pid in children if name in Path(f"/proc/{pid}/cmdline").read_text())


def end_all(process: subprocess.Popen[str], port: int) -> None:
    """Leave nothing behind when a test failed."""
    for pid in processes_of(port):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize(("text", "options"), [("yes", {}), ("", {}), ("no", None), ("300", {"members": 300})])
def test_the_demo_is_chosen_by_a_word_or_a_number(text, options):
    assert demo_options(text) == options


@pytest.mark.parametrize("text", ["199", "-300", "many", "3e3", "\u0665\u0660\u0660"])
def test_any_other_choice_ends_with_a_line_that_names_it(text):
    with pytest.raises(SystemExit, match=f"DEMO={text} is none of"):
        demo_options(text)

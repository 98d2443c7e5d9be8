"""The private server: each hazard that a machine can put in its way. Real servers are started."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded_postgres import EmbeddedPostgres
from config.postgres_software import Owner, PostgresUnavailable, find_programs, make_reachable, owner_for
from tests.workers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("embedded postgres")]
BASE = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops privileges")

USER_OF_THE_SERVER = """
import os, signal, sys, time
from pathlib import Path
from config.embedded_postgres import EmbeddedPostgres
# Whoever runs the tests in the background may have made them deaf to Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
server = EmbeddedPostgres(Path(sys.argv[1]))
server.join()
{then}
"""


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that every user can reach, whatever pytest's own is."""
    with tempfile.TemporaryDirectory(prefix="qm-test-", dir="/var/tmp") as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture
def server(directory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(directory / "embedded")
    yield server
    server.leave()
    # It still writes what it was while it stops, into the directory that goes next.
    stops_within(20, server)


def connected(server: EmbeddedPostgres, **changed) -> psycopg.Connection:
    address = server.join()
    whereto = {"host": address.host, "user": address.user, "password": address.password, "dbname": address.database}
    return psycopg.connect(**whereto | changed)


def one(server: EmbeddedPostgres, query: str = "SELECT 1"):
    with connected(server) as connection:
        return connection.execute(query).fetchone()[0]


def process_using(directory: Path, *, then: str) -> subprocess.Popen[str]:
    """Start a process that joined the server, did `then` and printed a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER_OF_THE_SERVER.format(then=then), directory],
        cwd=BASE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "joined"
    return process


WAIT = "print('joined', flush=True); time.sleep(600)"


def runs(server: EmbeddedPostgres) -> bool:
    return (server.data / "postmaster.pid").exists()


def stops_within(seconds: float, server: EmbeddedPostgres) -> bool:
    deadline = time.monotonic() + seconds
    while runs(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not runs(server)


def end(process: subprocess.Popen[str], number: int) -> None:
    process.send_signal(number)
    process.communicate(timeout=30)


def test_it_starts_and_the_last_one_out_stops_it(server):
    assert one(server) == 1
    server.leave()
    assert not runs(server)


def test_what_was_written_is_there_at_the_next_start(server):
    with connected(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    server.leave()
    assert one(server, "SELECT n FROM kept") == 7


def test_text_sorts_and_changes_case_alike_on_every_machine(server):
    assert one(server, "SELECT datlocprovider::text FROM pg_database WHERE datname = 'qianmian'") in {"b", "c"}
    assert one(server, "SELECT 'B' < 'a'") is True
    assert one(server, "SHOW server_encoding") == "UTF8"


def test_nobody_gets_in_without_the_password(server):
    with pytest.raises(psycopg.OperationalError, match="password"):
        connected(server, password="guess")
    assert (server.directory / "password").stat().st_mode & 0o077 == 0
    assert Path(server.join().host).stat().st_mode & 0o077 == 0


def test_a_second_process_joins_and_its_leaving_stops_nothing(server):
    server.join()
    other = process_using(server.directory, then=WAIT)
    end(other, signal.SIGTERM)
    assert not stops_within(1, server)
    assert one(server) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_the_last_process_stops_it_however_it_dies(server, number):
    process = process_using(server.directory, then=WAIT)
    assert runs(server)
    end(process, number)
    assert stops_within(20, server)


def test_a_forked_child_that_ends_does_not_stop_it(server):
    process = process_using(
        server.directory, then="if os.fork() == 0: sys.exit()\nos.wait(); print('joined', flush=True); time.sleep(600)"
    )
    assert not stops_within(1, server)
    end(process, signal.SIGTERM)
    assert stops_within(20, server)


def test_a_forked_child_keeps_it_after_its_parent_died(server):
    process = process_using(
        server.directory,
        then="child = os.fork()\nif not child: time.sleep(600)\nprint('joined', flush=True); print(child, flush=True)\n"
        "time.sleep(600)",
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.kill()
    process.wait()
    assert not stops_within(1, server)
    os.kill(child, signal.SIGKILL)
    process.stdout.close()
    assert stops_within(20, server)


def test_many_that_come_at_once_share_one_server(server):
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", USER_OF_THE_SERVER.format(then="print(server.join().host); input()"),
             server.directory],
            cwd=BASE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(6)
    ]  # fmt: skip
    hosts = set()
    for each in crowd:
        assert each.stdout is not None
        hosts.add(each.stdout.readline())
    first_line = (server.data / "postmaster.pid").read_text().splitlines()[0]
    assert len(hosts) == 1
    assert first_line.isdigit()
    for each in crowd:
        each.communicate("\n", timeout=30)
    assert stops_within(20, server)


def test_coming_and_going_at_random_never_meets_a_stopped_server(directory):
    for _ in range(5):
        server = EmbeddedPostgres(directory / "embedded")
        assert one(server) == 1
        os.close(server._membership)  # gone without waiting: the guardian may be stopping it just now
    last = EmbeddedPostgres(directory / "embedded")
    assert one(last) == 1
    last.leave()


def test_a_killed_guardian_is_replaced_by_the_next_to_join(server):
    process = process_using(server.directory, then=WAIT)
    os.kill(guardian_of(server), signal.SIGKILL)
    wait_until(lambda: not server._is_guarded(), seconds=10)
    assert one(server) == 1
    end(process, signal.SIGTERM)
    server.leave()
    assert stops_within(20, server)


def guardian_of(server: EmbeddedPostgres) -> int:
    """Return the process that holds the guardian's lock."""
    wanted = (server.directory / "guardian.lock").stat().st_ino
    for line in Path("/proc/locks").read_text().splitlines():
        fields = line.split()
        if fields[1] == "FLOCK" and fields[5].rsplit(":", 1)[-1] == str(wanted):
            return next(pid for pid in processes_with_open(server.directory / "guardian.lock"))
    raise AssertionError("nobody guards the server")


def processes_with_open(path: Path) -> Iterator[int]:
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.readlink() == path:
                yield int(link.parts[2])
        except OSError:
            continue


def test_a_server_that_was_killed_recovers_at_the_next_join(server):
    process = process_using(server.directory, then=WAIT)
    postmaster = int((server.data / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)
    end(process, signal.SIGKILL)
    time.sleep(0.5)
    assert one(server) == 1


def test_a_path_too_long_for_a_socket_gets_a_short_one(directory):
    deep = directory / ("d" * 60) / ("e" * 60)
    server = EmbeddedPostgres(deep)
    assert one(server) == 1
    socket_directory = Path(server.join().host)
    assert len(str(socket_directory)) < 100
    server.leave()
    assert not socket_directory.exists()


@pytest.mark.parametrize("name", ["with space", "千面", "quo'te"])
def test_odd_names_of_directories_are_fine(directory, name):
    server = EmbeddedPostgres(directory / name)
    assert one(server) == 1
    server.leave()


@as_root
def test_root_drops_to_an_unprivileged_user(server):
    server.join()
    postmaster = int((server.data / "postmaster.pid").read_text().splitlines()[0])
    assert os.stat(f"/proc/{postmaster}").st_uid != 0
    assert server.data.stat().st_uid == server.owner.uid != 0


@as_root
def test_below_a_closed_directory_the_data_live_elsewhere(directory):
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "embedded")
    assert one(server) == 1
    assert (server.directory / "home").is_symlink()
    assert server.home.parent == Path("/var/tmp")
    again = EmbeddedPostgres(closed / "embedded")
    assert one(again) == 1
    server.leave()
    again.leave()
    subprocess.run(["rm", "-rf", server.home], check=True)


@as_root
def test_programs_that_its_user_cannot_reach_are_copied(directory):
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    programs = find_programs({})
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        subprocess.run(["cp", "-r", programs.parents[2] / part, closed], check=True)
    server_owner = owner_for(directory / "missing")
    copy = make_reachable(closed / "embedded_postgres/pginstall/bin", directory / "home", server_owner)
    assert copy.is_relative_to(directory / "home")
    assert server_owner.run(copy / "initdb", "--version")[0] == 0


def test_data_of_another_version_are_refused_by_name(server):
    server.join()
    server.leave()
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresUnavailable, match="are of PostgreSQL 9, the programs at hand of"):
        EmbeddedPostgres(server.directory).join()


def test_a_first_start_that_was_interrupted_is_begun_anew(server):
    server.directory.mkdir(parents=True)
    server._make_home()
    (server.home / "data.unfinished").mkdir()
    (server.home / "data.unfinished" / "half").touch()
    assert one(server) == 1


def test_named_programs_that_are_not_there_are_refused_by_name(tmp_path):
    with pytest.raises(PostgresUnavailable, match="EMBEDDED_POSTGRES_BIN"):
        find_programs({"EMBEDDED_POSTGRES_BIN": str(tmp_path)})


def test_an_owner_keeps_its_files(directory):
    (directory / "home").mkdir()
    os.chown(directory / "home", os.geteuid(), os.getegid())
    assert owner_for(directory / "home") == Owner(os.geteuid(), os.getegid())

"""A private PostgreSQL server, shared by every process of this checkout: who needs it joins, the last one out stops it.

Three locks in `.data/embedded/` say who is there; the kernel drops them with their holder, however it dies:

- `users.lock` is held, shared, by each process that uses the server, and by its forked children while they live;
- `guardian.lock` is held by the guardian, a process that waits until nobody holds `users.lock` and stops the server;
- `door.lock` is held for the moment in which somebody joins or the guardian stops the server: the two never meet.

Lock order: door, users, guardian. The guardian lives in a session of its own, which Ctrl-C does not reach. Nothing
here needs atexit, which SIGTERM skips. Standard library only: the guardian does not load Django.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from config.postgres_software import (
    Owner,
    PostgresUnavailable,
    find_programs,
    major_version,
    make_reachable,
    owner_for,
)

DATABASE = "qianmian"
USER = "qianmian"
SOCKET_NAME = ".s.PGSQL.5432"
# sun_path holds 108 bytes on Linux, 104 elsewhere.
LONGEST_SOCKET_PATH = 100
# Recovery after a crash may take minutes; a healthy start takes a fraction of a second.
# Web, workers and two crowds of the race tests at once.
CONNECTIONS = 300
START_SECONDS = 300
FIRST_BUILTIN_LOCALE = 17


@dataclass(frozen=True)
class Address:
    """How to reach the server: libpq's host is the directory of its socket."""

    host: str
    user: str
    password: str
    database: str = DATABASE


class EmbeddedPostgres:
    """The private server of one checkout, whose files live in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._membership: int | None = None
        self._address: Address | None = None

    def join(self) -> Address:
        """Start the server or join it; return its address. It lives at least as long as this process."""
        if self._address is None:
            self.directory.mkdir(parents=True, exist_ok=True)
            with self._locked("door.lock"):
                self._membership = self._open("users.lock")
                fcntl.flock(self._membership, fcntl.LOCK_SH)
                if not (self._is_guarded() and self._answers()):
                    self._start_with_guardian()
                self._address = self._read_address()
        return self._address

    def leave(self, *, patience: float = 30) -> None:
        """Let go of the server; where nobody else holds it, wait until it has stopped."""
        if self._membership is None:
            return
        os.close(self._membership)
        self._membership = self._address = None
        deadline = time.monotonic() + patience
        while self._is_guarded() and not self._has_users():
            if time.monotonic() > deadline:
                raise PostgresUnavailable(f"The server in {self.home} did not stop within {patience:g} seconds.")
            time.sleep(0.05)

    def start(self) -> None:
        """Start the server if it does not run, making its files first if there are none."""
        if not self.data.exists():
            self._create()
        self._refuse_other_version()
        if self._run("pg_ctl", "status", "-D", self.data)[0] == 0:
            return
        sockets = self._make_socket_directory()
        log = self.home / "log"
        options = (
            f"-k {sockets} -c listen_addresses='' -c unix_socket_permissions=0700 -c max_connections={CONNECTIONS}"
        )
        status, _output = self._run(
            "pg_ctl", "start", "-w", "-t", str(START_SECONDS), "-D", self.data, "-l", log, "-o", options
        )
        if status != 0:
            raise PostgresUnavailable(f"PostgreSQL did not start: {_last_lines(log)}")
        self._write_private("address.json", json.dumps({"host": str(sockets)}))

    def stand_guard(self) -> None:
        """Leave a process behind that stops the server when nobody uses it; where there is one, do nothing."""
        guardian = self._open("guardian.lock")
        try:
            fcntl.flock(guardian, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(guardian)
            return
        if os.fork():
            os._exit(0)
        os.setsid()
        os.chdir("/")
        silence = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(silence, descriptor)
        self._stop_when_unused()

    def _stop_when_unused(self) -> None:
        while True:
            with self._locked("users.lock"):
                pass
            with self._locked("door.lock"):
                if not self._has_users():
                    self._stop()
                    return

    @cached_property
    def home(self) -> Path:
        """The server's own directory, or where it had to go because its user cannot pass ours."""
        return (self.directory / "home").resolve()

    @property
    def data(self) -> Path:
        return self.home / "data"

    @cached_property
    def owner(self) -> Owner:
        return owner_for(self.home)

    @cached_property
    def programs(self) -> Path:
        return make_reachable(find_programs(os.environ), self.home, self.owner)

    def _create(self) -> None:
        if not self.home.exists():
            self._make_home()
        unfinished = self.home / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password = secrets.token_urlsafe(32)
        password_file = self.home / "password.once"
        password_file.touch(mode=0o600)
        password_file.write_text(password, encoding="ascii")
        self.owner.take(password_file)
        self._must("initdb", "-D", unfinished, "-U", USER, "-A", "scram-sha-256", "--pwfile", password_file,
                   "--encoding=UTF8", *self._locale())  # fmt: skip
        password_file.unlink()
        self._must("postgres", "--single", "-D", unfinished, "postgres", given=f"CREATE DATABASE {DATABASE}\n")
        self._write_private("password", password)
        unfinished.rename(self.data)

    def _make_home(self) -> None:
        owner = self.owner
        home = self.directory / "home"
        if owner.reaches(self.directory):
            home.mkdir(mode=0o700)
        else:
            elsewhere = Path(tempfile.mkdtemp(prefix="qianmian-", dir="/var/tmp"))
            home.symlink_to(elsewhere)
        del self.home
        owner.take(self.home)

    def _locale(self) -> list[str]:
        # ICU's collations change with its version and are not in every build; C.UTF-8 sorts by code point for ever.
        if major_version(self.programs) >= FIRST_BUILTIN_LOCALE:
            return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return ["--locale=C"]

    def _refuse_other_version(self) -> None:
        made_by = int((self.data / "PG_VERSION").read_text())
        have = major_version(self.programs)
        if made_by != have:
            raise PostgresUnavailable(
                f"The data in {self.data} are of PostgreSQL {made_by}, the programs at hand of {have}: "
                "set EMBEDDED_POSTGRES_BIN to the old ones, or dump with those and load with these."
            )

    def _make_socket_directory(self) -> Path:
        sockets = self.home / "socket"
        path = str(sockets / SOCKET_NAME)
        # pg_ctl hands its options to a shell, hence plain characters only.
        if len(path) > LONGEST_SOCKET_PATH or not re.fullmatch(r"[\w./-]+", path, re.ASCII):
            sockets = Path(tempfile.mkdtemp(prefix="qm-", dir="/tmp"))
        sockets.mkdir(mode=0o700, exist_ok=True)
        self.owner.take(sockets)
        return sockets

    def _stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", self.data)
        sockets = Path(self._read_address().host)
        (self.directory / "address.json").unlink()
        with suppress(OSError):
            sockets.rmdir()

    def _start_with_guardian(self) -> None:
        # A program of its own, not a fork: it must not hold our files, threads or locks.
        answer = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "config.embedded_postgres", self.directory.resolve()],
            cwd=Path(__file__).resolve().parent.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise PostgresUnavailable(answer.stderr.strip())

    def _answers(self) -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
            knock.connect(str(Path(self._read_address().host) / SOCKET_NAME))
            return True
        return False

    def _read_address(self) -> Address:
        host = json.loads((self.directory / "address.json").read_text(encoding="utf-8"))["host"]
        return Address(host, USER, (self.directory / "password").read_text(encoding="ascii"))

    def _is_guarded(self) -> bool:
        return not self._is_free("guardian.lock")

    def _has_users(self) -> bool:
        return not self._is_free("users.lock")

    def _is_free(self, name: str) -> bool:
        descriptor = self._open(name)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        descriptor = self._open(name)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _open(self, name: str) -> int:
        try:
            return os.open(self.directory / name, os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError as error:
            raise PostgresUnavailable(f"{self.directory} belongs to another user: run as that user.") from error

    def _write_private(self, name: str, text: str) -> None:
        unfinished = self.directory / f"{name}.unfinished"
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_text(text, encoding="utf-8")
        unfinished.rename(self.directory / name)

    def _run(self, program: str, *arguments: str | Path, given: str = "") -> tuple[int, str]:
        return self.owner.run(self.programs / program, *arguments, given=given)

    def _must(self, program: str, *arguments: str | Path, given: str = "") -> None:
        status, output = self._run(program, *arguments, given=given)
        if status != 0:
            raise PostgresUnavailable(f"{program} failed: {output.strip()}")


def _last_lines(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-10:])
    except OSError:
        return f"there is nothing in {log}"


def main(directory: Path) -> None:
    """Start the server and its guardian; the program ends, with 0, once both are up."""
    server = EmbeddedPostgres(directory)
    try:
        server.start()
        server.stand_guard()
    except PostgresUnavailable as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

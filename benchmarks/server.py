"""The real web server for a benchmark: granian with two workers on a port of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.report import Figure

WORKERS = 2
THREADS = 2


def free_port() -> int:
    """Return a free port. Granian shares a taken one silently, so that one would measure a stale server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running() -> Iterator[tuple[int, int]]:
    """Serve `config.wsgi` with the benchmark's settings; yield the port and the server's process id."""
    port = free_port()
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--no-ws", "--log-level", "warning",
        "config.wsgi:application",
    ]  # fmt: skip
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    process = subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def peak_memory_mb(pid: int) -> float:
    """Return the peak resident memory of one process, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} does not tell its memory")


def memory_figures(pid: int) -> list[Figure]:
    processes = {"web server": pid} | {f"web worker {n}": child for n, child in enumerate(_children_of(pid), start=1)}
    return [
        Figure(f"peak memory of {name}", peak_memory_mb(each), None, None, "lower", "MB")
        for name, each in processes.items()
    ]


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]

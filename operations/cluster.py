"""A django-q2 cluster whose processes die with the process that started them.

When the head of a cluster is killed, its sentinel and workers would live on as orphans beside the new cluster. On Linux
the kernel kills each of them with its parent; elsewhere the supervisor kills the process group when it can.
"""

import ctypes
import os
import signal
import sys

from django.core.management import call_command

PR_SET_PDEATHSIG = 1


def run_cluster(*, supervisor: int) -> None:
    """Run django-q2 until it is told to stop, or until the process `supervisor` dies."""
    _die_with_parent()
    if os.getppid() != supervisor:
        # The supervisor died before the kernel was asked to watch it.
        return
    os.register_at_fork(after_in_child=_die_with_parent)
    call_command("qcluster")


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

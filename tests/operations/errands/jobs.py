"""Jobs whose every effect is one audit record."""

import time

from django.contrib.auth.models import Group
from django.utils import timezone

from operations import audit


def leave_mark(name: str, seconds: float = 0.0) -> None:
    """Write one record about `name`, and take `seconds` over it, so that a kill can strike in between."""
    audit.record("errand.done", Group(pk=1, name=name), by=None, now=timezone.now())
    time.sleep(seconds)


def leave_mark_and_fail(name: str) -> None:
    leave_mark(name)
    raise ValueError(f"{name} failed")


def _private() -> None:
    raise AssertionError("never called")

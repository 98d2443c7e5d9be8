"""A bound on calls holds over all web processes, each of which spends what it took from memory."""

import threading
from datetime import UTC, datetime

import pytest

from operations import call_counts
from operations.models import CallCount
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PROCESSES, CALLS, BOUND = 12, 40, 100


class Apart(threading.local, call_counts._Purse):
    """A purse for each thread, as each process has one."""


@pytest.mark.parametrize("portion", [1, 7])
def test_processes_never_admit_more_than_the_bound(monkeypatch, portion):
    monkeypatch.setattr(call_counts, "_purse", Apart())

    def admitted(_process):
        counted = [call_counts.count("shop", bound=BOUND, portion=portion, now=NOW) for _call in range(CALLS)]
        return sum(each.admitted for each in counted)

    for _round in range(3):
        total = sum(at_once(PROCESSES, admitted))
        # What a process took and had no more calls for is missing to the others.
        assert BOUND - (PROCESSES - 1) * (portion - 1) <= total <= BOUND
        CallCount.objects.all().delete()
        monkeypatch.setattr(call_counts, "_purse", Apart())


def test_threads_of_a_process_never_admit_more_than_it_took():
    call_counts.forget_portions()

    def admitted(_thread):
        return sum(call_counts.count("shop", bound=BOUND, portion=9, now=NOW).admitted for _call in range(CALLS))

    # Whoever took the last portion may have had no calls left for it.
    assert BOUND - 8 <= sum(at_once(PROCESSES, admitted)) <= BOUND

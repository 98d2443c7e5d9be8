"""A process that pays what is due, and kills itself at the point that its argument names."""

import os
import signal
import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from rewards import delivering  # noqa: E402


def die(*_args: object, **_kwargs: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(function):
    def called(*args, **kwargs):
        function(*args, **kwargs)
        die()

    return called


point = sys.argv[1]
if point == "before it is taken":
    delivering.send_next = die
elif point == "once it is taken":
    delivering.request_of = die
elif point == "before the outcome is written":
    delivering.settle = die
elif point == "while the outcome is written":
    delivering._deliver = then_die(delivering._deliver)
elif point == "once the outcome is written":
    delivering.settle = then_die(delivering.settle)
while True:
    paid = delivering.pay_due(now=timezone.now)
    if point != "never" or not paid.sent:
        break

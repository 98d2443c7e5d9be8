"""A process that sends what is due, and kills itself at the point that its argument names, once it has come by there
for the n-th time."""

import os
import signal
import sys

import django

django.setup()

from datetime import timedelta  # noqa: E402

from django.utils import timezone  # noqa: E402

from operations import webhook_claims, webhook_outcomes, webhook_sending  # noqa: E402
from operations.models import WebhookEndpoint  # noqa: E402

point, after = sys.argv[1], int(sys.argv[2])
webhook_claims.LEASE = timedelta(seconds=0.3)
webhook_sending.LOOK_EVERY = 0.0
came_by = 0


def die_here() -> None:
    global came_by  # noqa: PLW0603
    came_by += 1
    if came_by >= after:
        os.kill(os.getpid(), signal.SIGKILL)


def dying_before(function):
    def called(*args, **kwargs):
        die_here()
        return function(*args, **kwargs)

    return called


def dying_after(function):
    def called(*args, **kwargs):
        result = function(*args, **kwargs)
        die_here()
        return result

    return called


if point == "once they are taken":
    webhook_claims.take_due = dying_after(webhook_claims.take_due)
elif point == "before one is sent":
    webhook_sending._sent = dying_before(webhook_sending._sent)
elif point == "once one was answered":
    webhook_sending._sent = dying_after(webhook_sending._sent)
elif point == "before the outcomes are written":
    webhook_outcomes.write = dying_before(webhook_outcomes.write)
elif point == "while the outcomes are written":
    webhook_outcomes._note_attempts = dying_before(webhook_outcomes._note_attempts)
elif point == "once the outcomes are written":
    webhook_outcomes.write = dying_after(webhook_outcomes.write)

for endpoint_id in WebhookEndpoint.objects.values_list("pk", flat=True):
    webhook_sending.pump(endpoint_id, now=timezone.now, seconds=5)

"""Shutting draws: those that run are waited for, and none begins afterwards.

A draw takes the scope's advisory lock shared before it looks at the gate; whoever moves the gate takes it alone. So a
draw is wholly before a pause, or finds the gate shut.
"""

from django.db import connection, transaction

from rewards.models import DrawGate

# The draw's own words for it: `rewards_draw_prize`.
ALONE = "SELECT pg_advisory_xact_lock(hashtext('rewards.draws'), hashtext(%s))"


@transaction.atomic
def set_open(scope: str, *, is_open: bool) -> None:
    """Open or shut the draws of a scope. Inside the transaction that pauses or resumes what the scope belongs to.

    The lock must last until the gate is seen by others, hence never without a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [scope])
    DrawGate.objects.update_or_create(scope=scope, defaults={"is_open": is_open})

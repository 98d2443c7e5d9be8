"""An end to guessing numbers at the counter: so many wrong ones, then a pause. Who reads aloud is wrong now and then.

A try is counted before its number is looked up, by one guarded statement, and given back when the number was right:
many tries at once are as many as one after the other. It is committed by itself, or a refusal would forget it.
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import ngettext

from operations import audit
from rewards.models import WrongNumbers

MOST = 20
WITHIN = timedelta(minutes=15)

COUNT = """
INSERT INTO rewards_wrongnumbers AS counted (user_id, since, tried) VALUES (%(user)s, %(now)s, 1)
ON CONFLICT (user_id) DO UPDATE SET
    since = CASE WHEN counted.since <= %(forgotten)s THEN EXCLUDED.since ELSE counted.since END,
    tried = CASE WHEN counted.since <= %(forgotten)s THEN 1 ELSE counted.tried + 1 END
WHERE counted.since <= %(forgotten)s OR counted.tried < %(most)s
RETURNING tried
"""


class TooManyWrong(Exception):
    """So many numbers were wrong that no more are looked up for now; as text it says for how long."""

    def __init__(self, minutes: int) -> None:
        super().__init__(minutes)
        self.minutes = minutes

    def __str__(self) -> str:
        words = ngettext(
            "Too many numbers were wrong. Try again in %(minutes)d minute.",
            "Too many numbers were wrong. Try again in %(minutes)d minutes.",
            self.minutes,
        )
        return words % {"minutes": self.minutes}


def count_try(user: User, *, now: datetime) -> None:
    """Count a try of somebody on the staff. Raises TooManyWrong, which goes on record when it begins."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COUNT, {"user": user.pk, "now": now, "forgotten": now - WITHIN, "most": MOST})
        counted = cursor.fetchone()
        if counted == (MOST,):
            audit.record("check_off.last_try", user, by=user, now=now, changes={"tried": [None, MOST]})
    if counted is None:
        since = WrongNumbers.objects.values_list("since", flat=True).get(user=user)
        raise TooManyWrong(minutes=max(1, -((now - since - WITHIN) // timedelta(minutes=1))))


def give_back(user: User) -> None:
    """The number was right: its try is not counted."""
    WrongNumbers.objects.filter(user=user, tried__gt=0).update(tried=F("tried") - 1)

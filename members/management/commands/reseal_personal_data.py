"""Seal with the first key what is sealed of members, and what the apps above have sealed."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from members import resealing
from members.models import Member


class Command(BaseCommand):
    help = (
        "Seal the phone numbers and email addresses of members, the rejected rows of imports, and coupon codes, and "
        "hash them, with the first of PERSONAL_DATA_KEYS "
        "(SECRET_KEY where there are none). Run it after putting a new key in front; when it ends with status 0, the "
        "old keys may go. Safe to stop and to repeat. The exit status is 1 if something could not be opened."
    )

    def handle(self, **options: Any) -> None:
        done = resealing.Resealed()
        with tqdm(total=Member.objects.count(), unit=" members", file=sys.stderr) as bar:
            for done in resealing.reseal():
                bar.update(done.members - bar.n)
        counts = {"members": done.members, "rejected rows": done.rejected_rows} | done.others
        looked_at = ", ".join(f"{name} {count}" for name, count in counts.items())
        self.stdout.write(f"{looked_at}, resealed {done.resealed}, unreadable {done.unreadable}")
        if done.unreadable:
            raise CommandError(
                _("%(count)s values were sealed with a key that is not there; they stay as they are.")
                % {"count": done.unreadable}
            )

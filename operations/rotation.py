"""A new key in place of an old one, for the same client: both work until the client has changed over."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from operations import audit
from operations.api_keys import issue
from operations.models import ApiKey

OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=30)


class NotRotated(ValueError):
    """The key is not replaced. The words say why."""


@transaction.atomic
def rotate(key: ApiKey, *, overlap: timedelta = OVERLAP, by: audit.Actor, now: datetime) -> tuple[ApiKey, str, str]:
    """Return a new key's row, the plain key and its signing secret; `key` ends after the overlap, or when it would.

    The new key is as the old one was: name, scopes, client, address ranges, limit, and as long a life from now on.
    Raises NotRotated for a key that is revoked or replaced already, and for an overlap that is none.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise NotRotated(_("The two keys overlap by 0 hours to 30 days."))
    old = ApiKey.objects.select_for_update().get(pk=key.pk)
    _refuse(old)
    new = ApiKey(
        name=old.name,
        scopes=old.scopes,
        client=old.client,
        address_ranges=old.address_ranges,
        calls_per_minute=old.calls_per_minute,
        expiry_date=old.expiry_date and now + (old.expiry_date - old.created),
    )
    plain, signing = issue(new)
    _end(old, replaced_by=new, at=now + overlap, by=by, now=now)
    return new, plain, signing


def _refuse(key: ApiKey) -> None:
    if key.revoked:
        raise NotRotated(_("The key %(key)s is revoked for good. Create a new one.") % {"key": key.prefix})
    # Asked for by itself: what is joined to a row that was waited for is as it was before the wait.
    if key.replaced_by is not None:
        words = _("The key %(key)s was replaced by %(by)s already.")
        raise NotRotated(words % {"key": key.prefix, "by": key.replaced_by.prefix})


def _end(old: ApiKey, *, replaced_by: ApiKey, at: datetime, by: audit.Actor, now: datetime) -> None:
    ended = old.expiry_date
    old.expiry_date = at if ended is None else min(ended, at)
    old.replaced_by = replaced_by
    old.save(update_fields=["expiry_date", "replaced_by"])
    changes = {"replaced_by": [None, replaced_by.prefix], "expiry_date": [ended, old.expiry_date]}
    audit.record("api_key.rotated", old, by=by, now=now, changes=changes)
    audit.record("api_key.added", replaced_by, by=by, now=now, changes={"scopes": [None, replaced_by.scopes]})

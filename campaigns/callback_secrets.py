"""The secrets with which outside systems sign what they confirm: one for each task, shown once, changed without gap."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from campaigns import sealed_task_codes
from campaigns.models import CallbackSecret, Campaign
from operations import audit
from operations.standard_webhooks import SECRET_BYTES, new_secret

# How long the secret before it is still taken, where it was not given away.
OVERLAP = timedelta(hours=24)


@transaction.atomic
def issue(  # noqa: PLR0913 - all but two by keyword
    campaign: Campaign,
    task_key: str,
    *,
    earlier_until: datetime,
    by: audit.Actor,
    now: datetime,
    chance: Callable[[int], bytes] = secrets.token_bytes,
) -> str:
    """Return a new secret of the task. It cannot be shown again. The one before it is taken until `earlier_until`."""
    # The campaign's row keeps two who issue at once apart: each would show a secret, and only one be kept.
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    secret = new_secret(chance(SECRET_BYTES))
    known = CallbackSecret.objects.filter(campaign=campaign, task_key=task_key).first()
    kept, _created = CallbackSecret.objects.update_or_create(
        campaign=campaign,
        task_key=task_key,
        defaults={
            "sealed": sealed_task_codes.sealed_secret(secret),
            "issued_at": now,
            "earlier_sealed": known.sealed if known and earlier_until > now else None,
            "earlier_until": earlier_until if known and earlier_until > now else None,
        },
    )
    action = "callback_secret.changed" if known else "callback_secret.issued"
    audit.record(action, kept, by=by, now=now, changes={"task": [None, f"{campaign.slug}: {task_key}"]})
    return secret


def secrets_of(slug: str, task_key: str, *, now: datetime) -> list[str]:
    """Return the secrets that are taken now; [] for a task that has none."""
    kept = CallbackSecret.objects.filter(campaign__slug=slug, task_key=task_key).first()
    if kept is None:
        return []
    stored = [kept.sealed]
    if kept.earlier_sealed is not None and kept.earlier_until is not None and now < kept.earlier_until:
        stored.append(kept.earlier_sealed)
    opened = [sealed_task_codes.opened_secret(each) for each in stored]
    return [secret for secret in opened if secret]

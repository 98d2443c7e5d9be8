"""Devices that no limit counts; members are put on the same list by its form in the admin."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from campaigns.models import DeviceUse, Trusted
from operations import audit


@transaction.atomic
def trust_device(use: DeviceUse, *, name: str, by: User, now: datetime) -> Trusted:
    """Trust the device of this use, such as the shop's own tablet. Trusted already, it stays as it is."""
    trusted, made = Trusted.objects.get_or_create(
        device=use.device, defaults={"name": name, "trusted_by": by, "trusted_at": now}
    )
    if made:
        audit.record("trusted.added", trusted, by=by, now=now, changes={"device": [None, use.device[:8]]})
    return trusted

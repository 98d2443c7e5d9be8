"""Which webhooks want an operator's eye."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from operations.models import WebhookEndpoint
from operations.webhook_refusals import Off

# A receiver that is restarted, or mended by whoever is on duty, is none of an operator's business.
PATIENCE = timedelta(hours=1)


def gone_off() -> QuerySet[WebhookEndpoint]:
    """Return the endpoints that were switched off by no operator."""
    # A reason of ours may have a detail behind it.
    ours = Q(off_reason__in=list(Off)) | Q(off_reason__startswith=f"{Off.NO_SCOPE}: ")
    return WebhookEndpoint.objects.filter(ours, state=WebhookEndpoint.State.OFF).order_by("pk")


def failing(*, now: datetime) -> QuerySet[WebhookEndpoint]:
    """Return the endpoints that are on and have taken nothing for longer than PATIENCE."""
    failing_for_long = WebhookEndpoint.objects.filter(failing_since__lt=now - PATIENCE)
    return failing_for_long.filter(state=WebhookEndpoint.State.ON).order_by("pk")

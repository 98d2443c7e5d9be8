"""Which webhooks want an operator's eye."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from operations.concerns import Concern, Severity
from operations.models import WebhookEndpoint
from operations.webhook_refusals import Off, off_words

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


def concerns(now: datetime) -> Iterator[Concern]:
    """Yield the webhooks that went off by themselves, and those that have taken nothing for a while."""
    for endpoint in gone_off():
        words = {"webhook": endpoint.name, "why": off_words(endpoint.off_reason)}
        text = _("The webhook “%(webhook)s” was switched off. %(why)s") % words
        yield Concern(Severity.ERROR, text, _page(endpoint))
    for endpoint in failing(now=now):
        text = _("The webhook “%(webhook)s” takes nothing.") % {"webhook": endpoint.name}
        yield Concern(Severity.WARNING, text, _page(endpoint), endpoint.failing_since)


def _page(endpoint: WebhookEndpoint) -> str:
    return reverse("admin:operations_webhookendpoint_change", args=[endpoint.pk])

"""How an endpoint fares: what waits, what was given up, and what its tries came to, hour by hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncHour

from operations.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint

LATELY = timedelta(hours=24)
HOURS = 48
HOUR = timedelta(hours=1)
State = WebhookDelivery.State
TOOK_IT = Q(status__range=(200, 299))


@dataclass(frozen=True, slots=True)
class Hour:
    """The tries of one hour: how many were taken, and how many failed."""

    begins: datetime
    delivered: int
    failed: int


def with_waiting(endpoints: QuerySet[WebhookEndpoint]) -> QuerySet[WebhookEndpoint]:
    """Annotate each endpoint with `waiting`: how many deliveries are on their way to it."""
    return endpoints.annotate(waiting=_count(WebhookDelivery.objects.filter(state=State.WAITING)))


def with_counts(endpoints: QuerySet[WebhookEndpoint], *, now: datetime) -> QuerySet[WebhookEndpoint]:
    """Annotate each endpoint with `waiting`, `given_up` (and not sent again since) and `delivered_lately`."""
    ended = WebhookDelivery.objects.filter(ended_at__isnull=False)
    return with_waiting(endpoints).annotate(
        given_up=_count(ended.filter(state=State.GIVEN_UP, replayed_by=None)),
        delivered_lately=_count(ended.filter(state=State.DELIVERED, ended_at__gte=now - LATELY)),
    )


def oldest_waiting(endpoint: WebhookEndpoint) -> WebhookDelivery | None:
    """Return what has waited longest, or None."""
    return endpoint.deliveries.filter(state=State.WAITING).select_related("event").order_by("pk").first()


def failures(endpoint: WebhookEndpoint, *, most: int, now: datetime) -> list[WebhookAttempt]:
    """Return the newest tries of the last HOURS hours that were not taken, newest first."""
    tries = WebhookAttempt.objects.filter(at__gte=now - HOURS * HOUR, delivery__endpoint=endpoint).exclude(TOOK_IT)
    return list(tries.select_related("delivery__event").order_by("-at", "-pk")[:most])


def hours(endpoint: WebhookEndpoint, *, now: datetime) -> list[Hour]:
    """Return the last HOURS hours of the clock, the one that runs now last."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    begins = [this_hour - HOUR * back for back in reversed(range(HOURS))]
    tries = WebhookAttempt.objects.filter(at__gte=begins[0], delivery__endpoint=endpoint)
    counted = (
        tries.annotate(hour=TruncHour("at"))
        .values("hour")
        .annotate(delivered=Count("pk", filter=TOOK_IT), tried=Count("pk"))
        .annotate(failed=F("tried") - F("delivered"))
    )
    found = {row["hour"]: row for row in counted}
    nothing = {"delivered": 0, "failed": 0}
    return [Hour(begin, row["delivered"], row["failed"]) for begin in begins for row in [found.get(begin) or nothing]]


def _count(deliveries: QuerySet[WebhookDelivery]) -> Coalesce:
    of_endpoint = deliveries.filter(endpoint=OuterRef("pk")).order_by().values("endpoint")
    return Coalesce(Subquery(of_endpoint.annotate(number=Count("pk")).values("number")), 0)

"""Payments of red packets that go on only if an operator does something."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import ngettext

from rewards import delivery_providers
from rewards.delivery_providers import NotConfigured
from rewards.models import Delivery

# The provider is asked every few minutes; what it does not know for so long, a person has to look up.
UNKNOWN_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DeliveryConcern:
    """What is the matter, and the filter of the list that shows it."""

    text: str
    query: str


def concerns(*, now: datetime) -> Iterator[DeliveryConcern]:
    State = Delivery.State
    if failed := Delivery.objects.filter(state=State.FAILED).count():
        words = ngettext("%(count)d red packet could not be paid.", "%(count)d red packets could not be paid.", failed)
        yield DeliveryConcern(words % {"count": failed}, f"state__exact={State.FAILED}")
    if unknown := Delivery.objects.filter(state=State.UNKNOWN, sent_at__lte=now - UNKNOWN_FOR).count():
        words = ngettext(
            "Nobody knows whether %(count)d red packet was paid.",
            "Nobody knows whether %(count)d red packets were paid.",
            unknown,
        )
        yield DeliveryConcern(words % {"count": unknown}, f"state__exact={State.UNKNOWN}")
    for provider in _waiting_for_people():
        waiting = Delivery.objects.filter(state=State.WAITING, provider=provider).count()
        words = ngettext("%(count)d red packet waits for somebody to pay it (%(provider)s).",
                         "%(count)d red packets wait for somebody to pay them (%(provider)s).", waiting)  # fmt: skip
        yield DeliveryConcern(
            words % {"count": waiting, "provider": provider}, f"state__exact={State.WAITING}&provider__exact={provider}"
        )


def _waiting_for_people() -> Iterator[str]:
    """Yield the names under which something waits that no provider will pay by itself."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING).order_by("provider")
    for name in waiting.values_list("provider", flat=True).distinct():
        try:
            if not delivery_providers.provider_of(name).by_hand:
                continue
        except (NotConfigured, TypeError, ValueError, ImportError):
            # Set up no more, or wrongly: it waits for whoever keeps the settings.
            yield name
            continue
        yield name

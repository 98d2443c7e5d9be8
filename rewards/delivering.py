"""Paying red packets out, each exactly once.

1. `waiting` → `sending` is committed before the provider is called, the outcome after it. Whoever is killed in between
   leaves `sending` behind: when its time is over nobody knows, and it is asked about before anything is sent again.
2. A certain failure waits for the next attempt, at most MOST_ATTEMPTS of them; then an operator sees it.
3. The provider gets the same key each time, and pays once for it: the second bar behind the first.

Awards are locked before their payments, as everywhere. None of this may run in a transaction of the caller's.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from members import inbox
from members.models import Identity
from operations import jobs
from rewards import delivery_providers, inbox_words
from rewards.delivery_providers import Outcome, Provider, Request, Verdict
from rewards.models import Award, Delivery

logger = logging.getLogger(__name__)

JOB = "rewards.jobs.pay_red_packets"
MOST_ATTEMPTS = 5
DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
# A provider answers within 30 seconds; whoever has not written its outcome down by then was killed.
LEASE = timedelta(minutes=3)
# A provider may need a while before it knows what it was asked a moment ago.
SETTLING = timedelta(minutes=10)
ASK_AGAIN = timedelta(minutes=5)
# Of a worker's minute, so that the carrier does not kill it in the midst of a payment.
SECONDS = 20.0

_OPEN = (Award.State.GRANTED, Award.State.CLAIMED)

# What another worker, a reversal or an expiry holds is passed over. Whoever has no account at the provider yet waits.
_TAKE = """
    UPDATE rewards_delivery SET state = 'sending', attempts = attempts + 1, sent_at = %(now)s, due_at = %(lease)s,
        error = ''
    WHERE id = (
        SELECT delivery.id FROM rewards_delivery delivery JOIN rewards_award award ON award.id = delivery.award_id
        WHERE delivery.state = 'waiting' AND delivery.due_at <= %(now)s AND delivery.provider = %(provider)s
            AND award.state IN ('granted', 'claimed') AND (award.expires_at IS NULL OR award.expires_at > %(now)s)
            AND (%(identity)s = '' OR EXISTS (
                SELECT FROM members_identity identity
                WHERE identity.member_id = award.member_id AND identity.provider = %(identity)s
            ))
        ORDER BY delivery.due_at, delivery.id LIMIT 1
        FOR NO KEY UPDATE SKIP LOCKED
    ) AND state = 'waiting'
    RETURNING id
"""
_ASK = """
    UPDATE rewards_delivery SET state = 'unknown', due_at = %(later)s
    WHERE id = (
        SELECT id FROM rewards_delivery
        WHERE state IN ('sending', 'unknown') AND taken_by_id IS NULL AND due_at <= %(now)s AND provider = %(provider)s
        ORDER BY due_at, id LIMIT 1
        FOR NO KEY UPDATE SKIP LOCKED
    ) AND state IN ('sending', 'unknown')
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Paid:
    """How many payments were sent, and about how many it was asked."""

    sent: int = 0
    asked: int = 0


def hasten(award_id: int) -> None:
    """Let a worker pay a red packet at once, rather than within the minute. In the caller's transaction or its own."""
    with transaction.atomic():
        jobs.enqueue(JOB, key=f"red-packet:{award_id}")


def pay_due(*, now: Callable[[], datetime], seconds: float = SECONDS) -> Paid:
    """Ask about what is unknown and due, then send what waits, provider by provider, for at most so many seconds."""
    end = monotonic() + seconds
    sent = asked = 0
    for name in delivery_providers.names():
        try:
            provider = delivery_providers.provider_of(name)
        except Exception:
            # The others are not kept waiting for one that is set up wrongly; its payments wait in sight.
            logger.exception("the provider %s of red packets is set up wrongly", name)
            continue
        if provider.by_hand:
            continue
        while monotonic() < end and ask_next(name, provider, now=now()):
            asked += 1
        while monotonic() < end and send_next(name, provider, now=now):
            sent += 1
    return Paid(sent, asked)


def send_next(name: str, provider: Provider, *, now: Callable[[], datetime]) -> bool:
    """Pay the next red packet that waits for this provider. Return whether there was one."""
    moment = now()
    values: dict[str, str | datetime] = {
        "now": moment,
        "lease": moment + LEASE,
        "provider": name,
        "identity": provider.needs_identity,
    }
    delivery = _moved(_TAKE, values)
    if delivery is None:
        return False
    settle(delivery, _sent(delivery, provider), now=now())
    return True


def _sent(delivery: Delivery, provider: Provider) -> Outcome:
    request = request_of(delivery, provider)
    if provider.needs_identity and not request.account:
        return Outcome(Verdict.FAILED, error=f"{provider.needs_identity} was unlinked")
    try:
        return provider.send(request)
    except Exception as error:
        # It may have been paid all the same.
        logger.exception("payment %s: the provider %s failed", delivery.pk, delivery.provider)
        return Outcome(Verdict.UNKNOWN, error=_words(error))


def ask_next(name: str, provider: Provider, *, now: datetime) -> bool:
    """Ask the provider about the next payment of which nobody knows what became. Return whether there was one."""
    delivery = _moved(_ASK, {"now": now, "later": now + ASK_AGAIN, "provider": name})
    if delivery is None:
        return False
    try:
        outcome = provider.find(delivery.key)
    except Exception as error:
        logger.exception("payment %s: the provider %s cannot be asked", delivery.pk, name)
        outcome = Outcome(Verdict.UNKNOWN, error=_words(error))
    if outcome is not None:
        settle(delivery, outcome, now=now)
    elif delivery.sent_at is not None and now - delivery.sent_at >= SETTLING:
        mine = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts, state=Delivery.State.UNKNOWN)
        mine.update(state=Delivery.State.WAITING, due_at=now)
    return True


def request_of(delivery: Delivery, provider: Provider) -> Request:
    award = delivery.award
    account = _account_of(award.member_id, provider)
    return Request(
        key=delivery.key,
        cents=delivery.cents,
        currency=settings.CURRENCY,
        uid=award.member.uid,
        account=account,
        award=award.pk,
        gift=award.gift.name,
    )


def _account_of(member_id: int, provider: Provider) -> str:
    if not provider.needs_identity:
        return ""
    theirs = Identity.objects.filter(member_id=member_id, provider=provider.needs_identity)
    return theirs.values_list("subject", flat=True).first() or ""


@transaction.atomic
def settle(delivery: Delivery, outcome: Outcome, *, now: datetime) -> None:
    """Write down what became of this attempt. That it was paid is true whatever was believed meanwhile."""
    award = Award.objects.select_for_update(no_key=True, of=("self",)).select_related("gift").get(pk=delivery.award_id)
    mine = Delivery.objects.filter(pk=delivery.pk)
    error = outcome.error[:500]
    if outcome.verdict == Verdict.DELIVERED:
        paid = {"state": Delivery.State.DELIVERED, "reference": outcome.reference[:100], "settled_at": now}
        if mine.exclude(state=Delivery.State.DELIVERED).update(**paid, error=""):
            _deliver(award, now)
            inbox.put([inbox_words.of_award(inbox_words.PACKET_PAID, award, f"paid:{award.pk}")], now=now)
        return
    open_states = Q(state__in=(Delivery.State.SENDING, Delivery.State.UNKNOWN), attempts=delivery.attempts)
    if outcome.verdict == Verdict.UNKNOWN:
        mine.filter(open_states).update(state=Delivery.State.UNKNOWN, due_at=now + DELAYS[0], error=error)
    elif outcome.final or delivery.attempts >= MOST_ATTEMPTS or award.state not in _OPEN:
        mine.filter(open_states).update(state=Delivery.State.FAILED, settled_at=now, error=error)
    else:
        due = now + DELAYS[min(delivery.attempts, len(DELAYS)) - 1]
        mine.filter(open_states).update(state=Delivery.State.WAITING, due_at=due, error=error)


def _deliver(award: Award, now: datetime) -> None:
    """An award that was taken back meanwhile stays so; the payment shows that it went out all the same."""
    if not Award.objects.filter(pk=award.pk, state__in=_OPEN).update(state=Award.State.DELIVERED, changed_at=now):
        logger.warning("award %s was paid out when it was %s", award.pk, award.state)


def _moved(sql: str, values: dict[str, str | datetime]) -> Delivery | None:
    """Move one payment on, in a transaction of its own that is over when this returns."""
    if connection.in_atomic_block:
        raise RuntimeError("payments commit by themselves: call this outside of a transaction")
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return Delivery.objects.select_related("award__member", "award__gift").get(pk=row[0]) if row else None


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]

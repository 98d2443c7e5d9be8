"""What orders and time make of reservations: bought, refunded, lapsed. The only writer of their states.

One function looks again at all that is open of some members, so it does not matter which order, refund or clock called
it, nor how often. What makes each thing happen once: the enrolments are locked in the order of their ids, everything is
read behind that, and what a move gives back is given in the transaction that moves it.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from campaigns.models import Enrolment, Reservation
from campaigns.offers import counts, coupons, grouping
from campaigns.offers.counts import Place
from campaigns.offers.grouping import Seats
from campaigns.offers.matching import Line, Wanted, confirming, returned
from members import activity, locking, touches
from members.activity import Happened
from members.models import Order, OrderItem
from operations import jobs
from rewards.money import as_cents

State = Reservation.State
OPEN = (State.RESERVED, State.BOUGHT)
BOUGHT = "offer.bought"
LAPSED = "offer.lapsed"
REFUNDED = "offer.refunded"


@dataclass(slots=True)
class Moves:
    """What a settling brings for those whom many share, written once all reservations are."""

    now: datetime
    back: Counter[Place] = field(default_factory=Counter)
    seats: dict[int, Seats] = field(default_factory=dict)
    happened: list[Happened] = field(default_factory=list)

    def give_back(self, row: Reservation, quantity: int) -> None:
        campaign = row.enrolment.campaign_id
        self.back[campaign, row.offer_key, row.enrolment_id] += quantity
        self.back[campaign, row.offer_key, None] += quantity

    def tell(self, row: Reservation, kind: str) -> None:
        data = {"campaign": row.enrolment.campaign_id, "offer": row.offer_key, "reservation": row.pk}
        member = row.enrolment.member_id
        self.happened.append(Happened(member, kind, f"reservation:{row.pk}", self.now, data))

    def seats_of(self, row: Reservation) -> Seats:
        return self.seats.setdefault(row.group_id, Seats()) if row.group_id else Seats()


@touches.together()
def settle(enrolment_ids: Collection[int], *, now: datetime) -> None:
    """Bring all that is open of these enrolments up to date with the orders, the refunds and the clock."""
    _lock(enrolment_ids)
    rows = list(
        Reservation.objects.filter(enrolment__in=enrolment_ids, state__in=OPEN)
        .select_related("enrolment")
        .order_by("pk")
    )
    lines = _lines_of(rows)
    used = _used(lines)
    moves = Moves(now)
    for row in rows:
        if row.state == State.BOUGHT:
            _refund(row, lines, moves)
        elif line := confirming(_wanted(row), lines.get(row.enrolment.member_id, {}).values(), used=used):
            used.add(line.key)
            _buy(row, line, moves)
        elif now >= row.lapses_at:
            _lapse(row, moves)
    grouping.apply(moves.seats, now=now)
    counts.give_back(moves.back)
    activity.record(moves.happened, now=now)
    coupons.settle(enrolment_ids)


def _lock(enrolment_ids: Collection[int]) -> None:
    """The enrolments, then their members, whose orders do not change until we are done: a line confirms once."""
    locked = Enrolment.objects.select_for_update().filter(pk__in=enrolment_ids).order_by("pk")
    locking.lock_by_id(set(locked.values_list("member_id", flat=True)))


def _buy(row: Reservation, line: Line, moves: Moves) -> None:
    if _move(row, moves, state=State.BOUGHT, order_id=line.order, line=line.line):
        moves.seats_of(row).paid += 1
        moves.tell(row, BOUGHT)


def _lapse(row: Reservation, moves: Moves) -> None:
    if _move(row, moves, state=State.LAPSED):
        moves.give_back(row, row.quantity)
        moves.seats_of(row).lapsed += 1
        moves.tell(row, LAPSED)


def _refund(row: Reservation, lines: "Lines", moves: Moves) -> None:
    line = lines.get(row.enrolment.member_id, {}).get((row.order_id or 0, row.line or 0))
    now_returned = returned(row.quantity, line.left) if line else row.returned
    more = now_returned - row.returned
    if more <= 0:
        return
    whole = now_returned == row.quantity
    if _move(row, moves, state=State.REFUNDED if whole else State.BOUGHT, returned=now_returned):
        if row.restock:
            moves.give_back(row, more)
        if whole:
            moves.seats_of(row).refunded += 1
            moves.tell(row, REFUNDED)
            if row.group_id:
                # What its group gave, if that was full: by a job, so that nobody's account is locked here.
                function = "campaigns.jobs.take_for_group"
                jobs.enqueue(function, key=f"offer-group-back:{row.pk}", arguments={"reservation_id": row.pk})


def _move(row: Reservation, moves: Moves, **changes: object) -> bool:
    """Write the change, if the row is still as it was read."""
    as_read = Reservation.objects.filter(pk=row.pk, state=row.state, returned=row.returned)
    return bool(as_read.update(**changes, changed_at=moves.now))


def _wanted(row: Reservation) -> Wanted:
    price = row.price if row.exact_price else None
    return Wanted(frozenset(row.skus), row.quantity, row.reserved_at, row.expires_at, price)


# Member → (order, line) → the line.
Lines = dict[int, dict[tuple[int, int], Line]]


def _lines_of(rows: Iterable[Reservation]) -> Lines:
    """The lines of the members' orders that may have to do with these reservations."""
    rows = list(rows)
    since = min((row.reserved_at for row in rows), default=None)
    skus = {sku for row in rows for sku in row.skus}
    if since is None:
        return {}
    items = OrderItem.objects.filter(
        order__member__in={row.enrolment.member_id for row in rows},
        order__paid_at__gte=since,
        order__currency=settings.CURRENCY,
        sku__in=skus,
    ).select_related("order")
    found: Lines = {}
    for item in items:
        line = _line(item)
        found.setdefault(item.order.member_id, {})[line.key] = line
    return found


def _line(item: OrderItem) -> Line:
    whole = item.order.status == Order.Status.REFUNDED
    return Line(
        order=item.order_id,
        line=item.line,
        sku=item.sku,
        paid_at=item.order.paid_at,
        quantity=item.quantity,
        left=0 if whole else item.quantity - item.refunded_quantity,
        amount=as_cents(item.amount),
    )


def _used(lines: Lines) -> set[tuple[int, int]]:
    """The lines that have confirmed a reservation before, of whichever offer."""
    orders = {order for each in lines.values() for order, _line in each}
    taken = Reservation.objects.filter(order__in=orders)
    return {(order, line) for order, line in taken.values_list("order_id", "line") if order and line is not None}

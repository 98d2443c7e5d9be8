"""The ledger once more, in plain Python and one piece after the other, for the real one to be compared with."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo


@dataclass
class PlainLot:
    number: int
    expires_at: datetime
    remaining: int
    expired: int = 0


@dataclass
class PlainEntry:
    """What was posted; `pieces` are the single amounts a spend took, in order: (lot or None, amount)."""

    number: int
    amount: int
    lot: PlainLot | None = None
    pending: int = 0
    matures_at: datetime | None = None
    given: int | None = None
    reversed: int = 0
    passed_over: int = 0
    pieces: list[tuple[PlainLot | None, int]] = field(default_factory=list)


@dataclass
class PlainUnit:
    days: int | None = None
    zone: str = "Asia/Shanghai"

    def expires_at(self, now: datetime) -> datetime | None:
        if self.days is None:
            return None
        zone = ZoneInfo(self.zone)
        day = now.astimezone(zone).date() + timedelta(days=self.days + 1)
        return datetime.combine(day, time(), zone).astimezone(now.tzinfo)


class PlainAccount:
    def __init__(self, unit: PlainUnit, numbers: count):
        self.unit, self.numbers = unit, numbers
        self.lots: list[PlainLot] = []
        self.entries: list[PlainEntry] = []
        self.rest = self.debt = self.earned = 0
        self.forfeited = -1

    @property
    def balance(self) -> int:
        return self.rest + sum(lot.remaining for lot in self.lots)

    @property
    def pending(self) -> int:
        return sum(entry.pending for entry in self.entries)

    @property
    def expiring(self) -> tuple[int, datetime] | None:
        moments = [lot.expires_at for lot in self.lots if lot.remaining]
        if not moments:
            return None
        return sum(lot.remaining for lot in self.lots if lot.expires_at == min(moments)), min(moments)

    def come_in(self, amount: int, expires_at: datetime | None) -> PlainLot | None:
        settled = min(self.debt, amount)
        self.debt -= settled
        amount -= settled
        if expires_at is None or not amount:
            self.rest += amount
            return None
        self.lots.append(PlainLot(next(self.numbers), expires_at, amount))
        return self.lots[-1]

    def go_out(self, amount: int) -> list[tuple[PlainLot | None, int]]:
        """Take one by one, first what expires first."""
        pieces: list[tuple[PlainLot | None, int]] = []
        for _ in range(amount):
            open_lots = sorted(
                (lot for lot in self.lots if lot.remaining), key=lambda lot: (lot.expires_at, lot.number)
            )
            if open_lots:
                open_lots[0].remaining -= 1
                pieces.append((open_lots[0], 1))
            else:
                self.rest -= 1
                pieces.append((None, 1))
        return pieces

    def expire(self, now: datetime) -> None:
        for lot in self.lots:
            if lot.expires_at <= now:
                lot.expired += lot.remaining
                lot.remaining = 0

    def earn(self, amount: int, now: datetime) -> PlainEntry:
        entry = PlainEntry(next(self.numbers), amount)
        entry.given, entry.lot = entry.number, self.come_in(amount, self.unit.expires_at(now))
        self.earned += amount
        self.entries.append(entry)
        return entry

    def pend(self, amount: int, matures_at: datetime) -> PlainEntry:
        entry = PlainEntry(next(self.numbers), amount, pending=amount, matures_at=matures_at)
        self.entries.append(entry)
        return entry

    def mature(self, entry: PlainEntry, now: datetime) -> None:
        amount, entry.pending = entry.pending, 0
        entry.given, entry.lot = next(self.numbers), self.come_in(amount, self.unit.expires_at(now))
        self.earned += amount

    def spend(self, amount: int, now: datetime) -> PlainEntry | None:
        self.expire(now)
        if amount > self.balance:
            return None
        entry = PlainEntry(next(self.numbers), -amount, pieces=self.go_out(amount))
        self.entries.append(entry)
        return entry

    def reverse(self, entry: PlainEntry, amount: int | None, now: datetime) -> int:
        """Return how much was reversed."""
        left = abs(entry.amount) - entry.reversed
        amount = left if amount is None else min(amount, left)
        if not amount:
            return 0
        self.expire(now)
        if entry.amount < 0:
            self._give_back(entry, amount)
            self.expire(now)
        elif entry.given is None:
            entry.pending -= min(amount, entry.pending)
        else:
            self._take_back(entry, amount)
        entry.reversed += amount
        return amount

    def _give_back(self, entry: PlainEntry, amount: int) -> None:
        pieces = entry.pieces[::-1][entry.reversed : entry.reversed + amount]
        settled = min(self.debt, amount)
        self.debt -= settled
        for lot, one in pieces[settled:]:
            if lot is None:
                self.rest += one
            else:
                lot.remaining += one

    def _take_back(self, entry: PlainEntry, amount: int) -> None:
        self.earned -= amount
        assert entry.given is not None
        own = min(amount, entry.lot.remaining) if entry.lot else 0
        if entry.lot:
            entry.lot.remaining -= own
        amount -= own
        if self.forfeited > entry.given:
            lost = amount
        else:
            lost = min(amount, (entry.lot.expired if entry.lot else 0) - entry.passed_over)
        entry.passed_over += lost
        amount -= lost
        taken = min(amount, self.balance)
        self.go_out(taken)
        self.debt += amount - taken

    def forfeit(self, now: datetime) -> None:
        self.expire(now)
        if not self.balance + self.pending:
            return
        self.forfeited = next(self.numbers)
        self.go_out(self.balance)
        for entry in self.entries:
            entry.pending = 0


def transfer(giver: PlainAccount, taker: PlainAccount, amount: int, now: datetime) -> bool:
    giver.expire(now)
    if amount > giver.balance:
        return False
    pieces: dict[datetime | None, int] = {}
    for lot, one in giver.go_out(amount):
        moment = lot.expires_at if lot else None
        pieces[moment] = pieces.get(moment, 0) + one
    for moment, piece in pieces.items():
        taker.come_in(piece, moment)
    return True

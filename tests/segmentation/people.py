"""A small invented shop: facts as plain Python, and (by `tests.segmentation.written`) the same in the database."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.segmentation import rfm_oracle, written

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 20, 30, tzinfo=ZONE)


@dataclass(frozen=True)
class Clock:
    """When and where rules are asked, and days at whose midnights things happen."""

    now: datetime
    zone: ZoneInfo
    days: tuple[date, ...]

    @property
    def today(self) -> date:
        return self.now.date()

    def midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)


SHANGHAI = Clock(NOW, ZONE, (date(2026, 6, 30), date(2026, 7, 1), date(2026, 1, 1)))
# On the day on which summer time ends, between the two half past two, and with the day on which it began.
_BERLIN = ZoneInfo("Europe/Berlin")
BERLIN = Clock(
    datetime(2026, 10, 25, 2, 30, 0, 7, tzinfo=_BERLIN, fold=1),
    _BERLIN,
    (date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25), date(2026, 10, 26)),
)
MICROSECOND = timedelta(microseconds=1)

CATEGORIES = ["milk", "bread", "tea"]
SKUS = ["m1", "m2", "b1", "t1"]
CHANNELS = ["app", "web", ""]
METHODS = ["wechat", "alipay"]
LEVELS = ["new", "growth", "paid"]
TYPES = ["view", "cart", "search"]
KEYWORDS = ["tea", "Tea", ""]
UNITS = ["points", "energy"]
CAMPAIGNS = ["spring", "autumn"]
TASKS = ["spring.sign-in", "spring.quiz", "autumn.sign-in"]
CHAINS = ["spring.path", "autumn.path"]
CITIES = ["Shanghai", "shanghai", "Suzhou", "100%_a"]


class Item(NamedTuple):
    sku: str
    category: str
    quantity: int
    amount: Decimal
    refunded_quantity: int
    refunded_amount: Decimal


@dataclass
class Bought:
    paid_at: datetime
    amount: Decimal
    refunded: Decimal
    quantity: int
    refunded_quantity: int
    status: str
    channel: str
    payment_method: str
    items: list[Item]


class Happened(NamedTuple):
    """A behaviour event."""

    occurred_at: datetime
    type: str
    item: str
    category: str
    keyword: str


class Posted(NamedTuple):
    """An entry of the ledger: earned (above 0) or spent (below), and when it was reversed in whole, if it was."""

    posted_at: datetime
    unit: str
    amount: int
    reversed_at: datetime | None


class Drawn(NamedTuple):
    drawn_at: datetime
    campaign: str
    won: bool


@dataclass
class Person:
    id: int
    level: str | None
    tags: dict[str, datetime | None]
    profile: dict[str, object]
    attributes: dict[str, object]
    rfm: dict[str, object]
    segments: set[str]
    orders: list[Bought] = field(default_factory=list)
    events: list[Happened] = field(default_factory=list)
    entries: list[Posted] = field(default_factory=list)
    joined: set[str] = field(default_factory=set)
    finished: set[str] = field(default_factory=set)
    chains: set[str] = field(default_factory=set)
    draws: list[Drawn] = field(default_factory=list)
    erased: bool = False


def invent(seed: int, size: int = 40, *, clock: Clock = SHANGHAI, erased: int = 0) -> list[Person]:
    """Return people whose ids lie on both sides of a chunk's border, the first of them erased."""
    chance = random.Random(seed)
    ids = sorted({*chance.sample(range(1, 200), size - 10), *((1 << 20) + n for n in range(-5, 5))})
    people = [_person(chance, each, clock) for each in ids]
    for person in people[:erased]:
        person.erased = True
    scores = rfm_oracle.scored({each.id: paid_by(each, clock) for each in people if not each.erased}, clock.today)
    for each in people:
        each.rfm = scores.get(each.id, {})
    return people


def paid_by(person: Person, clock: Clock = SHANGHAI) -> list[rfm_oracle.Paid]:
    """Return the orders that count, as RFM sees them."""
    return [
        rfm_oracle.Paid(bought.paid_at.astimezone(clock.zone).date(), bought.amount - bought.refunded)
        for bought in person.orders
        if bought.status == "paid"
    ]


def write(people: list[Person], *, clock: Clock = SHANGHAI) -> None:
    """Write the people and all that is known of them, and the names that rules may use."""
    written.write(people, clock)


def declare() -> None:
    """Declare the attributes that rules may ask for."""
    written.declare_attributes()


def moment(chance: random.Random, clock: Clock) -> datetime:
    """Return a moment at a border of some window or day, or anywhere."""
    # Arithmetic on the time line: on one zone's clocks a day is not always 24 hours.
    now = clock.now.astimezone(UTC)
    border = chance.choice(
        [
            now,
            now - timedelta(days=1),
            now - timedelta(days=30),
            now - timedelta(days=90),
            *map(clock.midnight, clock.days),
            clock.midnight(clock.today),
        ]
    )
    at = border.astimezone(UTC) + chance.choice([0, 0, 1, -1]) * MICROSECOND
    anywhere = now - timedelta(hours=chance.randrange(24 * 200), minutes=chance.randrange(60))
    return chance.choice([at, at, anywhere]).astimezone(clock.zone)


def _person(chance: random.Random, each: int, clock: Clock) -> Person:
    today = clock.today
    person = Person(
        id=each,
        level=chance.choice([*LEVELS, None]),
        tags={
            tag: chance.choice([None, clock.now + timedelta(days=1), clock.now, clock.now - timedelta(days=1)])
            for tag in chance.sample(["low", "high", "vip"], chance.randrange(3))
        },
        profile={
            "uid": f"u{each}",
            "name": chance.choice(["", "Li", "li", "Wang"]),
            "gender": chance.choice(["", "female", "male"]),
            "birthday": chance.choice(
                [None, date(2000, 2, 29), today.replace(year=1990), today.replace(year=1990) + timedelta(days=1)]
            ),
            "region": chance.choice(["", "Shanghai", "Beijing"]),
            "joined_at": chance.choice([None, moment(chance, clock), moment(chance, clock)]),
        },
        attributes=({"city": chance.choice(CITIES)} if chance.random() < 0.7 else {})
        | ({"visits": chance.choice([0, 2, 2.5, 3])} if chance.random() < 0.7 else {})
        | ({"married": chance.choice([True, False])} if chance.random() < 0.7 else {})
        | ({"since": chance.choice(["2026-01-01", "2026-06-30"])} if chance.random() < 0.7 else {})
        | ({"size": chance.choice(["s", "l"])} if chance.random() < 0.7 else {}),
        rfm={},
        segments={slug for slug in ("a", "b") if chance.random() < 0.4},
        orders=[_bought(chance, clock) for _ in range(chance.choice([0, 0, 1, 1, 2, 5]))],
        events=[_happened(chance, clock) for _ in range(chance.choice([0, 0, 1, 3, 6]))],
        draws=[
            Drawn(moment(chance, clock), chance.choice(CAMPAIGNS), chance.random() < 0.5)
            for _ in range(chance.choice([0, 0, 1, 3]))
        ],
    )
    _take_part(chance, person, clock)
    return person


def _take_part(chance: random.Random, person: Person, clock: Clock) -> None:
    person.joined = {slug for slug in CAMPAIGNS if chance.random() < 0.5}
    person.finished = {task for task in TASKS if task.split(".")[0] in person.joined and chance.random() < 0.5}
    person.chains = {chain for chain in CHAINS if chain.split(".")[0] in person.joined and chance.random() < 0.4}
    for unit in UNITS:
        moments = sorted(min(moment(chance, clock), clock.now) for _ in range(chance.choice([0, 0, 1, 2])))
        for at in moments:
            back = chance.choice([None, None, at, clock.now])
            person.entries.append(Posted(at, unit, chance.choice([10, 10, 36, 100]), back))
        if moments and person.entries[-1].reversed_at is None:
            person.entries.append(Posted(clock.now, unit, -chance.choice([1, 10]), None))


def _happened(chance: random.Random, clock: Clock) -> Happened:
    return Happened(
        moment(chance, clock),
        chance.choice(TYPES),
        chance.choice([*SKUS, ""]),
        chance.choice([*CATEGORIES, ""]),
        chance.choice(KEYWORDS),
    )


def _bought(chance: random.Random, clock: Clock) -> Bought:
    amount = Decimal(chance.choice(["0", "0.01", "0.02", "10", "33.33", "99.99", "100", "250.50"]))
    items = [_item(chance) for _ in range(chance.randrange(4))]
    quantity = chance.randint(1, 9)
    return Bought(
        paid_at=moment(chance, clock),
        amount=amount,
        refunded=chance.choice([Decimal(0), Decimal(0), (amount / 3).quantize(Decimal("0.01")), amount]),
        quantity=quantity,
        refunded_quantity=chance.randrange(quantity),
        status=chance.choice(["paid", "paid", "paid", "refunded"]),
        channel=chance.choice(CHANNELS),
        payment_method=chance.choice(METHODS),
        items=items,
    )


def _item(chance: random.Random) -> Item:
    """Return a line of which nothing, something or all was refunded."""
    quantity, amount = chance.randint(1, 3), Decimal(chance.choice(["5", "33.33", "50"]))
    refunded = chance.choice([(0, Decimal(0)), (quantity - 1, Decimal("3.33")), (quantity, amount)])
    return Item(chance.choice(SKUS), chance.choice(CATEGORIES), quantity, amount, *refunded)

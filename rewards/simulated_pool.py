"""What a simulation knows of a pool, and all that limits its prizes, in one list. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from rewards.odds import SCALE

MOST_PRIZES = 200


class Why(IntEnum):
    """Why a draw gave another prize than the one rolled. The draw names the first of these that holds."""

    BUDGET = 0
    WINS_LIMIT = 1
    MEMBER_LIMIT = 2
    GIFT_OUT_OF_STOCK = 3
    HOUR = 4
    DAY = 5
    OUT_OF_STOCK = 6
    NO_CODE = 7
    # Not refused: the consolation prize was rolled, and the guaranteed win was due.
    GUARANTEED = 8
    NOTHING = 255


class Per(StrEnum):
    """For which time a limit holds. Days and hours are those of the clock."""

    TOTAL = "total"
    DAY = "day"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class SimulatedPrize:
    """A prize: odds in millionths, cost and face value in cents, its limits (None: no limit).

    `gift` names what it gives: prizes of one gift share the limits of the gift.
    """

    key: str
    odds: int
    name: str = ""
    gift: str = ""
    cost: int = 0
    face_value: int = 0
    stock: int | None = None
    per_day: int | None = None
    per_hour: int | None = None
    per_member: int | None = None
    consolation: bool = False


@dataclass(frozen=True, slots=True)
class GiftLimits:
    """What a gift limits by itself, in whatever prize it is given. `codes`: how many free coupon codes it has."""

    gift: str
    stock: int | None = None
    per_member: int | None = None
    codes: int | None = None


@dataclass(frozen=True, slots=True)
class SimulatedBudget:
    """So many cents for all or for each member, in all or a day."""

    cents: int
    per: Per = Per.TOTAL
    of_member: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedPool:
    """A pool, its prizes in the order of their rolls. Raises ValueError where draws from it have no meaning."""

    prizes: tuple[SimulatedPrize, ...]
    gifts: tuple[GiftLimits, ...] = ()
    wins_per_member: int | None = None
    guarantee_after: int | None = None
    guarantee_prize: str = ""
    consolation: int = field(init=False)
    guaranteed: int | None = field(init=False)

    def __post_init__(self) -> None:
        places = {prize.key: place for place, prize in enumerate(self.prizes)}
        consolations = [place for place, prize in enumerate(self.prizes) if prize.consolation]
        if (total := sum(prize.odds for prize in self.prizes)) != SCALE:
            raise ValueError(f"the odds total {total}, not {SCALE}")
        if len(consolations) != 1:
            raise ValueError(f"a pool has one consolation prize, not {len(consolations)}")
        if len(self.prizes) > MOST_PRIZES:
            raise ValueError(f"{len(self.prizes)} prizes are more than {MOST_PRIZES}")
        guaranteed = places.get(self.guarantee_prize) if self.guarantee_after else None
        if self.guarantee_after and guaranteed in (None, consolations[0]):
            raise ValueError(f"the guaranteed prize {self.guarantee_prize!r} is not a prize to win")
        object.__setattr__(self, "consolation", consolations[0])
        object.__setattr__(self, "guaranteed", guaranteed)

    @property
    def costs(self) -> list[int]:
        """Return what each prize costs, in cents."""
        return [prize.cost for prize in self.prizes]


@dataclass(frozen=True, slots=True)
class Limit:
    """`allowed` in all, a day or an hour, for everyone or for each member; `takes` is what each prize takes of it.

    A prize that takes something is refused where it would pass what is allowed; the consolation prize never is.
    """

    why: Why
    allowed: int
    takes: tuple[int, ...]
    per: Per = Per.TOTAL
    of_member: bool = False


def limits_of(pool: SimulatedPool, budgets: Sequence[SimulatedBudget] = ()) -> list[Limit]:
    """Return all limits of a pool, in the order in which a draw names them as its reason."""
    costs = tuple(pool.costs)
    charged = [Limit(Why.BUDGET, each.cents, costs, each.per, each.of_member) for each in budgets]
    return sorted([*charged, *_of_pool(pool), *_of_prizes(pool), *_of_gifts(pool)], key=lambda limit: limit.why)


def _of_pool(pool: SimulatedPool) -> Iterator[Limit]:
    if pool.wins_per_member is not None:
        takes = tuple(int(not prize.consolation) for prize in pool.prizes)
        yield Limit(Why.WINS_LIMIT, pool.wins_per_member, takes, of_member=True)


def _of_prizes(pool: SimulatedPool) -> Iterator[Limit]:
    for place, prize in enumerate(pool.prizes):
        takes = tuple(int(other == place) for other in range(len(pool.prizes)))
        if prize.stock is not None:
            yield Limit(Why.OUT_OF_STOCK, prize.stock, takes)
        if prize.per_day is not None:
            yield Limit(Why.DAY, prize.per_day, takes, Per.DAY)
        if prize.per_hour is not None:
            yield Limit(Why.HOUR, prize.per_hour, takes, Per.HOUR)
        if prize.per_member is not None:
            yield Limit(Why.MEMBER_LIMIT, prize.per_member, takes, of_member=True)


def _of_gifts(pool: SimulatedPool) -> Iterator[Limit]:
    for gift in pool.gifts:
        takes = tuple(int(prize.gift == gift.gift and not prize.consolation) for prize in pool.prizes)
        if gift.stock is not None:
            yield Limit(Why.GIFT_OUT_OF_STOCK, gift.stock, takes)
        if gift.codes is not None:
            yield Limit(Why.NO_CODE, gift.codes, takes)
        if gift.per_member is not None:
            yield Limit(Why.MEMBER_LIMIT, gift.per_member, takes, of_member=True)

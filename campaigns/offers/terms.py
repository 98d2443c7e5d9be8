"""An offer as published, and its JSON form. Pure: no Django, no queries.

Money is in cents, and "99.00" in JSON: always with two decimals, so that reading and writing are exact inverses.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from campaigns.checked_json import Node

if TYPE_CHECKING:
    from campaigns.definition import Audience

FLASH = "flash"
FIRST_ORDER = "first_order"
GROUP = "group"
KINDS = (FLASH, FIRST_ORDER, GROUP)
# What is bought with an order, and reserved until that arrives.
SOLD = (FLASH, GROUP)
AMOUNT = re.compile(r"(0|[1-9][0-9]{0,7})\.[0-9]{2}", re.ASCII)
MOST_MINUTES = 60 * 24 * 31
MOST_COUNT = 10_000_000
MOST_SEATS = 1_000
LONGEST_LINK = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """`price` is the ordinary price in cents, `offer_price` that of the offer, for one.

    `opens_at` (included) and `closes_at` (not) are within the campaign's window; None is that window's. `stock` is how
    many there are for everyone, 0 without limit; `per_member` how many one member may have. `minutes`: to pay what was
    reserved. `grace`: minutes that the shop takes to report an order; so much later is given up what nobody paid in
    time. `size` and `hours` are a group's seats and time. `gift` is the coupon, or what each of a full group gets,
    `leader_gift` what its leader gets besides. `exact_price`: only an order at this very price counts. `restock`: what
    is refunded can be had again.
    """

    key: str
    kind: str
    title: str
    price: int
    offer_price: int
    audience: "Audience"
    guide: str = ""
    skus: tuple[str, ...] = ()
    link: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    stock: int = 0
    per_member: int = 1
    minutes: int = 15
    grace: int = 5
    size: int = 0
    hours: int = 0
    gift: str | None = None
    leader_gift: str | None = None
    exact_price: bool = False
    restock: bool = True

    @property
    def gifts(self) -> tuple[str, ...]:
        return tuple(gift for gift in (self.gift, self.leader_gift) if gift)

    def window(self, opens_at: datetime, closes_at: datetime) -> tuple[datetime, datetime]:
        """From when, and until when (exclusive), in a campaign of this window."""
        return max(opens_at, self.opens_at or opens_at), min(closes_at, self.closes_at or closes_at)

    def pay_until(self, now: datetime, until: datetime) -> datetime:
        """Until when, exclusive, what is reserved now must be paid; never after `until`."""
        return min(now + timedelta(minutes=self.minutes), until)


REQUIRED = ("key", "kind", "title", "price", "offer_price", "audience")
DEFAULTS: Mapping[str, Any] = {each.name: each.default for each in fields(Offer) if each.name not in REQUIRED}
_COUNTS = {
    "stock": MOST_COUNT,
    "per_member": MOST_COUNT,
    "minutes": MOST_MINUTES,
    "grace": MOST_MINUTES,
    "size": MOST_SEATS,
    "hours": MOST_MINUTES // 60,
}


def parse_offer(node: Node, audience_of: Callable[[Node], "Audience"]) -> Offer:
    """Read an offer. Raises DefinitionError."""
    node.keys(required=REQUIRED, optional=DEFAULTS)
    readers: dict[str, Callable[[Node], Any]] = {
        "guide": lambda each: each.text(longest=200),
        "skus": lambda each: each.names(),
        "link": lambda each: each.text(longest=LONGEST_LINK),
        "opens_at": lambda each: each.moment(),
        "closes_at": lambda each: each.moment(),
        "gift": lambda each: each.name(),
        "leader_gift": lambda each: each.name(),
        "exact_price": lambda each: each.flag(),
        "restock": lambda each: each.flag(),
        **{key: _count(most) for key, most in _COUNTS.items()},
    }
    return Offer(
        key=node.at("key").name(longest=50),
        kind=node.at("kind").one_of(KINDS),
        title=node.at("title").name(),
        price=_cents(node.at("price")),
        offer_price=_cents(node.at("offer_price")),
        audience=audience_of(node.at("audience")),
        **{key: read(node.at(key)) for key, read in readers.items() if node.has(key)},
    )


def offer_as_json(offer: Offer, audience: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of an offer whose audience is `audience` in JSON; what is as usual is left out."""
    said = {key: getattr(offer, key) for key, usual in DEFAULTS.items() if getattr(offer, key) != usual}
    return {
        "key": offer.key,
        "kind": offer.kind,
        "title": offer.title,
        "price": amount(offer.price),
        "offer_price": amount(offer.offer_price),
        "audience": dict(audience),
        **{key: _plain(value) for key, value in said.items()},
    }


def amount(cents: int) -> str:
    """12345 is "123.45"."""
    return f"{cents // 100}.{cents % 100:02}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return list(value) if isinstance(value, tuple) else value


def _count(most: int) -> Callable[[Node], int]:
    return lambda each: each.integer(most=most)


def _cents(node: Node) -> int:
    if not AMOUNT.fullmatch(node.text()):
        raise node.fail("must be an amount such as 99.00, as text with two decimals")
    return int(node.value.replace(".", ""))

"""A second, naive reading of rules, member by member over plain Python. It lives only here, to be disagreed with."""

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.segmentation.people import SHANGHAI, Bought, Clock, Happened, Person

CENT = Decimal("0.01")


def admitted(node: dict, people: list[Person], clock: Clock = SHANGHAI) -> set[int]:
    """Return the ids of those for whom the rule, as JSON, holds. Nobody who was erased is asked."""
    return {person.id for person in people if not person.erased and admits(node, person, clock)}


def admits(node: dict, person: Person, clock: Clock = SHANGHAI) -> bool:
    """Tell whether the rule, as JSON, holds for the person."""
    if "rules" in node:
        join = all if node["combinator"] == "and" else any
        return join(admits(each, person, clock) for each in node["rules"]) != node.get("not", False)
    values = [value for value in values_of(node, person, clock) if value is not None]
    return _holds(node["operator"], values, node.get("value"), clock)


def _holds(operator: str, values: list, wanted: object, clock: Clock) -> bool:
    negated = {
        "!=": "=",
        "not_in": "in",
        "not_between": "between",
        "not_contains": "contains",
        "is_null": "is_not_null",
    }
    if operator in negated:
        return not _holds(negated[operator], values, wanted, clock)
    if operator == "is_not_null":
        return bool(values)
    wanted = [_typed(w, values, clock) for w in wanted] if isinstance(wanted, list) else _typed(wanted, values, clock)
    tests = {
        "=": lambda value: value == wanted,
        "<": lambda value: value < wanted,
        "<=": lambda value: value <= wanted,
        ">": lambda value: value > wanted,
        ">=": lambda value: value >= wanted,
        "in": lambda value: value in wanted,
        "between": lambda value: wanted[0] <= value <= wanted[1],
        "contains": lambda value: wanted in value,
        "begins_with": lambda value: value.startswith(wanted),
        "ends_with": lambda value: value.endswith(wanted),
    }
    return any(tests[operator](value) for value in values)


def _typed(wanted: object, values: list, clock: Clock) -> object:
    """Read the operand as the type of what it is compared with."""
    if values and isinstance(values[0], datetime):
        return clock.midnight(date.fromisoformat(wanted)).astimezone(UTC)
    if values and isinstance(values[0], date):
        return date.fromisoformat(wanted)
    if values and isinstance(values[0], Decimal):
        return Decimal(str(wanted))
    return wanted


def values_of(node: dict, person: Person, clock: Clock = SHANGHAI) -> list:  # noqa: PLR0911 - a table
    prefix, *rest = node["field"].split(".")
    match prefix:
        case "level":
            return [person.level]
        case "tag":
            return [tag for tag, expires_at in person.tags.items() if expires_at is None or expires_at > clock.now]
        case "segment":
            return list(person.segments)
        case "rfm":
            return [person.rfm.get(rest[1])]
        case "profile":
            return [_profile(".".join(rest), person.profile, clock)]
        case "attribute":
            return [_attribute(rest[0], person.attributes.get(rest[0]))]
        case "events":
            return [_measured(".".join(rest), _events(node, person.events, clock), clock)]
        case "points":
            return [_held(node, person, rest[0], rest[1], clock)]
        case "participation":
            return _taken_part(node, person, rest[0], clock)
    return [_measured(".".join(rest), _relevant(node, person.orders, clock), clock)]


def _day(moment: datetime, clock: Clock) -> date:
    """Return the calendar day on the zone's clocks."""
    return moment.astimezone(clock.zone).date()


def _profile(name: str, profile: dict, clock: Clock) -> object:
    if name == "joined.days_ago":
        joined = profile["joined_at"]
        return joined and (clock.today - _day(joined, clock)).days
    if name == "joined_at":
        joined = profile["joined_at"]
        return joined and joined.astimezone(UTC)
    if name == "age":
        born, today = profile["birthday"], clock.today
        return born and today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return profile[name] or None


def _attribute(name: str, value: object) -> object:
    if value is not None and name == "visits":
        return Decimal(str(value))
    if value is not None and name == "since":
        return date.fromisoformat(value)
    return value


def _held(node: dict, person: Person, unit: str, column: str, clock: Clock) -> int:
    """Return the balance, or what was earned less what of it was reversed, each when it was posted."""
    entries = [entry for entry in person.entries if entry.unit == unit]
    if column == "balance":
        return sum(entry.amount for entry in entries if entry.reversed_at is None)
    window, earned = node.get("window", {}), [entry for entry in entries if entry.amount > 0]
    given = sum(entry.amount for entry in earned if _in_window(entry.posted_at, window, clock))
    back = [entry for entry in earned if entry.reversed_at and _in_window(entry.reversed_at, window, clock)]
    return given - sum(entry.amount for entry in back)


def _taken_part(node: dict, person: Person, name: str, clock: Clock) -> list:
    if name in ("joined", "finished", "chains"):
        return list(getattr(person, name))
    campaigns = node.get("where", {}).get("campaign")
    return [
        sum(
            1
            for drawn in person.draws
            if (drawn.won or name == "draws")
            and (campaigns is None or drawn.campaign in campaigns)
            and _in_window(drawn.drawn_at, node.get("window", {}), clock)
        )
    ]


def _events(node: dict, events: list[Happened], clock: Clock) -> list[tuple[datetime, Decimal, int]]:
    """Return the events that the clause is about, as orders of nothing."""
    where = node.get("where", {})
    return [
        (event.occurred_at, Decimal(0), 0)
        for event in events
        if _in_window(event.occurred_at, node.get("window", {}), clock)
        and all(getattr(event, key) in wanted for key, wanted in where.items())
    ]


def _relevant(node: dict, orders: list[Bought], clock: Clock) -> list[tuple[datetime, Decimal, int]]:
    """Return (paid_at, net, quantity) of the orders that the clause is about."""
    found = []
    where = node.get("where", {})
    for order in orders:
        if order.status != "paid" or not _in_window(order.paid_at, node.get("window", {}), clock):
            continue
        if "channel" in where and order.channel not in where["channel"]:
            continue
        if "payment_method" in where and order.payment_method not in where["payment_method"]:
            continue
        if not {"category", "sku"} & where.keys():
            found.append((order.paid_at, order.amount - order.refunded, order.quantity - order.refunded_quantity))
            continue
        items = [
            item
            for item in order.items
            if item.sku in where.get("sku", [item.sku])
            and item.category in where.get("category", [item.category])
            and (item.quantity, item.amount) != (item.refunded_quantity, item.refunded_amount)
        ]
        if items:
            net = sum(item.amount - item.refunded_amount for item in items)
            left = sum(item.quantity - item.refunded_quantity for item in items)
            found.append((order.paid_at, net, left))
    return found


def _in_window(at: datetime, window: dict, clock: Clock) -> bool:
    if "last_days" in window:
        now = clock.now.astimezone(UTC)
        return now - timedelta(days=window["last_days"]) <= at.astimezone(UTC) <= now
    local = _day(at, clock).isoformat()
    return window.get("from", "") <= local < window.get("to", "9")


def _measured(  # noqa: PLR0911 - a table
    measure: str, orders: list[tuple[datetime, Decimal, int]], clock: Clock
) -> object:
    days = sorted(_day(at, clock) for at, _, _ in orders)
    amounts = [net for _, net, _ in orders]
    match measure:
        case "count":
            return len(orders)
        case "amount.sum":
            return sum(amounts, Decimal(0))
        case "quantity.sum":
            return sum(quantity for _, _, quantity in orders)
        case "days":
            return len(set(days))
    if not orders:
        return None
    match measure:
        case "amount.avg":
            return (sum(amounts) / len(amounts)).quantize(CENT, ROUND_HALF_UP)
        case "amount.max":
            return max(amounts)
        case "first.days_ago":
            return (clock.today - days[0]).days
    return (clock.today - days[-1]).days

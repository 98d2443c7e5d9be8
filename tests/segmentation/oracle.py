"""A second, naive reading of rules, member by member over plain Python. It lives only here, to be disagreed with."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.segmentation.people import NOW, ZONE, Bought, Person

CENT = Decimal("0.01")
TODAY = NOW.date()


def admits(node: dict, person: Person) -> bool:
    """Tell whether the rule, as JSON, holds for the person."""
    if "rules" in node:
        join = all if node["combinator"] == "and" else any
        return join(admits(each, person) for each in node["rules"]) != node.get("not", False)
    values = [value for value in values_of(node, person) if value is not None]
    return _holds(node["operator"], values, node.get("value"), node["field"])


def _holds(operator: str, values: list, wanted: object, field: str) -> bool:
    negated = {
        "!=": "=",
        "not_in": "in",
        "not_between": "between",
        "not_contains": "contains",
        "is_null": "is_not_null",
    }
    if operator in negated:
        return not _holds(negated[operator], values, wanted, field)
    if operator == "is_not_null":
        return bool(values)
    wanted = [_typed(each, values) for each in wanted] if isinstance(wanted, list) else _typed(wanted, values)
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


def _typed(wanted: object, values: list) -> object:
    """Read the operand as the type of what it is compared with."""
    if values and isinstance(values[0], datetime):
        return datetime.combine(date.fromisoformat(wanted), datetime.min.time(), ZONE)
    if values and isinstance(values[0], date):
        return date.fromisoformat(wanted)
    if values and isinstance(values[0], Decimal):
        return Decimal(str(wanted))
    return wanted


def values_of(node: dict, person: Person) -> list:  # noqa: PLR0911 - a table read from top to bottom
    prefix, *rest = node["field"].split(".")
    match prefix:
        case "level":
            return [person.level]
        case "tag":
            return [tag for tag, expires_at in person.tags.items() if expires_at is None or expires_at > NOW]
        case "segment":
            return list(person.segments)
        case "rfm":
            return [person.rfm.get(rest[1])]
        case "profile":
            return [_profile(".".join(rest), person.profile)]
        case "attribute":
            return [_attribute(rest[0], person.attributes.get(rest[0]))]
    return [_measured(".".join(rest), _relevant(node, person.orders))]


def _profile(name: str, profile: dict) -> object:
    if name == "joined.days_ago":
        joined = profile["joined_at"]
        return joined and (TODAY - joined.astimezone(ZONE).date()).days
    if name == "age":
        born = profile["birthday"]
        return born and TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))
    return profile[name] or None


def _attribute(name: str, value: object) -> object:
    if value is not None and name == "visits":
        return Decimal(str(value))
    if value is not None and name == "since":
        return date.fromisoformat(value)
    return value


def _relevant(node: dict, orders: list[Bought]) -> list[tuple[datetime, Decimal, int]]:
    """Return (paid_at, net, quantity) of the orders that the clause is about."""
    found = []
    where = node.get("where", {})
    for order in orders:
        if order.status != "paid" or not _in_window(order.paid_at, node.get("window", {})):
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


def _in_window(paid_at: datetime, window: dict) -> bool:
    if "last_days" in window:
        return NOW - timedelta(days=window["last_days"]) <= paid_at <= NOW
    local = paid_at.astimezone(ZONE).date().isoformat()
    return window.get("from", "") <= local < window.get("to", "9")


def _measured(measure: str, orders: list[tuple[datetime, Decimal, int]]) -> object:  # noqa: PLR0911 - a table
    moments = [paid_at for paid_at, _, _ in orders]
    amounts = [net for _, net, _ in orders]
    match measure:
        case "count":
            return len(orders)
        case "amount.sum":
            return sum(amounts, Decimal(0))
        case "quantity.sum":
            return sum(quantity for _, _, quantity in orders)
        case "days":
            return len({moment.astimezone(ZONE).date() for moment in moments})
    if not orders:
        return None
    match measure:
        case "amount.avg":
            return (sum(amounts) / len(amounts)).quantize(CENT, ROUND_HALF_UP)
        case "amount.max":
            return max(amounts)
        case "first.days_ago":
            return (TODAY - min(moments).astimezone(ZONE).date()).days
    return (TODAY - max(moments).astimezone(ZONE).date()).days

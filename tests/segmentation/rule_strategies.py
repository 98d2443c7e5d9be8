"""Random rules over the invented shop."""

from hypothesis import strategies as st

from segmentation.fields import EVENT_MEASURES, FAMILIES, OPERATORS, ORDER_MEASURES, PROFILE_KINDS, Kind, spec_of
from tests.segmentation import people
from tests.segmentation.people import SHANGHAI, Clock

NUMBERS = st.integers(-1, 6) | st.sampled_from([30, 36, 90, 100, 142])
AMOUNTS = st.sampled_from(["0", "10", "33.33", "66.66", 100, "99.99", 22.22, "250.50"])
TEXTS = {
    "uid": ["u1", "u10", "u1048576", "nobody"],
    "name": ["Li", "li", "W"],
    "region": ["Shanghai", "hai"],
    "city": ["Shanghai", "shang", "%", "_", "Su", "ai"],
}
KEYS = {
    "level": people.LEVELS,
    "tag.power": ["low", "high", "vip"],
    "segment": ["a", "b"],
    "rfm.default.class": ["important_value", "general_keep", "general_value"],
    "profile.gender": ["female", "male", "other"],
    "attribute.size": ["s", "m", "l"],
    "participation.joined": people.CAMPAIGNS,
    "participation.finished": people.TASKS,
    "participation.chains": people.CHAINS,
}
KINDS = (
    {f"orders.{'.'.join(parts)}": kind for parts, kind in ORDER_MEASURES.items()}
    | {f"events.{'.'.join(parts)}": kind for parts, kind in EVENT_MEASURES.items()}
    | {f"points.{unit}.{column}": Kind.INTEGER for unit in people.UNITS for column in ("balance", "earned")}
    | dict.fromkeys(["participation.draws.count", "participation.wins.count"], Kind.INTEGER)
    | {f"profile.{'.'.join(parts)}": kind for parts, kind in PROFILE_KINDS.items()}
    | dict.fromkeys(KEYS, Kind.KEY)
    | {"rfm.default.r": Kind.INTEGER, "attribute.city": Kind.TEXT, "attribute.visits": Kind.DECIMAL}
    | {"attribute.married": Kind.BOOLEAN, "attribute.since": Kind.DATE}
)
WHERE = {
    "category": people.CATEGORIES,
    "sku": people.SKUS,
    "channel": ["app", "web"],
    "payment_method": people.METHODS,
    "type": people.TYPES,
    "item": people.SKUS,
    "keyword": ["tea", "Tea"],
    "campaign": people.CAMPAIGNS,
}
# Answered by models of their own, and tested there.
TESTED_ELSEWHERE = {"lifecycle", "value"}


def _windows(clock: Clock) -> st.SearchStrategy:
    days = sorted(day.isoformat() for day in {*clock.days, clock.today})
    return st.sampled_from(
        [{"last_days": days} for days in (1, 30, 90)]
        + [{"from": day} for day in days]
        + [{"to": day} for day in days]
        + [{"from": first, "to": last} for first in days for last in days if first < last]
    )


def _scalars(field: str, kind: Kind, clock: Clock) -> st.SearchStrategy:
    match kind:
        case Kind.INTEGER:
            return NUMBERS
        case Kind.DECIMAL:
            return AMOUNTS
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.KEY:
            return st.sampled_from(KEYS[field])
        case Kind.TEXT:
            return st.sampled_from(TEXTS[field.split(".")[1]])
    born = clock.today.replace(year=1990)
    return st.sampled_from([day.isoformat() for day in (born, *clock.days, clock.today)] + ["2000-02-29"])


@st.composite
def leaves(draw: st.DrawFn, clock: Clock = SHANGHAI) -> dict:
    field = draw(st.sampled_from(sorted(KINDS)))
    kind, spec = KINDS[field], spec_of(field)
    operators = [each for each in OPERATORS[kind] if field != "segment" or "null" not in each]
    leaf = {"field": field, "operator": draw(st.sampled_from(operators))}
    scalars = _scalars(field, kind, clock)
    if leaf["operator"] in ("in", "not_in"):
        leaf["value"] = draw(st.lists(scalars, min_size=1, max_size=3))
    elif leaf["operator"] in ("between", "not_between"):
        leaf["value"] = sorted(draw(st.tuples(scalars, scalars)), key=lambda value: _order(kind, value))
    elif "null" not in leaf["operator"]:
        leaf["value"] = draw(scalars)
    if spec.where:
        keys = draw(st.lists(st.sampled_from(spec.where), max_size=2, unique=True))
        if keys:
            leaf["where"] = {key: draw(st.lists(st.sampled_from(WHERE[key]), min_size=1, max_size=2)) for key in keys}
    if spec.windowed and draw(st.booleans()):
        leaf["window"] = draw(_windows(clock))
    return leaf


def _order(kind: Kind, value: object) -> object:
    return float(value) if kind in (Kind.DECIMAL, Kind.INTEGER) else value


def _groups(children: st.SearchStrategy) -> st.SearchStrategy:
    return st.fixed_dictionaries(
        {"combinator": st.sampled_from(["and", "or"]), "rules": st.lists(children, min_size=1, max_size=3)},
        optional={"not": st.booleans()},
    )


def rules(clock: Clock = SHANGHAI) -> st.SearchStrategy:
    """Return whole rules of version 1."""
    nodes = st.recursive(leaves(clock), _groups, max_leaves=6)
    return _groups(nodes).map(lambda group: {"version": 1} | group)


assert {field.split(".")[0] for field in KINDS} == set(FAMILIES) - TESTED_ELSEWHERE

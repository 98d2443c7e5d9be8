"""Random rules over the invented shop."""

from hypothesis import strategies as st

from segmentation.fields import FAMILIES, OPERATORS, ORDER_MEASURES, ORDER_WHERE, PROFILE_KINDS, Kind
from tests.segmentation import people

DATES = st.sampled_from(["1990-11-21", "2000-02-29", "2026-01-01", "2026-06-30", "2026-07-01", "2026-11-21"])
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
}
KINDS = (
    {f"orders.{'.'.join(parts)}": kind for parts, kind in ORDER_MEASURES.items()}
    | {f"profile.{'.'.join(parts)}": kind for parts, kind in PROFILE_KINDS.items()}
    | dict.fromkeys(KEYS, Kind.KEY)
    | {"rfm.default.r": Kind.INTEGER, "attribute.city": Kind.TEXT, "attribute.visits": Kind.DECIMAL}
    | {"attribute.married": Kind.BOOLEAN, "attribute.since": Kind.DATE}
)
WHERE = {"category": people.CATEGORIES, "sku": people.SKUS, "channel": ["app", "web"], "payment_method": people.METHODS}
WINDOWS = st.sampled_from(
    [
        {"last_days": 30},
        {"last_days": 90},
        {"from": "2026-07-01"},
        {"to": "2026-07-01"},
        {"from": "2026-06-30", "to": "2026-07-01"},
    ]
)


def _scalars(field: str, kind: Kind) -> st.SearchStrategy:
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
    return DATES


@st.composite
def leaves(draw: st.DrawFn) -> dict:
    field = draw(st.sampled_from(sorted(KINDS)))
    kind = KINDS[field]
    operators = [each for each in OPERATORS[kind] if field != "segment" or "null" not in each]
    leaf = {"field": field, "operator": draw(st.sampled_from(operators))}
    scalars = _scalars(field, kind)
    if leaf["operator"] in ("in", "not_in"):
        leaf["value"] = draw(st.lists(scalars, min_size=1, max_size=3))
    elif leaf["operator"] in ("between", "not_between"):
        leaf["value"] = sorted(draw(st.tuples(scalars, scalars)), key=lambda value: _order(kind, value))
    elif "null" not in leaf["operator"]:
        leaf["value"] = draw(scalars)
    if field.startswith("orders."):
        keys = draw(st.lists(st.sampled_from(ORDER_WHERE), max_size=2, unique=True))
        if keys:
            leaf["where"] = {key: draw(st.lists(st.sampled_from(WHERE[key]), min_size=1, max_size=2)) for key in keys}
        if draw(st.booleans()):
            leaf["window"] = draw(WINDOWS)
    return leaf


def _order(kind: Kind, value: object) -> object:
    return float(value) if kind in (Kind.DECIMAL, Kind.INTEGER) else value


def _groups(children: st.SearchStrategy) -> st.SearchStrategy:
    return st.fixed_dictionaries(
        {"combinator": st.sampled_from(["and", "or"]), "rules": st.lists(children, min_size=1, max_size=3)},
        optional={"not": st.booleans()},
    )


def rules() -> st.SearchStrategy:
    """Return whole rules of version 1."""
    nodes = st.recursive(leaves(), _groups, max_leaves=6)
    return _groups(nodes).map(lambda group: {"version": 1} | group)


assert {field.split(".")[0] for field in KINDS} == set(FAMILIES)

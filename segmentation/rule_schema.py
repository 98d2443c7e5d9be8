"""The JSON Schema (2020-12) of rules, made from the fields that there are. Pure: no Django, no queries.

It says what one look at a rule can say. Left to `segmentation.rules` are: that a pair or a window does not end before
it starts, that numbers have at most six decimals, that all groups together hold at most MOST_CLAUSES clauses; and to
the catalogue, whether names exist.
"""

import re
from typing import Any

from segmentation import fields, rules
from segmentation.fields import EXISTENCE, NAME, FieldSpec, Kind
from segmentation.rule_values import LARGEST, LONGEST_LIST, LONGEST_TEXT, MOST_DECIMALS, YEARS

Schema = dict[str, Any]


def _closed(properties: Schema, required: list[str] | None = None) -> Schema:
    """Return the schema of an object with these keys and no others."""
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | {"required": required} if required else schema


DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_TEXT,
    "not": {"pattern": "[\\u0000-\\u001f]"},
}
_NUMBER: Schema = {"type": "number", "minimum": -int(LARGEST), "maximum": int(LARGEST)}
_DATE: Schema = {
    "type": "string",
    "format": "date",
    # The length keeps a line's end out, before which "$" matches too.
    "maxLength": len("2026-01-01"),
    "pattern": f"^({YEARS[0] // 100}[0-9]{{2}}|2[01][0-9]{{2}}|{YEARS[-1]})-[0-9]{{2}}-[0-9]{{2}}$",
}
SCALARS: dict[Kind, Schema] = {
    Kind.INTEGER: _NUMBER | {"type": "integer"},
    Kind.DECIMAL: {
        "anyOf": [
            _NUMBER,
            {"type": "string", "maxLength": 30, "pattern": f"^[+-]?[0-9]{{1,15}}([.][0-9]{{1,{MOST_DECIMALS}}})?$"},
        ]
    },
    Kind.TEXT: _TEXT,
    Kind.KEY: _TEXT,
    Kind.DATE: _DATE,
    Kind.MOMENT: _DATE,
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DECLARED: {"anyOf": [_TEXT, _NUMBER, {"type": "boolean"}]},
}
_WINDOW: Schema = {
    "description": "The last N × 24 hours, or from a day until before another, in the site's time zone.",
    "oneOf": [
        _closed({"last_days": {"type": "integer", "minimum": 1, "maximum": rules.LONGEST_WINDOW}}, ["last_days"]),
        _closed({"from": _DATE, "to": _DATE}) | {"minProperties": 1},
    ],
}


def rule_schema() -> Schema:
    """Return the schema of a whole rule, for the families that are registered now."""
    known = dict(_fields())
    depths = range(2, rules.DEEPEST + 1)
    whole = _group(1)
    return {
        "$schema": DIALECT,
        "title": "Rule of a segment",
        **whole,
        "properties": {"version": {"const": 1}, **whole["properties"]},
        "required": ["version", *whole["required"]],
        "$defs": {
            "clause": _clause(known),
            "window": _WINDOW,
            "texts": {"type": "array", "minItems": 1, "maxItems": LONGEST_LIST, "items": _TEXT},
            **{str(kind): scalar for kind, scalar in SCALARS.items()},
            **{_kind_name(name, spec): _asked(spec) for name, spec in known.items()},
            **{f"node{depth}": _node(depth) for depth in (*depths, rules.DEEPEST + 1)},
            **{f"group{depth}": _group(depth) for depth in depths},
        },
    }


def _fields() -> list[tuple[str, FieldSpec]]:
    """Return each field with what it is; NAME stands for a name."""
    found = []
    for prefix, shapes in fields.SHAPES.items():
        for shape in shapes:
            name = ".".join((prefix, *shape))
            spec = fields.spec_of(name)
            if spec is not None:
                found.append((name, spec))
    return found


def _group(depth: int) -> Schema:
    """Return the schema of a group that is nested `depth` deep, the whole rule being the first."""
    rules_of = {
        "type": "array",
        "minItems": 1,
        "maxItems": rules.MOST_CLAUSES,
        "items": {"$ref": f"#/$defs/node{depth + 1}"},
    }
    properties = {"combinator": {"enum": ["and", "or"]}, "not": {"type": "boolean"}, "rules": rules_of}
    return _closed(properties, ["combinator", "rules"])


def _node(depth: int) -> Schema:
    group = {"$ref": f"#/$defs/group{depth}"} if depth <= rules.DEEPEST else False
    is_group = {"anyOf": [{"required": ["rules"]}, {"required": ["combinator"]}]}
    return {"type": "object", "if": is_group, "then": group, "else": {"$ref": "#/$defs/clause"}}


def _clause(known: dict[str, FieldSpec]) -> Schema:
    """Return the schema of a clause: its field says what more is asked of it."""
    names = {name: _matching(name) for name in known}
    return {
        **_closed(dict.fromkeys(sorted(rules.LEAF_KEYS), True), ["field", "operator"]),
        "allOf": [
            {"properties": {"field": {"type": "string", "anyOf": list(names.values())}}},
            *(
                {
                    "if": {"properties": {"field": matching}},
                    "then": {"$ref": f"#/$defs/{_kind_name(name, known[name])}"},
                }
                for name, matching in names.items()
            ),
        ],
    }


def _matching(name: str) -> Schema:
    if NAME not in name:
        return {"const": name}
    parts = ("[^.]+" if part == NAME else re.escape(part) for part in name.split("."))
    return {"pattern": f"^{'[.]'.join(parts)}$"}


def _kind_name(name: str, spec: FieldSpec) -> str:
    """Return the name of the definition that a field shares with those of its family and kind."""
    return f"{name.partition('.')[0]}-{spec.kind}{'-windowed' if spec.windowed else ''}"


def _asked(spec: FieldSpec) -> Schema:
    operators = [each for each in fields.OPERATORS[spec.kind] if fields.has_operator(spec, each)]
    scalar = {"$ref": f"#/$defs/{spec.kind}"}
    values: dict[tuple[str, ...], Schema] = {
        EXISTENCE: {"type": "null"},
        ("in", "not_in"): {"type": "array", "minItems": 1, "maxItems": LONGEST_LIST, "items": scalar},
        ("between", "not_between"): {"type": "array", "minItems": 2, "maxItems": 2, "items": scalar},
    }
    several = [each for group in values for each in group]
    values[tuple(each for each in operators if each not in several)] = scalar
    return {
        "properties": {
            "operator": {"enum": operators},
            "where": _closed({key: {"$ref": "#/$defs/texts"} for key in spec.where}),
            "window": {"$ref": "#/$defs/window"} if spec.windowed else False,
        },
        "allOf": [
            {
                "if": {"properties": {"operator": {"enum": taken}}},
                "then": {"properties": {"value": value}, "required": [] if group is EXISTENCE else ["value"]},
            }
            for group, value in values.items()
            if (taken := [each for each in group if each in operators])
        ],
    }

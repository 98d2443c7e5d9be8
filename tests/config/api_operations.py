"""The operations of the API as its OpenAPI document has them, and where each of them takes a text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from drf_spectacular.generators import SchemaGenerator

from members import imports

# What made-up values are, by the name of the field: something that is there, where a test has made it.
KNOWN = {
    "uid": "ann", "friend": "ann", "slug": "autumn", "campaign": "autumn", "key": "one", "award_id": 1, "level": "plus",
    "order_id": "A-1", "paid_at": "2026-01-01T12:00:00Z", "amount": "10.00", "refund_id": "R-1", "state": "shipped",
    "refunded_at": "2026-01-02T12:00:00Z", "id": "E-1", "event_id": "E-1", "type": "view", "name": "view",
    "occurred_at": "2026-01-01T12:00:00Z", "group": "taste", "tag": "milk", "sku": "S", "line": "1", "quantity": "1",
    "birthday": "2000-01-01", "day": "2026-11-09", "board": "all", "number": "SF1234567890", "carrier": "SF",
    "data": {}, "properties": {},
}  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    method: str
    address: str
    parameters: list[dict[str, Any]]
    body: Any
    statuses: frozenset[int]
    names: dict[str, str] = field(default_factory=dict)

    @property
    def is_signed(self) -> bool:
        return any(each["name"] == "webhook-signature" for each in self.parameters)

    def places(self) -> Iterator["Place"]:
        """Yield every place of the operation that takes a text; of free objects, a value and a name."""
        for each in self.parameters:
            if each["in"] != "header" or not each["name"].startswith("webhook-"):
                yield Place(each["in"], (each["name"],), self._body())
        for variant in _variants(self._schema()):
            for path in _texts(variant):
                yield Place("body", path, sample(variant))

    def url(self, place: "Place | None" = None, text: str = "") -> str:
        """Return the address with known values, and with `text` in its place."""
        address, query = self.address, ""
        for each in self.parameters:
            name, here = each["name"], place is not None and (place.where, place.path) == (each["in"], (each["name"],))
            written = quote(text if here else str(KNOWN.get(name, "x")), safe="", errors="surrogatepass")
            if each["in"] == "path":
                address = address.replace(f"{{{name}}}", written)
            elif here and each["in"] == "query":
                query = f"?{name}={written}"
        return address + query

    def _schema(self) -> Any:
        rows = [part for part in self.address.split("/") if part in imports.kinds() or part == "tags"]
        if not self.address.endswith("/bulk/"):
            return self.body
        importer = imports.importer_of(rows[0])
        columns = [*importer.required, *importer.optional, *(importer.declared() if importer.declared else ())]
        one = {"type": "object", "properties": {name: {"type": "string"} for name in columns}, "free": True}
        return {"type": "array", "items": one}

    def _body(self) -> Any:
        return sample(next(_variants(self._schema()), None))


@dataclass(frozen=True)
class Place:
    """Where a text goes: the path to it in the body, or the name of a parameter."""

    where: str
    path: tuple[Any, ...]
    body: Any

    def filled(self, text: str) -> Any:
        """Return the body with the text in its place."""
        if self.where != "body":
            return self.body
        body = json.loads(json.dumps(self.body))
        holder = body
        for step in self.path[:-1]:
            holder = holder[step]
        if self.path[-1] is None:
            holder[text] = text
        else:
            holder[self.path[-1]] = text
        return body


def operations() -> list[Operation]:
    document = SchemaGenerator().get_schema(public=True)
    return [
        Operation(
            method,
            address,
            told.get("parameters", []),
            told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema"),
            frozenset(int(status) for status in told["responses"]),
        )
        for address, methods in document["paths"].items()
        for method, told in methods.items()
    ]


def sample(schema: Any, name: str = "") -> Any:
    """Return a value of this shape, of known things where the name says which."""
    if schema is None or "enum" in schema:
        return schema and schema["enum"][0]
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            return {each: sample(inner, each) for each, inner in schema.get("properties", {}).items()}
        case "array":
            return [sample(schema.get("items", {}), name)]
        case "integer" | "number" | "boolean":
            return 1 if kind != "boolean" else True
        case _:
            return KNOWN.get(name, "x")


def _variants(schema: Any) -> Iterator[Any]:
    if schema is not None:
        yield from schema.get("oneOf") or [schema]


def _texts(schema: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the paths to what is a text; None as the last step is a name of any field of a free object."""
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "object" in kinds:
        properties = schema.get("properties", {})
        for name, inner in properties.items():
            yield from ((name, *rest) for rest in _texts(inner))
        if not properties or schema.get("free"):
            yield (None,)
    elif "array" in kinds:
        yield from ((0, *rest) for rest in _texts(schema.get("items", {})))
    else:
        # A number, a flag and one of a few words are places for a text too: who sends one is told.
        yield ()


def read_texts(path: Any) -> list[str]:
    """Return the texts of a file of cases; a long one is written as what is repeated how many times."""
    said = json.loads(path.read_text())
    return [each if isinstance(each, str) else each["repeat"] * each["times"] for each in said]

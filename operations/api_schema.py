"""The words of the API's OpenAPI document that every app uses."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
MAYBE_NUMBER: Schema = {"type": ["integer", "null"]}
TIME: Schema = {"type": "string", "format": "date-time"}
MAYBE_TIME: Schema = {"type": ["string", "null"], "format": "date-time"}


def object_of(*, nullable: bool = False, **properties: Any) -> Schema:
    """An object that has all of these properties."""
    kind: Any = ["object", "null"] if nullable else "object"
    return {"type": kind, "properties": properties, "required": sorted(properties)}


def list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def page_of(name: str, items: Schema, **more: Any) -> Schema:
    """A page of a list: the rows under `name`, and the cursor of the next page; null on the last."""
    listed: dict[str, Any] = {**more, name: list_of(items), "next": MAYBE_TEXT}
    return object_of(**listed)


ERROR = object_of(code=TEXT, message=TEXT, fields={"type": "object"})
ANY_CALL = dict.fromkeys((400, 401, 403, 429), ERROR)
ONE_OBJECT = ANY_CALL | {404: ERROR}
ANY_POST = ANY_CALL | {411: ERROR, 413: ERROR, 415: ERROR}
IDEMPOTENCY_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)

"""The OpenAPI document as the reference page shows it: chapters of operations, fields in rows, curl to copy."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config.marked_text import as_html
from operations.error_codes import ANY_CALL, ELSEWHERE, OF_BODIES, OF_CLIENTS, OF_KEYED_CALLS, OF_LISTS

JSON = "application/json"
PREFIX = "/api/v1/"
Json = Mapping[str, Any]
# What any call, or any of its kind, can be answered with is told once for all.
SHARED_CODES = (*ANY_CALL, *OF_CLIENTS, *OF_BODIES, *OF_KEYED_CALLS, *OF_LISTS, *ELSEWHERE)
SHARED = frozenset(code.name for code in SHARED_CODES)
PLACES = ("path", "query", "header")
DEEPEST = 6
_PARAMETER = re.compile(r"{(.*?)}")


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a table of fields; `depth` says below how many objects it lies."""

    name: str
    kind: str
    required: bool
    words: SafeString
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    words: str
    fields: list[Field]
    example: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One operation. `codes` are its own error codes, by status."""

    id: str
    method: str
    path: str
    summary: str
    words: SafeString
    scope: str
    parameters: list[Field]
    body: list[Field]
    request: str
    answers: list[Answer]
    codes: list[tuple[str, list[str]]]
    curl: str


@dataclass(frozen=True, slots=True)
class Chapter:
    slug: str
    title: str
    words: str
    operations: list[Shown]


@dataclass(frozen=True, slots=True)
class ShownCode:
    """One error code; `status` is how it comes. `first` carries the anchor: a code may have words of several rooms."""

    name: str
    status: str
    words: SafeString
    remedy: SafeString
    shared: bool
    first: bool


def chapters(document: Json, *, base: str) -> list[Chapter]:
    """Return the chapters that have operations, in the document's order. `base` is the site, such as "https://…"."""
    operations = list(_operations(document, base))
    return [
        Chapter(tag["name"], tag["x-displayName"], tag["description"], found)
        for tag in document["tags"]
        if (found := [shown for name, shown in operations if name == tag["name"]])
    ]


def error_codes(document: Json) -> list[ShownCode]:
    """Return every error code with its words, by name, those that any call can have first."""
    found: dict[tuple[str, str, str], Json] = {
        (code.name, str(code.status), str(code.words)): {"description": code.remedy} for code in ELSEWHERE
    }
    for operation in _each_operation(document):
        for status, answer in operation["responses"].items():
            for code, reference in _examples(answer).items():
                example = _resolved(document, reference)
                found.setdefault((code, status, str(example["summary"])), example)
    rows, seen = [], set[str]()
    for (code, status, words), example in sorted(found.items(), key=lambda each: (each[0][0] not in SHARED, each[0])):
        remedy, shared = as_html(example["description"]), code in SHARED
        rows.append(ShownCode(code, status, as_html(words), remedy, shared, code not in seen))
        seen.add(code)
    return rows


def _each_operation(document: Json) -> Iterator[Json]:
    for path in document["paths"].values():
        yield from path.values()


def _operations(document: Json, base: str) -> Iterator[tuple[str, Shown]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = operation.get("tags", [""])[0]
            yield tag, _shown(method.upper(), path, operation, base)


def _shown(method: str, path: str, operation: Json, base: str) -> Shown:
    body = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
    example = body.get("example")
    return Shown(
        id=operation["operationId"],
        method=method,
        path=path,
        summary=operation.get("summary", operation["operationId"]),
        words=as_html(operation.get("description", "")),
        scope=operation.get("x-scope", ""),
        parameters=[_parameter(each) for each in sorted(operation.get("parameters", []), key=_place)],
        body=list(fields(body.get("schema", {}))),
        request="" if example is None else _written(example),
        answers=[_answer(status, each) for status, each in operation["responses"].items() if status < "400"],
        codes=_own_codes(operation),
        curl=curl(method, path, operation, base),
    )


def _place(parameter: Json) -> int:
    return PLACES.index(parameter["in"])


def _parameter(parameter: Json) -> Field:
    kind = _kind(parameter.get("schema", {}))
    place = {"path": "", "query": _("in the query"), "header": _("a header")}[parameter["in"]]
    words = as_html(parameter.get("description", ""))
    return Field(parameter["name"], ", ".join(filter(None, [kind, place])), bool(parameter.get("required")), words)


def _answer(status: str, answer: Json) -> Answer:
    content = answer.get("content", {}).get(JSON, {})
    example = content.get("example")
    shown = "" if example is None else _written(example)
    return Answer(status, str(answer.get("description", "")), list(fields(content.get("schema", {}))), shown)


def _own_codes(operation: Json) -> list[tuple[str, list[str]]]:
    told = [
        (status, [code for code in _examples(answer) if code not in SHARED])
        for status, answer in operation["responses"].items()
    ]
    return [(status, codes) for status, codes in told if codes]


def _examples(answer: Json) -> Json:
    return answer.get("content", {}).get(JSON, {}).get("examples", {})


def _resolved(document: Json, reference: Json) -> Json:
    name = reference["$ref"].rpartition("/")[2]
    return document["components"]["examples"][name]


def fields(schema: Json, depth: int = 0) -> Iterator[Field]:
    """Yield the fields of an object, or of the objects of a list, each before the fields that it has itself."""
    if depth > DEEPEST:
        return
    inner = schema.get("items", schema) if "array" in _kinds(schema) else schema
    for each in inner.get("oneOf", [inner]):
        required = each.get("required", ())
        for name, field in each.get("properties", {}).items():
            yield Field(name, _kind(field), name in required, as_html(field.get("description", "")), depth)
            yield from fields(field, depth + 1)
        if isinstance(extra := each.get("additionalProperties"), dict):
            yield from fields(extra, depth)


def _kinds(schema: Json) -> list[str]:
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def _kind(schema: Json) -> str:
    """Return what a value is in words: "text", "list of objects", "number or null"; a choice by its values."""
    if "enum" in schema:
        return " | ".join("null" if value is None else str(value) for value in schema["enum"])
    words = {
        "string": _("time") if schema.get("format") == "date-time" else _("text"),
        "integer": _("whole number"),
        "number": _("number"),
        "boolean": _("true or false"),
        "object": _("object"),
        "array": pgettext("JSON", "list"),
        "null": "null",
    }
    told = _(" or ").join(words[kind] for kind in _kinds(schema))
    inner = _kind(schema["items"]) if schema.get("items") else ""
    return _("%(list)s of: %(each)s") % {"list": told, "each": inner} if inner else told


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _brief(value: Any) -> str:
    """JSON on one line where that is short."""
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= 60 else _written(value)


def curl(method: str, path: str, operation: Json, base: str) -> str:
    """Return the operation's example as a command line."""
    parameters = operation.get("parameters", [])
    query = {}
    headers = ["Authorization: Api-Key $KEY"] if operation.get("x-scope") else []
    for each in parameters:
        if each["in"] == "path":
            path = path.replace("{" + each["name"] + "}", quote(str(each.get("example", each["name"])), safe=""))
        elif each["in"] == "query" and "example" in each:
            query[each["name"]] = each["example"]
        elif each["in"] == "header" and (each.get("required") or "example" in each):
            usual = f"{operation['operationId']}-1" if each["name"] == "Idempotency-Key" else "…"
            headers.append(f"{each['name']}: {each.get('example', usual)}")
    body = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("example")
    if body is not None:
        headers.append(f"Content-Type: {JSON}")
    address = f"{base}{path}" + (f"?{urlencode(query)}" if query else "")
    parts = [f"curl {shlex.quote(address)}", *(f'-H "{header}"' for header in headers)]
    if body is not None:
        parts.append(f"-d {shlex.quote(_brief(body))}")
    if method not in {"GET", "POST"} or (method == "POST" and body is None):
        parts.insert(1, f"-X {method}")
    return " \\\n  ".join(parts)


def path_in_parts(path: str) -> SafeString:
    """Return the path as HTML: its parameters marked, and free to break after each part."""
    parts = [_PARAMETER.sub(r"<var>\1</var>", escape(part)) for part in path.removeprefix(PREFIX).split("/")]
    return mark_safe("/<wbr>".join(parts))  # noqa: S308 escaped above

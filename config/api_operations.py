"""One operation in the OpenAPI document: what its view tells of it, and what all operations share."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema

from operations.api_keys import HasScope
from operations.described import EXTENSION, Described, Example
from operations.error_codes import (
    ANY_CALL,
    NOT_FOUND,
    OF_BODIES,
    OF_CLIENTS,
    OF_KEYED_CALLS,
    OF_LISTS,
    OF_SIGNED_CALLS,
    Code,
    by_status,
)

JSON = "application/json"
ERROR = "#/components/schemas/Error"
ANSWERS = Path(__file__).with_name("api_answers")
IDEMPOTENCY_KEY = "Idempotency-Key"
# What stands in the place of an address's parameter: by the word before it and its name.
PLACES = {
    ("members", "uid"): gettext_lazy("The member, by the shop's own id."),
    ("campaigns", "slug"): gettext_lazy("The campaign, by its key."),
    ("callbacks", "slug"): gettext_lazy("The campaign, by its key."),
    ("callbacks", "key"): gettext_lazy("The task, by its key."),
    ("segments", "slug"): gettext_lazy("The segment, by its key."),
    ("items", "slug"): gettext_lazy("The item of the mall, by its key."),
    ("tasks", "key"): gettext_lazy("The task, by its key."),
    ("offers", "key"): gettext_lazy("The offer, by its key."),
    ("levels", "slug"): gettext_lazy("The level, by its key."),
    ("gifts", "slug"): gettext_lazy("The gift, by its key."),
    ("webhooks", "webhook_id"): gettext_lazy("The webhook, by its number."),
    ("deliveries", "delivery_id"): gettext_lazy("The delivery, by its number."),
    ("awards", "award_id"): gettext_lazy("The award, by its number."),
}


class Operation(AutoSchema):
    """REST framework's DEFAULT_SCHEMA_CLASS."""

    def get_description(self) -> str:  # type: ignore[override]
        """Nothing but what `described` says: docstrings are for who reads the code, in one language."""
        return ""

    def get_operation(self, *arguments: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*arguments)
        if operation is None:
            return None
        told: Described | None = operation.pop(EXTENSION, None)
        if told is None:
            return operation
        parameters = [_explained(each, self.path) for each in operation.get("parameters", [])]
        if scope := self._scope():
            operation["x-scope"] = scope
        codes = [*told.codes, *self._shared_codes(operation)]
        operation["responses"] = _successes(operation["responses"]) | _errors(codes)
        if parameters:
            operation["parameters"] = parameters
        if IDEMPOTENCY_KEY in {each["name"] for each in parameters}:
            _tell_of_replays(operation)
        if told.example is not None:
            _exemplify(operation, told.example)
        return operation

    def _scope(self) -> str | None:
        if HasScope not in self.view.permission_classes:
            return None
        return str(getattr(self.view, "scope", ""))

    def _shared_codes(self, operation: dict[str, Any]) -> list[Code]:
        names = {each["name"] for each in operation.get("parameters", [])}
        return [
            *ANY_CALL,
            *(OF_CLIENTS if self._scope() else ()),
            *(OF_BODIES if "requestBody" in operation else ()),
            *(OF_KEYED_CALLS if IDEMPOTENCY_KEY in names else ()),
            *(OF_LISTS if "cursor" in names else ()),
            *(OF_SIGNED_CALLS if "webhook-signature" in names else ()),
            *([NOT_FOUND] if "{" in self.path else ()),
        ]


@cache
def _recorded(language: str) -> dict[str, Any]:
    """Return the answers to the examples: operation → answer, as `tests/config/test_api_examples.py` records them."""
    file = ANSWERS / f"{language}.json"
    return json.loads(file.read_text()) if file.exists() else {}


def recorded_answer(operation_id: str) -> Any:
    return _recorded("zh-hans" if (get_language() or "").startswith("zh") else "en").get(operation_id)


def _successes(responses: dict[str, Any]) -> dict[str, Any]:
    return {status: {"description": _("Done.")} | _said(each) for status, each in responses.items() if status < "400"}


def _said(response: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in response.items() if value}


def _errors(codes: Iterable[Code]) -> dict[str, Any]:
    return {str(status): _error(status, known) for status, known in by_status(codes).items()}


def _error(status: int, codes: list[Code]) -> dict[str, Any]:
    names = [code.name for code in codes]
    schema = {"allOf": [{"$ref": ERROR}, {"type": "object", "properties": {"code": {"enum": names}}}]}
    examples: dict[str, Any] = {
        code.name: {
            "summary": code.words,
            "description": code.remedy,
            "value": {"code": code.name, "message": code.words, "fields": {}},
        }
        for code in codes
    }
    told: dict[str, Any] = {
        "description": "\n".join(f"- `{code.name}`: {code.words}" for code in codes),
        "content": {JSON: {"schema": schema, "examples": examples}},
    }
    if status in {429, 503}:
        told["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": _("Seconds to wait.")}}
    return told


def _explained(parameter: dict[str, Any], path: str) -> dict[str, Any]:
    if parameter["in"] != "path" or "description" in parameter:
        return parameter
    before = path.split("{" + parameter["name"] + "}", maxsplit=1)[0].strip("/").split("/")
    if before[-1].startswith("{"):
        before.pop()
    words = PLACES.get((before[-1], parameter["name"]))
    return parameter | ({"description": words} if words else {})


def _tell_of_replays(operation: dict[str, Any]) -> None:
    header = {
        "schema": {"type": "string", "enum": ["true"]},
        "description": _("The call was a repetition: this is the first answer, and nothing was done again."),
    }
    for status, response in operation["responses"].items():
        if status < "300":
            response["headers"] = {**response.get("headers", {}), "Idempotency-Replayed": header}
    for parameter in operation["parameters"]:
        if parameter["name"] == IDEMPOTENCY_KEY:
            parameter.setdefault(
                "description",
                _("1 to 200 printable ASCII characters, new for each new thing asked for; the same on a repetition."),
            )


def _exemplify(operation: dict[str, Any], example: Example) -> None:
    given = {**example.path, **example.query, **example.headers}
    for parameter in operation.get("parameters", []):
        if parameter["name"] in given:
            parameter["example"] = given[parameter["name"]]
    if example.body is not None:
        operation["requestBody"]["content"][JSON]["example"] = example.body
    answer = recorded_answer(operation["operationId"]) if example.answer is None else example.answer
    content = operation["responses"].get(str(example.status), {}).get("content")
    if answer is not None and content:
        content[JSON]["example"] = answer

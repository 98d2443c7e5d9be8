"""What the OpenAPI document says besides its operations: how clients sign in, its chapters, the one form of errors."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from operations.api_schema import TEXT
from operations.described import Tag

CHAPTERS = {
    Tag.FACTS: _("What the shop tells: members, orders and their lines, refunds, behaviour events, tags."),
    Tag.MEMBERS: _("One member: profile, level, points, tags, segments."),
    Tag.SEGMENTS: _("Groups of members by a rule: who is in, how many, and why one member is or is not."),
    Tag.ELIGIBILITY: _("What a member gets, and why not the rest: campaigns, tasks, offers, leaderboards, the mall."),
    Tag.PLAY: _("What a member does: tasks that move, draws, offers, energy, orders of the mall."),
    Tag.REWARDS: _("What members have: awards, their check-off at a counter, orders of the mall, refunds due."),
    Tag.WEBHOOKS: _("What the shop is told: endpoints, deliveries, repeats."),
    Tag.CALLBACKS: _("Calls by which outside systems report. They need no API key: they are signed."),
}
ERROR: dict[str, Any] = {
    "type": "object",
    "description": _("Every error has this form. Programs go by `code`, which is never translated."),
    "properties": {
        "code": TEXT,
        "message": {"type": "string", "description": _("In the language that Accept-Language asks for.")},
        "fields": {"type": "object", "description": _("A field of the request, and what is wrong with it.")},
    },
    "required": ["code", "message", "fields"],
}


class OpenApiDocument(SpectacularAPIView):
    """The document, made once in a process for each language and form: anybody may ask, and it takes seconds."""

    def _get_schema_response(self, request: Request) -> HttpResponse:
        form = request.accepted_renderer
        language = "zh-hans" if (get_language() or "").startswith("zh") else "en"
        key = (language, form.format or "")
        if key not in _written:
            with override(language):
                document = SchemaGenerator().get_schema(request=None, public=True)
                _written[key] = form.render(document, renderer_context={})
        return HttpResponse(_written[key], content_type=form.media_type)


# By language and form.
_written: dict[tuple[str, str], str | bytes] = {}


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """`Authorization: Api-Key …`. Loaded by being imported."""

    target_class = "operations.api_keys.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": _("`Authorization: Api-Key KEY`; `create_api_key` prints the key once."),
        }


def complete(result: dict[str, Any], **_generation: Any) -> dict[str, Any]:
    """Add the chapters and the form of errors to the document; a hook of drf-spectacular."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Error"] = ERROR
    components["examples"] = _examples_gathered(result["paths"])
    result["tags"] = [
        {"name": tag.value, "x-displayName": tag.label, "description": words} for tag, words in CHAPTERS.items()
    ]
    return result


def _examples_gathered(paths: dict[str, Any]) -> dict[str, Any]:
    """Put a reference in the place of each example of an error, and return them: most come with every operation."""
    gathered: dict[str, Any] = {}
    answers = (
        answer for path in paths.values() for operation in path.values() for answer in operation["responses"].values()
    )
    for answer in answers:
        examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
        for code, example in examples.items():
            name = code
            # The same code may have other words elsewhere.
            while gathered.setdefault(name, example) != example:
                name += "."
            examples[code] = {"$ref": f"#/components/examples/{name}"}
    return gathered

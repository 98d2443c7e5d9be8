"""How a view tells the OpenAPI document, and so the reference page, what one of its operations is for.

    @described(
        Tag.MEMBERS,
        _("Look a member up"),
        description=_("…what the summary leaves open, in Markdown…"),
        codes=[UNKNOWN_MEMBER],
        example=Example(path={"uid": "qm-00001"}),
    )
    @extend_schema(operation_id="member", responses={200: api_schema.MEMBER})
    def get(self, request, uid): ...

`config.api_operations` adds what all operations share: scope, statuses, the error codes that any call can have.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from drf_spectacular.utils import extend_schema

from operations.error_codes import Code, Words

EXTENSION = "x-described"


class Tag(models.TextChoices):
    """The chapters of the document, in their order."""

    FACTS = "facts", _("Facts in")
    MEMBERS = "members", _("Members")
    SEGMENTS = "segments", _("Segments")
    ELIGIBILITY = "eligibility", _("Eligibility")
    PLAY = "play", pgettext_lazy("scope", "Play")
    REWARDS = "rewards", _("Rewards")
    WEBHOOKS = "webhooks", _("Webhooks")
    CALLBACKS = "callbacks", _("Callbacks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A request as a newcomer copies it, of the demo shop; `tests/config/test_api_examples.py` sends each.

    Its answer is the one that was recorded there, unless `answer` gives another.
    """

    path: Mapping[str, str | int] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    status: int = 200
    answer: Any = None


@dataclass(frozen=True, slots=True)
class Described:
    """What AutoSchema finds under EXTENSION."""

    codes: tuple[Code, ...]
    example: Example | None


def described(
    tag: Tag,
    summary: Words,
    *,
    description: Words = "",
    codes: Iterable[Code] = (),
    example: Example | None = None,
    **schema: Any,
) -> Callable[[Any], Any]:
    """Describe an operation; `schema` is whatever else `extend_schema` takes. It may stand above an `extend_schema`."""
    told = Described(tuple(codes), example)
    return extend_schema(
        tags=[tag.value], summary=summary, description=description or None, extensions={EXTENSION: told}, **schema
    )

"""The API answers in JSON whatever the client says it accepts: there is nothing to negotiate."""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class OneRenderer(DefaultContentNegotiation):
    """Takes the only renderer of a view as it is; where there are several (the schema's), the client chooses."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        known = list(renderers)
        if len(known) == 1:
            return known[0], known[0].media_type
        return super().select_renderer(request, known, format_suffix)

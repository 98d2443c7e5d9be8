"""A ceiling on how often one API client may call, so that a loop gone wild does not starve the others."""

import time
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from operations.models import ApiKey

MINUTE = 60.0


class ClientThrottle(BaseThrottle):
    """Counts calls of each key by the minute, in this process: a shared counter would cost every call a write."""

    _minute = -1
    _calls: dict[str, int] = {}

    def allow_request(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiKey):
            return True
        self.clock = time.monotonic()
        return self.count(request.auth.prefix, clock=self.clock) <= settings.API_REQUESTS_PER_MINUTE

    def wait(self) -> float:
        return MINUTE - self.clock % MINUTE

    @classmethod
    def count(cls, client: str, *, clock: float) -> int:
        """Count one call; return the calls of `client` in this minute of the clock."""
        minute = int(clock // MINUTE)
        if minute != cls._minute:
            cls._minute, cls._calls = minute, {}
        cls._calls[client] = calls = cls._calls.get(client, 0) + 1
        return calls

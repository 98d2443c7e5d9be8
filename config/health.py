"""Whether this process lives (/healthz) and can serve (/readyz), for load balancers and people.

Answered before anything else: a probe comes by address, without TLS, and must not depend on a host name or a session.
"""

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone

from operations import heartbeats
from operations.engine_concerns import LATE
from segmentation import freshness


class Health:
    """Middleware that answers the two probes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # Migrations applied once stay applied while this code runs.
        self.is_migrated = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/healthz":
            return _answer({"alive": True})
        if request.path_info == "/readyz":
            return self.readiness()
        return self.get_response(request)

    def readiness(self) -> HttpResponseBase:
        """Say what is missing. Workers and segments that are late are reported, but the web can serve without them."""
        reasons: list[str] = []
        report: dict[str, Any] = {"ready": False, "reasons": reasons}
        try:
            self.is_migrated = self.is_migrated or _no_migration_is_missing()
            if self.is_migrated:
                report["workers"] = _workers()
                report["segments"] = _segments()
            else:
                reasons.append("migrations_missing")
        except DatabaseError:
            reasons.append("database_unreachable")
        report["ready"] = not reasons
        return _answer(report, status=503 if reasons else 200)


def _no_migration_is_missing() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _workers() -> dict[str, Any]:
    age = heartbeats.age(heartbeats.WORKERS, now=timezone.now())
    if age is None:
        return {"state": "never_seen", "heartbeat_age_seconds": None}
    return {"state": "late" if age > LATE else "alive", "heartbeat_age_seconds": round(age.total_seconds())}


def _segments() -> dict[str, int]:
    """Count the segments that serve an old version: what they hold is right, but of the past."""
    return {"failing": freshness.failing().count(), "late": len(list(freshness.late(now=timezone.now())))}


def _answer(body: dict[str, Any], *, status: int = 200) -> JsonResponse:
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})

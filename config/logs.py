"""Structured logs: a JSON object per line, or readable lines where somebody watches the terminal."""

from collections.abc import MutableMapping
from typing import Any

import structlog

Event = MutableMapping[str, Any]


def without_query(_logger: object, _method: str, event: Event) -> Event:
    """Cut the query off a logged address: it may hold a sign-in token."""
    if isinstance(request := event.get("request"), str):
        event["request"] = request.split("?", 1)[0]
    return event


def without_beginnings(_logger: object, _method: str, event: Event) -> Event:
    """Drop the line of a request that begins: the one that ends says the same and the status."""
    if event.get("event") == "request_started":
        raise structlog.DropEvent
    return event


SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.UnicodeDecoder(),
    without_query,
]


def configure_structlog() -> None:
    """Send structlog's events through the standard library, where one formatter renders all of them."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            without_beginnings,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_settings(*, level: str, for_people: bool) -> dict[str, Any]:
    """Return Django's LOGGING: everything to stderr, in one form."""
    renderer: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer()]
        if for_people
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would print each error a second time.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # A line for each carried job; jobs have rows of their own.
            "django-q": {"level": "WARNING"},
            # Refused addresses are the noise of scanners; the request's own line has the status.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
        },
    }

"""What a client asks of an endpoint, read from a request's body: every fault named, before anything is done."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from operations import webhook_addresses, webhook_endpoints, webhook_kinds, webhook_lookups
from operations.api_errors import ApiError
from operations.models import WebhookEndpoint
from operations.webhook_replays import Which

MOST_SEGMENTS = 200


class Wrong(ValueError):
    """A value that cannot be used, and why in words."""


def endpoint_of(data: Any) -> dict[str, Any]:
    """Return name, url, events and segments of a new endpoint. Raises ApiError `invalid` with every fault."""
    return {"segments": []} | _read(data, FIELDS, needed=("name", "url", "events"))


def changes_of(data: Any, endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Return what is to change: any of name, url, events, segments and state ("on" or "paused").

    Segments that the endpoint has may stay, though they are deleted by now.
    """
    return _read(data, FIELDS | {"segments": partial(_segments, kept=endpoint.segments), "state": _state})


def replay_of(data: Any) -> dict[str, Any]:
    """Return `since`, `until` (or None) and `which`."""
    read = _read(data, {"since": _time, "until": _time, "state": _which}, needed=("since",))
    return {"since": read["since"], "until": read.get("until"), "which": read.get("state", Which.GIVEN_UP)}


def nothing(data: Any) -> None:
    """Raise ApiError unless the body is empty or an empty object."""
    if data not in (None, "", {}):
        _read(data, {})


def _read(data: Any, fields: Mapping[str, Callable[[Any], Any]], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise ApiError("invalid", _("The body must be a JSON object."))
    read: dict[str, Any] = {}
    wrong: dict[str, Any] = {str(name)[:50]: [_("This is not taken here.")] for name in data.keys() - fields.keys()}
    wrong |= {name: [_("This is needed.")] for name in needed if name not in data}
    for name in fields.keys() & data.keys():
        try:
            read[name] = fields[name](data[name])
        except Wrong as error:
            wrong[name] = [str(error)]
    if wrong:
        raise _invalid(wrong)
    return read


def _invalid(fields: dict[str, Any]) -> ApiError:
    return ApiError("invalid", _("The request has values that cannot be used."), fields=fields)


def _name(value: Any) -> str:
    return _text(value, webhook_endpoints.LONGEST_NAME)


def _url(value: Any) -> str:
    return _text(value, webhook_addresses.LONGEST)


def _text(value: Any, most: int) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > most or not text.isprintable():
        raise Wrong(_("A text of 1 to %(most)d characters.") % {"most": most})
    return text


def _events(value: Any) -> list[str]:
    names = _texts(value, most=len(webhook_kinds.all_kinds()))
    if not names:
        raise Wrong(_("Name at least one kind of event."))
    if unknown := [name for name in names if webhook_kinds.find(name) is None]:
        raise Wrong(_("There is no event %(names)s. GET webhooks/kinds/ lists them.") % {"names": _quoted(unknown)})
    return names


def _segments(value: Any, kept: Collection[str] = ()) -> list[str]:
    keys = _texts(value, most=MOST_SEGMENTS)
    new = set(keys).difference(kept)
    if unknown := sorted(new - webhook_lookups.segments().keys()) if new else []:
        raise Wrong(_("There is no segment %(names)s.") % {"names": _quoted(unknown)})
    return keys


def _texts(value: Any, *, most: int) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Wrong(_("A list of texts."))
    if len(value) > most:
        raise Wrong(_("At most %(most)d.") % {"most": most})
    return sorted(set(value))


def _quoted(names: list[str]) -> str:
    return ", ".join(repr(name[:50]) for name in names[:5])


def _state(value: Any) -> str:
    if not isinstance(value, str) or value not in (WebhookEndpoint.State.ON, WebhookEndpoint.State.PAUSED):
        raise Wrong(_("Either “on” or “paused”."))
    return str(value)


def _which(value: Any) -> Which:
    if not isinstance(value, str) or value not in set(Which):
        raise Wrong(_("Either “given_up” or “all”."))
    return Which(value)


def _time(value: Any) -> datetime:
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1970 <= moment.year <= 9000:
        raise Wrong(_("A time with its offset, such as 2026-11-21T08:00:00+08:00."))
    # With an offset of sixteen hours and more PostgreSQL would not compare.
    return moment.astimezone(UTC)


FIELDS: dict[str, Callable[[Any], Any]] = {"name": _name, "url": _url, "events": _events, "segments": _segments}

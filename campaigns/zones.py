"""The time zone whose days, weeks and months count in a campaign."""

from collections.abc import Iterable
from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from campaigns.definition import Campaign


def zone_of(definition: Campaign) -> tzinfo:
    """The campaign's own zone, else the site's."""
    return _zone(definition.time_zone)


def zones_of(definitions: Iterable[Campaign]) -> set[tzinfo]:
    """All zones of these campaigns, and the site's."""
    return {timezone.get_default_timezone(), *(zone_of(definition) for definition in definitions)}


def is_known(name: str) -> bool:
    """Whether there is a zone of this name; "" is the site's."""
    try:
        return not name or ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


@lru_cache(maxsize=512)
def _named(name: str) -> tzinfo:
    return ZoneInfo(name)


def _zone(name: str) -> tzinfo:
    return _named(name) if name else timezone.get_default_timezone()

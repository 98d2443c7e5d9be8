"""What the rooms above tell webhooks about their own: whose uid it is, and which segments there are."""

from collections.abc import Callable, Mapping

_member_ids: list[Callable[[str], int | None]] = []
_segment_names: list[Callable[[], Mapping[str, str]]] = []


def members_by(find: Callable[[str], int | None]) -> None:
    """Let `find` say which member has a uid. Apps call this in `AppConfig.ready()`."""
    _member_ids[:] = [find]


def segments_by(name: Callable[[], Mapping[str, str]]) -> None:
    """Let `name` tell the segments: {key: name}. Apps call this in `AppConfig.ready()`."""
    _segment_names[:] = [name]


def member_id(uid: str) -> int | None:
    """Return the number of the member who has this uid, or None."""
    # An address may hold a NUL byte; no uid does, and PostgreSQL would refuse to compare.
    return next((find(uid) for find in _member_ids), None) if uid.isprintable() else None


def segments() -> dict[str, str]:
    """Return the name of each segment by its key."""
    return {key: name for tell in _segment_names for key, name in tell().items()}

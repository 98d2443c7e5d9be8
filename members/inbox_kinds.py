"""The kinds of messages that the inbox knows: each says its own in the language of whoever reads it.

The app that sends a kind registers it in `AppConfig.ready()`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.bilingual import in_reader_language

LEVEL = "level.changed"
TEXT = "text"


class Words(NamedTuple):
    """A message as it is read: what happened, and what to do next ("" for nothing)."""

    title: str
    text: str = ""


# Makes the words of `InboxMessage.params`.
Say = Callable[[Mapping[str, Any]], Words]


@dataclass(frozen=True, slots=True)
class Kind:
    """`icon` is one of templates/h5/icons, without its ending."""

    code: str
    icon: str
    say: Say


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    for kind in kinds:
        if _kinds.get(kind.code, kind) != kind:
            raise ValueError(f"there is already a kind of message {kind.code!r}")
        _kinds[kind.code] = kind


def is_known(code: str) -> bool:
    return code in _kinds


def words_of(code: str, params: Mapping[str, Any]) -> Words:
    """Return what a message says. One of a kind that is gone, or was stored with less, says that it is there."""
    kind = _kinds.get(code)
    try:
        return kind.say(params) if kind else _unknown()
    except KeyError:
        return _unknown()


def icon_of(code: str) -> str:
    kind = _kinds.get(code)
    return f"h5/icons/{kind.icon if kind else 'info'}.svg"


def register_own() -> None:
    register(Kind(TEXT, "shop", _text), Kind(LEVEL, "crown", _level))


def _unknown() -> Words:
    return Words(_("A message from the shop"))


def _text(params: Mapping[str, Any]) -> Words:
    """What somebody wrote: `title` and `text`, both also in English where they gave it."""
    title = in_reader_language(params["title"], params.get("title_en", ""))
    return Words(title, in_reader_language(params.get("text", ""), params.get("text_en", "")))


def _level(params: Mapping[str, Any]) -> Words:
    level = in_reader_language(params["level"], params.get("level_en", ""))
    if not level:
        return Words(pgettext("message", "You have no level any more"), _("See how to reach one again."))
    if params["up"]:
        return Words(_("You have reached the level “%(level)s”") % {"level": level}, _("See what it brings you."))
    return Words(_("Your level is “%(level)s” now") % {"level": level}, _("See how far it is to the next one."))

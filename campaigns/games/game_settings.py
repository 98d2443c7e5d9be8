"""The settings of games, what can be wrong with them, and reading what a page reports."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import result_pools
from campaigns.games import bonuses
from campaigns.games.lights import MOST_LEVELS
from campaigns.kinds.face import ConfigFault
from campaigns.pool_choice import SCORE, STAGE
from campaigns.quizzes.questions import is_integer
from campaigns.refusals import BadSubmission

SECONDS = 30
MOST_TEXT = 20_000
MOST_SCORE = 1_000_000
_LIMITS = ("least_seconds", "most_score", "most_per_second")
# Name → from, to.
_NUMBERS = {
    "pass": (1, MOST_SCORE),
    "best": (1, MOST_SCORE),
    "seconds": (10, 120),
    "rounds": (1, 1000),
    "secret": (1, 1000),
    "least_seconds": (1, 3600),
    "most_score": (1, MOST_SCORE),
    "most_per_second": (1, MOST_SCORE),
    "levels": (1, MOST_LEVELS),
}
_OF_GAME: Mapping[str, tuple[str, ...]] = {
    "catch": ("seconds",),
    "hosted": ("url", *_LIMITS),
    "outside": ("url", "secret", *_LIMITS),
}
_OF_LEVELS: Mapping[str, tuple[str, ...]] = {"lights": (), "outside": ("url", "secret")}
_MINI = ("game", "pass", "best", "rounds", "pools", "steps", "per")
_LEVEL = ("game", "levels", "pass", "least_seconds", "pools", "steps")


def mini_game_faults(config: Mapping[str, Any]) -> list[ConfigFault]:
    game = str(config.get("game"))
    if game not in _OF_GAME:
        return [ConfigFault("game", _("The game is one of catch, hosted and outside."))]
    found = list(_common_faults(config, {*_MINI, *_OF_GAME[game]}, needed=("pass", "best")))
    if game == "hosted":
        found += [
            ConfigFault(name, _("A game that its page signs needs this limit."))
            for name in _LIMITS
            if name not in config
        ]
        if "url" not in config:
            found.append(ConfigFault("url", _("The game needs its address.")))
    found += bonuses.faults(config)
    return found + (result_pools.faults(config["pools"], by=SCORE) if "pools" in config else [])


def level_game_faults(config: Mapping[str, Any]) -> list[ConfigFault]:
    game = str(config.get("game"))
    if game not in _OF_LEVELS:
        return [ConfigFault("game", _("The game is one of lights and outside."))]
    found = list(_common_faults(config, {*_LEVEL, *_OF_LEVELS[game]}, needed=("levels",)))
    if not found and config.get("pass", 1) > config["levels"]:
        found.append(ConfigFault("pass", _("The level from which the game may be ended is one of the levels.")))
    found += bonuses.faults(config)
    return found + (result_pools.faults(config["pools"], by=STAGE) if "pools" in config else [])


def _common_faults(config: Mapping[str, Any], known: set[str], needed: tuple[str, ...]) -> Iterator[ConfigFault]:
    for key in config:
        if key not in known:
            yield ConfigFault(str(key), _("This game has no such setting."))
    for key, (least, most) in _NUMBERS.items():
        if key in known and (key in config or key in needed) and not is_integer(config.get(key), least, most):
            words = _("This must be a whole number from %(least)d to %(most)d.")
            yield ConfigFault(key, words % {"least": least, "most": most})
    if "url" in config and "url" in known and not is_address(config["url"]):
        yield ConfigFault("url", _("An address begins with https:// or with /, and has no #."))


def is_address(url: Any) -> bool:
    if not isinstance(url, str) or "#" in url or len(url) > 500:
        return False
    if url.startswith("/"):
        return not url.startswith(("//", "/\\"))
    return url.startswith("https://") and bool(urlsplit(url).hostname)


def rounds_left(config: Mapping[str, Any], data: Mapping[str, Any]) -> int | None:
    """How many rounds may still be begun in the period; None without a limit."""
    return max(config["rounds"] - int(data.get("rounds", 0)), 0) if "rounds" in config else None


def number(payload: Mapping[str, Any], name: str) -> int:
    """A score or a level as it was reported. Raises BadSubmission."""
    value: Any = payload.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 7:
        value = int(value)
    if not is_integer(value, 0, MOST_SCORE):
        raise BadSubmission({name: _("This is no whole number.") if value is not None else _missing()})
    return int(value)


def text(payload: Mapping[str, Any], name: str) -> str:
    """Moves as they were reported, "" for none. Raises BadSubmission."""
    value = payload.get(name, "")
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        raise BadSubmission({name: _("This is no text of a length that a round can have.")})
    return value


def _missing() -> Promise:
    return _("This is missing.")

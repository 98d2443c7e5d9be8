"""Rounds of a game: begun on the server, handed in once, by the member who began them, no sooner than they take. Pure.

The data of a member's progress keeps {"round": {"id", "at", "seed", "key", "level"}, "used": [ids], "rounds": n}. Two
requests of one member follow each other behind the lock of the enrolment, so that the second finds the round used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.games.numbers import SEEDS
from campaigns.refusals import Because, Refused

NOT_BEGUN = Because("round_not_begun", _("Begin a round first."))
NOT_YOURS = Because("round_not_yours", _("This round was not begun by you. Begin one of your own."))
USED = Because("round_used", _("This round was handed in already: it counts once."))
OVER = Because("round_over", _("This round is too long ago. Begin another one."))
TOO_FAST = Because("round_too_fast", _("That was faster than this round can be played. It does not count."))
NO_ROUNDS = Because("round_none_left", _("You have used all rounds."))

MOST_USED = 20
# How long after its beginning a round can be handed in, in seconds.
LASTS = 3600


@dataclass(frozen=True, slots=True)
class Round:
    """`key` is the secret of this round, which the page of a game signs with. `level` is that of a level game."""

    id: str
    at: datetime
    seed: int
    key: str
    level: int = 0


def kept(data: Mapping[str, Any]) -> Round | None:
    """The round that was begun last and not handed in."""
    part = data.get("round")
    return Round(**part | {"at": datetime.fromisoformat(part["at"])}) if part else None


def is_over(begun: Round, now: datetime) -> bool:
    return (now - begun.at).total_seconds() > LASTS


def begin(
    data: Mapping[str, Any], *, most: int | None, now: datetime, chance: Callable[[int], int], level: int = 0
) -> dict[str, Any]:
    """The data with a new round, in place of one that was left. Raises Refused after `most` of them."""
    rounds = int(data.get("rounds", 0))
    if most is not None and rounds >= most:
        raise Refused(NO_ROUNDS)
    begun = {
        "id": f"{chance(2**64):016x}",
        "at": now.isoformat(),
        "seed": chance(SEEDS),
        "key": f"{chance(2**128):032x}",
        "level": level,
    }
    return {**data, "round": begun, "rounds": rounds + 1}


def hand_in(data: Mapping[str, Any], named: Any, *, least: float, now: datetime) -> tuple[Round, dict[str, Any]]:
    """The round that is handed in, and the data in which it is used. Raises Refused.

    `least` is how many seconds it takes at least.
    """
    begun, used = kept(data), data.get("used", [])
    if named in used:
        raise Refused(USED)
    if begun is None:
        raise Refused(NOT_BEGUN)
    if named != begun.id:
        raise Refused(NOT_YOURS)
    if is_over(begun, now):
        raise Refused(OVER)
    if (now - begun.at).total_seconds() < least:
        raise Refused(TOO_FAST)
    left = {key: value for key, value in data.items() if key != "round"}
    return begun, left | {"used": [*used, begun.id][-MOST_USED:]}

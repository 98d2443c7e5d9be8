"""Level game (闯关): levels in their order, each proved. The level that was reached is the stage that names the pool.

{"game": "lights", "levels": 5}: the lamps of the house. The page sends its presses and the server presses them again on
the board that it gave (`campaigns.games.lights`): a level is shown to be solved and not stated.
{"game": "outside", "levels": 5, "url": …, "secret": 1}: the server of the shop's game signs each level with the
secret of the task (`campaigns.games.signing`).

Level n needs level n - 1, which the server knows. With "pass" the task may be ended from that level on, by
{"stop": true}: the stage that was reached then counts, and without it all levels are played. "least_seconds" is how
long each level takes at least. A program can solve lamps; each level then still takes its time and counts once.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.definition import Reward
from campaigns.game_bonuses import shown_bonuses
from campaigns.games import bonuses, game_settings, lights, rounds, signing
from campaigns.games.forms import LevelGameForm
from campaigns.games.rounds import Round
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.refusals import Because, Refused

NOT_SOLVED = Because("level_not_solved", _("This does not solve the level. It does not count."))
LOCKED = Because("level_locked", _("Finish the level before this one first."))
TOO_EARLY = Because("level_stop_too_early", _("Finish more levels before you end the game."))


class LevelGame(Kind):
    LABEL = _("level game")
    GROUP = Group.PLAY
    Form = LevelGameForm
    BEGINS_AGAIN = True

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        return game_settings.level_game_faults(config)

    def target(self, config: Mapping[str, Any]) -> int:
        return int(config.get("pass", config["levels"]))

    def takes(self, config: Mapping[str, Any]) -> Collection[str]:
        return ("round", "level", "moves", "signature", "stop")

    def begin(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Moved:
        """The next level. One that is begun is gone on with, so that nobody asks for easier ones."""
        begun, data = rounds.kept(standing.data), dict(standing.data)
        if begun is None or rounds.is_over(begun, turn.now):
            data = _next(data, turn)
        return Moved(standing.count, data, _round_shown(config, data["round"]))

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        """The payload is {"round": id, "level": n, "moves": text} or with "signature", or {"stop": true}."""
        if payload.get("stop"):
            return _stopped(config, standing)
        level, moves = game_settings.number(payload, "level"), game_settings.text(payload, "moves")
        reached = int(standing.data.get("level", 0))
        begun, data = rounds.hand_in(
            standing.data, payload.get("round"), least=config.get("least_seconds", 1), now=turn.now
        )
        if level != begun.level or level != reached + 1:
            raise Refused(LOCKED)
        _refuse_false(config, begun, moves, payload, turn)
        data |= {"level": level}
        last = level >= config["levels"]
        result = {"level": level, "levels": config["levels"]}
        if not last:
            data = _next(data, turn)
            result["next"] = _round_shown(config, data["round"])
        return Moved(_count(config, level, ended=last), data, result)

    def stage(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> int:
        return int(data.get("level", 0))

    def bonus(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> Reward | None:
        return bonuses.bonus(config, int(data.get("level", 0)))

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        yield from bonuses.rewards(config)

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        begun, reached = rounds.kept(standing.data), int(standing.data.get("level", 0))
        return {
            "game": config["game"],
            "round": None if begun is None or rounds.is_over(begun, turn.now) else begun,
            "address": config.get("url"),
            "reached": reached,
            "levels": config["levels"],
            "all_levels": range(1, config["levels"] + 1),
            "bonuses": shown_bonuses(config),
            "may_stop": "pass" in config and reached >= config["pass"],
        }

    def told(self, config: Mapping[str, Any], result: Mapping[str, Any]) -> str | Promise | None:
        if "next" in result:
            return gettext("Level %(level)d is done. On to the next one!") % result
        return None


def _next(data: Mapping[str, Any], turn: Turn) -> dict[str, Any]:
    return rounds.begin(data, most=None, now=turn.now, chance=turn.chance, level=int(data.get("level", 0)) + 1)


def _count(config: Mapping[str, Any], level: int, *, ended: bool) -> int:
    """The progress: that of a game that may be ended sooner stays below its target while it goes on."""
    if "pass" in config and not ended:
        return min(level, config["pass"] - 1)
    return level


def _stopped(config: Mapping[str, Any], standing: Standing) -> Moved:
    level = int(standing.data.get("level", 0))
    if "pass" not in config or level < config["pass"]:
        raise Refused(TOO_EARLY)
    data = {key: value for key, value in standing.data.items() if key != "round"}
    return Moved(level, data, {"level": level, "levels": config["levels"]})


def _refuse_false(config: Mapping[str, Any], begun: Round, moves: str, payload: Mapping[str, Any], turn: Turn) -> None:
    """Raises Refused unless the moves solve the level, or the game's server signed it."""
    if config["game"] == "outside":
        keys = signing.secrets_of(turn.campaign, turn.task.key, config.get("secret", 1))
        signing.check(keys, payload.get("signature"), begun.id, begun.level, moves)
        return
    try:
        solved = lights.is_solved(begun.seed, begun.level, moves)
    except lights.NotPlayable:
        solved = False
    if not solved:
        raise Refused(NOT_SOLVED)


def _round_shown(config: Mapping[str, Any], begun: Mapping[str, Any]) -> dict[str, Any]:
    """What the API says of a level that was begun."""
    shown = {"round": begun["id"], "level": begun["level"]}
    if config["game"] == "lights":
        return shown | {"seed": begun["seed"], "size": lights.size_of(begun["level"])}
    return shown | ({"url": config["url"]} if "url" in config else {})


KIND = LevelGame()

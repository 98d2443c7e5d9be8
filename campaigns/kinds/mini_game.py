"""Mini game (小游戏): a round begun on the server, a score, and what it brings. The best score of the period counts.

{"game": "catch", "seconds": 30, "pass": 20, "best": 60}: the catch game of the house. The page sends what was played
and the server plays it again (`campaigns.games.catching`): the score is reckoned and not believed.
{"game": "hosted", "url": …, "least_seconds": 10, "most_score": 500, "most_per_second": 10, …}: a page of one's own. It
gets the key of its round and signs round, score and moves with it. Whoever reads that page can sign too; what they gain
is bounded by the limits, which therefore must be there, and by the round's being of use once.
{"game": "outside", "url": …, "secret": 1, …}: the server of the shop's game signs with the secret of the task
(`campaigns.games.signing`); the limits may be given.

A browser game can be cheated: a program may play it. What holds is that each round takes its time, counts once and for
who began it, and that no score beyond what the rules or the limits allow is taken; "rounds" limits how many are played.

"pass" is the score at which the task is done, "best" the one that is 100 percent for `pools`
(`campaigns.result_pools`); "steps" or "per" say what the score brings beside the reward (`campaigns.games.bonuses`).
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.definition import Reward
from campaigns.game_bonuses import shown_bonuses
from campaigns.games import bonuses, catching, game_settings, rounds, signing
from campaigns.games.forms import MiniGameForm
from campaigns.games.rounds import Round
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.refusals import Because, Refused

ALTERED = Because("game_altered", _("This score is not what was played. It does not count."))
NOT_PLAYABLE = Because("game_not_playable", _("This cannot have been played. It does not count."))
BEYOND = Because("game_beyond_limits", _("This score is beyond what can be reached. It does not count."))


class MiniGame(Kind):
    LABEL = _("mini game")
    GROUP = Group.PLAY
    Form = MiniGameForm
    RESULT_POOLS = True
    BEGINS_AGAIN = True

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        return game_settings.mini_game_faults(config)

    def target(self, config: Mapping[str, Any]) -> int:
        return int(config["pass"])

    def takes(self, config: Mapping[str, Any]) -> Collection[str]:
        return ("round", "score", "moves", "signature")

    def begin(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Moved:
        data = rounds.begin(standing.data, most=config.get("rounds"), now=turn.now, chance=turn.chance)
        return Moved(standing.count, data, _round_shown(config, data["round"]))

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        """The payload is {"round": id, "score": n, "moves": text}, of games not played again with "signature"."""
        score = game_settings.number(payload, "score")
        begun, data = rounds.hand_in(standing.data, payload.get("round"), least=_least(config), now=turn.now)
        _refuse_false(begun, score, payload, turn)
        best = max(score, int(data.get("best", 0)))
        result = {"score": score, "best": best, "pass": config["pass"], "passed": best >= config["pass"]}
        if "rounds" in config:
            result["rounds_left"] = config["rounds"] - data["rounds"]
        return Moved(best, data | {"score": score, "best": best}, result)

    def score(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> int:
        return min(int(data.get("best", 0)) * 100 // config["best"], 100)

    def bonus(self, config: Mapping[str, Any], data: Mapping[str, Any]) -> Reward | None:
        return bonuses.bonus(config, int(data.get("best", 0)))

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        yield from bonuses.rewards(config)

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        begun = rounds.kept(standing.data)
        return {
            "game": config["game"],
            "round": None if begun is None or rounds.is_over(begun, turn.now) else begun,
            "seconds": config.get("seconds", game_settings.SECONDS),
            "address": config.get("url"),
            "pass_mark": config["pass"],
            "best": standing.data.get("best"),
            "bonuses": shown_bonuses(config),
            "rounds_left": game_settings.rounds_left(config, standing.data),
        }

    def told(self, config: Mapping[str, Any], result: Mapping[str, Any]) -> str | Promise | None:
        if result.get("passed") is False:
            return gettext("You reached %(score)d, %(pass)d are needed.") % result
        return None


def _least(config: Mapping[str, Any]) -> int:
    """How many seconds a round takes at least: a round of the catch game is played to its end."""
    if config["game"] == "catch":
        return int(config.get("seconds", game_settings.SECONDS))
    return int(config.get("least_seconds", 1))


def _refuse_false(begun: Round, score: int, payload: Mapping[str, Any], turn: Turn) -> None:
    """Raises Refused unless the score was played, or is signed and within the limits."""
    config, moves = turn.config, game_settings.text(payload, "moves")
    if config["game"] == "catch":
        try:
            played = catching.score(begun.seed, config.get("seconds", game_settings.SECONDS), moves)
        except catching.NotPlayable:
            raise Refused(NOT_PLAYABLE) from None
        if played != score:
            raise Refused(ALTERED)
        return
    keys = [begun.key]
    if config["game"] == "outside":
        keys = signing.secrets_of(turn.campaign, turn.task.key, config.get("secret", 1))
    signing.check(keys, payload.get("signature"), begun.id, score, moves)
    seconds = (turn.now - begun.at).total_seconds()
    if score > config.get("most_score", score) or score > config.get("most_per_second", score) * max(seconds, 1):
        raise Refused(BEYOND)


def _round_shown(config: Mapping[str, Any], begun: Mapping[str, Any]) -> dict[str, Any]:
    """What the API says of a round: the seed of a game that is played again, or the key of one that signs."""
    match config["game"]:
        case "catch":
            return {
                "round": begun["id"],
                "seed": begun["seed"],
                "seconds": config.get("seconds", game_settings.SECONDS),
            }
        case "hosted":
            return {"round": begun["id"], "key": begun["key"], "url": config["url"]}
        case _:
            return {"round": begun["id"]} | ({"url": config["url"]} if "url" in config else {})


KIND = MiniGame()

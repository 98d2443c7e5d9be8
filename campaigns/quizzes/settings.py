"""The settings of a quiz beside its questions, and what can be wrong with them."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from campaigns import result_pools
from campaigns.kinds.face import ConfigFault
from campaigns.pool_choice import SCORE
from campaigns.quizzes import questions
from campaigns.quizzes.questions import MOST_SECONDS, is_integer

MOST_ATTEMPTS = 1000
# With one of these a quiz is begun on the server before its questions are shown.
BEGUN_FOR = frozenset({"draw", "shuffle", "seconds", "least_seconds", "video"})
SETTINGS = {"questions", "pass", "pools", "attempts", "draw_per"} | BEGUN_FOR
DRAWN_PER = ("attempt", "period")


def is_begun(config: Mapping[str, Any]) -> bool:
    """Whether a member begins the quiz before it is shown: questions are drawn, or the time counts."""
    return not BEGUN_FOR.isdisjoint(config)


def asked_of(config: Mapping[str, Any]) -> int:
    """How many questions a member is asked."""
    return int(config.get("draw") or len(config["questions"]))


def faults(config: Mapping[str, Any]) -> list[ConfigFault]:
    found = [ConfigFault(str(key), _("A quiz has no such setting.")) for key in config if key not in SETTINGS]
    bank = config.get("questions")
    wrong = questions.faults(bank, video="video" in config)
    found += wrong
    if not isinstance(bank, list) or any(fault.path == "questions" for fault in wrong):
        return found
    if "draw" in config and not is_integer(config["draw"], 1, len(bank)):
        found.append(ConfigFault("draw", _("Questions drawn are a number from 1 to the number of questions.")))
    elif not is_integer(config.get("pass"), 1, asked_of(config)):
        found.append(ConfigFault("pass", _("The pass mark is a number from 1 to the number of questions.")))
    found += _number_faults(config)
    found += _choice_faults(config)
    if not found:
        found += _time_faults(config)
    return found + (result_pools.faults(config["pools"], by=SCORE) if "pools" in config else [])


def _number_faults(config: Mapping[str, Any]) -> Iterator[ConfigFault]:
    if "seconds" in config and not is_integer(config["seconds"], 5, MOST_SECONDS):
        yield ConfigFault("seconds", _("The time for all questions is 5 to 86400 seconds."))
    if "least_seconds" in config and not is_integer(config["least_seconds"], 1, 3600):
        yield ConfigFault("least_seconds", _("The least time is 1 to 3600 seconds."))
    if "attempts" in config and not is_integer(config["attempts"], 1, MOST_ATTEMPTS):
        yield ConfigFault("attempts", _("The attempts are a number from 1 to 1000."))


def _choice_faults(config: Mapping[str, Any]) -> Iterator[ConfigFault]:
    if "shuffle" in config and config["shuffle"] is not True:
        yield ConfigFault("shuffle", _("Whether choices are shuffled is true, or is left out."))
    if "draw_per" in config and (config["draw_per"] not in DRAWN_PER or "draw" not in config):
        yield ConfigFault("draw_per", _("Questions are drawn for each attempt or for each period."))
    if "video" in config and not _is_video(config["video"]):
        yield ConfigFault("video.url", _("A video needs an address that begins with https:// or with /."))


def _is_video(video: Any) -> bool:
    if not isinstance(video, Mapping) or set(video) != {"url"} or not isinstance(video["url"], str):
        return False
    url = video["url"]
    if url.startswith("/"):
        return not url.startswith("//")
    return url.startswith("https://") and bool(urlsplit(url).hostname)


def _time_faults(config: Mapping[str, Any]) -> Iterator[ConfigFault]:
    seconds = config.get("seconds")
    if seconds is None:
        return
    if config.get("least_seconds", 0) >= seconds:
        yield ConfigFault("least_seconds", _("The least time is shorter than the time for all questions."))
    if "video" in config and max(each["at"] for each in config["questions"]) >= seconds:
        yield ConfigFault("seconds", _("The time is over before the last question of the video is asked."))

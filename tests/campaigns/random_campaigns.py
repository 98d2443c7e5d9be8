"""Campaigns of any shape that may be published, as files."""

from random import Random
from typing import Any

from tests.campaigns.scenes import campaign_file, chain, task

LEVELS = ("new", "old")
AUDIENCES: tuple[dict[str, Any], ...] = ({}, {}, {}, {"levels": ["new"]}, {"levels": ["old"]})


def random_campaign(chance: Random) -> dict[str, Any]:
    """Return the file of a campaign: up to three tasks in a chain, one to three that stand alone."""
    chained = [f"t{number}" for number in range(chance.randint(0, 3))]
    alone = [f"t{number}" for number in range(len(chained), len(chained) + chance.randint(1, 3))]
    # One step at least is everybody's.
    falls_away = {key for key in chained[1:] if chance.random() < 0.4}
    steps = [{"task": key, "skip": {"levels": ["old"]}} if key in falls_away else key for key in chained]
    whose: dict[str, Any] = {} if chance.random() < 0.7 else {"levels": ["old"]}
    path = chain("path", audience=whose, reward={"points": 10**6, "chances": 1}) | {"steps": steps}
    if chance.random() < 0.5:
        path["within"] = 30
    return campaign_file(
        tasks=[random_task(chance, key, whose if key in chained else None) for key in (*chained, *alone)],
        chains=[path] if steps else [],
        time_zone=chance.choice(["", "Asia/Shanghai", "America/New_York", "Pacific/Apia"]),
        features={"fraud": {"device_accounts": 1}} if chance.random() < 0.5 else {},
    )


def random_task(chance: Random, key: str, in_chain: dict[str, Any] | None) -> dict[str, Any]:
    """Return a task whose reward is worth another number of points than any other's.

    `in_chain` is the audience of its chain, None for one that stands alone.
    """
    number = int(key.removeprefix("t"))
    mode = chance.choice(["automatic", "automatic", "by_hand", "accept_first"])
    parts: dict[str, Any] = {
        "period": chance.choice(["once", "once", "daily", "weekly", "monthly", "times"]),
        "claim_mode": mode,
        "audience": chance.choice(AUDIENCES) if in_chain is None else {},
        "reward": {"points": 10**number, "chances": chance.randint(0, 1), "score": number + 1},
    }
    if parts["period"] == "times":
        parts["times"] = chance.randint(1, 3)
    if mode == "accept_first":
        parts["finish_within"] = chance.choice([30, 60 * 30])
    if mode != "automatic" and chance.random() < 0.5:
        parts["claim_within"] = 24
    if chance.random() < 0.5:
        parts["quotas"] = random_quotas(chance, in_chain or parts["audience"])
    if in_chain is None and chance.random() < 0.33:
        parts["slot"] = "place"
    return task(key, chance.choice(["checkin", "checkin", "checkin", "quiz", "purchase"]), **parts)


def random_quotas(chance: Random, audience: dict[str, Any]) -> list[dict[str, Any]]:
    """Return up to two quotas, each of another period, for some whom the task is for."""
    some = [{}, audience] if audience else AUDIENCES
    periods = chance.sample(["all", "day", "week"], chance.randint(1, 2))
    return [{"quota": chance.randint(1, 3), "per": per, "audience": chance.choice(some)} for per in periods]

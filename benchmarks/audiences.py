"""The evaluator alone: 500 audiences for one member, as a shop with 50 campaigns of 10 tasks has them."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter

from benchmarks.report import Figure
from campaigns.admission import Subject, compiled
from campaigns.definition import Audience

AUDIENCES = 500
ROUNDS = 200


def measure() -> list[Figure]:
    """Return the milliseconds of 500 answers; the floor is as many calls of a function that asks nothing."""
    chance = random.Random(6)
    subject = a_subject(chance)
    checks = [compiled(an_audience(chance)) for _ in range(AUDIENCES)]
    least: list[Callable[[Subject], None]] = [lambda _subject: None] * AUDIENCES
    answered = min(_timed(checks, subject) for _ in range(ROUNDS)) * 1000
    floor = min(_timed(least, subject) for _ in range(ROUNDS)) * 1000
    return [Figure("500 audiences for one member", answered, floor, None, "lower", "ms")]


def a_subject(chance: random.Random) -> Subject:
    """A member with a level, 12 tags and 20 segments."""
    return Subject(
        member_id=1,
        uid="u1",
        now=datetime(2026, 11, 22, tzinfo=UTC),
        level="growth",
        tags=frozenset(f"g{chance.randrange(8)}.t{chance.randrange(12)}" for _ in range(12)),
        segments=frozenset(f"s{number}" for number in range(20)),
        score=60,
    )


def an_audience(chance: random.Random) -> Audience:
    """One that asks for level, tags (any, all, none), segments (in, not in) and score, as operators mix them."""

    def some(prefix: str, most: int) -> frozenset[str]:
        return frozenset(f"{prefix}{chance.randrange(60)}" for _ in range(chance.randrange(1, most)))

    tags = frozenset(f"g{chance.randrange(8)}.t{chance.randrange(12)}" for _ in range(4))
    return Audience(
        levels=frozenset({"growth", "paid"}),
        tags_any=tags,
        tags_none=frozenset({"risk.cheat"}),
        segments_in=some("s", 30),
        segments_not_in=frozenset({"s77"}),
        score_from=50,
    )


def _timed(checks: list[Callable[[Subject], object]], subject: Subject) -> float:
    begun = perf_counter()
    for check in checks:
        check(subject)
    return perf_counter() - begun

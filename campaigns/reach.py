"""Whether audiences can be met at all, and whether one takes everyone from another. Pure.

Only what the definitions themselves say: which members there are is not looked at.
"""

from collections.abc import Iterable
from enum import StrEnum

from campaigns.definition import Audience


class Contradiction(StrEnum):
    LEVELS = "levels"
    TAGS = "tags"
    SEGMENTS = "segments"
    SCORE = "score"


def contradictions(*audiences: Audience) -> list[Contradiction]:
    """Why no member can be in all of these audiences at once; empty when some could be."""
    found = {
        Contradiction.LEVELS: _levels_contradict(audiences),
        Contradiction.TAGS: _tags_contradict(audiences),
        Contradiction.SEGMENTS: _segments_contradict(audiences),
        Contradiction.SCORE: _score_contradicts(audiences),
    }
    return [contradiction for contradiction, held in found.items() if held]


def _levels_contradict(audiences: Iterable[Audience]) -> bool:
    asked = [each.levels for each in audiences if each.levels]
    return bool(asked) and not frozenset.intersection(*asked)


def _tags_contradict(audiences: Iterable[Audience]) -> bool:
    audiences = tuple(audiences)
    none = frozenset[str]().union(*(each.tags_none for each in audiences))
    every = frozenset[str]().union(*(each.tags_all for each in audiences))
    return bool(every & none) or any(each.tags_any and each.tags_any <= none for each in audiences)


def _segments_contradict(audiences: Iterable[Audience]) -> bool:
    audiences = tuple(audiences)
    outside = frozenset[str]().union(*(each.segments_not_in for each in audiences))
    return any(each.segments_in and each.segments_in <= outside for each in audiences)


def _score_contradicts(audiences: Iterable[Audience]) -> bool:
    audiences = tuple(audiences)
    least = max((each.score_from for each in audiences if each.score_from is not None), default=0)
    below = min((each.score_below for each in audiences if each.score_below is not None), default=None)
    return below is not None and least >= below


def covers(wider: Audience, *narrower: Audience) -> bool:
    """Tell whether everyone who is in all of `narrower` is also in `wider`."""
    return all(
        (
            _covers_any(wider.levels, [each.levels for each in narrower]),
            _covers_any(wider.tag_groups, [each.tag_groups for each in narrower]),
            _covers_any(wider.tags_any, [each.tags_any for each in narrower])
            or any(each.tags_all & wider.tags_any for each in narrower),
            wider.tags_all <= frozenset[str]().union(*(each.tags_all for each in narrower)),
            wider.tags_none <= frozenset[str]().union(*(each.tags_none for each in narrower)),
            _covers_any(wider.segments_in, [each.segments_in for each in narrower]),
            wider.segments_not_in <= frozenset[str]().union(*(each.segments_not_in for each in narrower)),
            _covers_score(wider, narrower),
        )
    )


def _covers_any(wider: frozenset[str], narrower: Iterable[frozenset[str]]) -> bool:
    return not wider or any(each and each <= wider for each in narrower)


def _covers_score(wider: Audience, narrower: Iterable[Audience]) -> bool:
    narrower = tuple(narrower)
    least = max((each.score_from for each in narrower if each.score_from is not None), default=0)
    below = [each.score_below for each in narrower if each.score_below is not None]
    from_below = (wider.score_from or 0) <= least
    return from_below and (wider.score_below is None or (bool(below) and min(below) <= wider.score_below))

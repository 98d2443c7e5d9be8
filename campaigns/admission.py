"""What is known of a member, and whether an audience admits them. Pure: it never queries.

An audience asks for level, tag group, tags (any, all, none), segments (in, not in) and campaign score, in this order:
the first that refuses is the reason. Nothing else interprets an audience.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.definition import Audience
from campaigns.refusals import Refusal


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A member's standing with one task, in the period that `Subject.now` falls in. Facts exist once it is begun.

    `period` is its key, "" where nobody asked for it; of a task that is done several times it names the next time, and
    `before` counts those that are over. `finish_until` and `claim_until` are its deadlines, `held` that the reward is
    being checked, `denied` that it was checked and is not given.
    """

    count: int = 0
    data: Mapping[str, object] | None = None
    completed: bool = False
    rewarded: bool = False
    period: str = ""
    begun: bool = True
    before: int = 0
    finish_until: datetime | None = None
    claim_until: datetime | None = None
    held: bool = False
    denied: bool = False


NO_FACTS = TaskFacts(begun=False)
NOTHING: Mapping[str, TaskFacts] = {}
NO_CHANCES: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Subject:
    """One member's facts for one campaign, loaded once for a decision. `paused` and `ended` are the campaign's."""

    member_id: int
    uid: str
    now: datetime
    level: str | None
    tags: frozenset[str]
    segments: frozenset[str]
    score: int = 0
    chances: int = 0
    # Which pool they are for → how many (`campaigns.pool_choice`). They come to `chances`; not given, all are in "".
    chances_by_bucket: Mapping[str, int] = field(default_factory=dict)
    tasks: Mapping[str, TaskFacts] | None = None
    # chain key → number of steps done
    chains: Mapping[str, int] | None = None
    # chain key → when its first step was done
    chains_since: Mapping[str, datetime] | None = None
    # (task key, key of a quota) → how often it was done by all: those that are full.
    full: Mapping[tuple[str, str], int] | None = None
    enrolled: bool = False
    paused: bool = False
    ended: bool = False
    # Draws that the member's level brings and that were not given yet: key of the period, and how many.
    level_chances: tuple[str, int] | None = None
    # Worked out from `tags` when it is not given.
    tag_groups: frozenset[str] | None = None
    profiling_refused: bool = False

    def __post_init__(self) -> None:
        if self.tag_groups is None:
            object.__setattr__(self, "tag_groups", groups_of(self.tags))
        if self.chances and not self.chances_by_bucket:
            object.__setattr__(self, "chances_by_bucket", {"": self.chances})


def groups_of(tags: frozenset[str]) -> frozenset[str]:
    """The tag groups in which a member with these tags carries one."""
    return frozenset(tag.partition(".")[0] for tag in tags)


Check = Callable[[Subject], Refusal | None]


def refusal_by(audience: Audience, subject: Subject) -> Refusal | None:
    """Why the audience does not admit the member, or None."""
    return compiled(audience)(subject)


def compiled(audience: Audience) -> Check:
    """The audience as a closure over the parts that ask for something, in the order in which they refuse."""
    checks = tuple(check for _, check in checks_of(audience))
    if not checks:
        return _admit
    if len(checks) == 1:
        return checks[0]

    def check(subject: Subject) -> Refusal | None:
        for each in checks:
            if refusal := each(subject):
                return refusal
        return None

    return check


def _admit(_subject: Subject) -> None:
    return None


def checks_of(audience: Audience) -> tuple[tuple[str, Check], ...]:
    """The parts of the audience that ask for something, by name, each with its check, in refusing order.

    Whoever explains a refusal asks these one by one (`campaigns.explaining`): an audience is read in one place only.
    """
    parts: list[tuple[str, Check]] = []
    if levels := audience.levels:
        parts.append(("levels", lambda s: None if s.level in levels else Refusal.LEVEL))
    if groups := audience.tag_groups:
        by_group = _by_profile(lambda s: Refusal.TAG_GROUP if groups.isdisjoint(s.tag_groups or ()) else None)
        parts.append(("tag_groups", by_group))
    if any_of := audience.tags_any:
        parts.append(
            ("tags_any", _by_profile(lambda s: Refusal.TAGS_ANY if any_of.isdisjoint(s.tags) else None)),
        )
    if all_of := audience.tags_all:
        parts.append(("tags_all", _by_profile(lambda s: None if all_of <= s.tags else Refusal.TAGS_ALL)))
    if audience.tags_none:
        parts.append(("tags_none", _none_of(audience)))
    if inside := audience.segments_in:
        parts.append(
            ("segments_in", _by_profile(lambda s: Refusal.SEGMENT_IN if inside.isdisjoint(s.segments) else None)),
        )
    if outside := audience.segments_not_in:
        parts.append(
            (
                "segments_not_in",
                lambda s: None if s.profiling_refused or outside.isdisjoint(s.segments) else Refusal.SEGMENT_NOT_IN,
            )
        )
    if (least := audience.score_from) is not None:
        parts.append(("score_from", lambda s: None if s.score >= least else Refusal.SCORE))
    if (below := audience.score_below) is not None:
        parts.append(("score_below", lambda s: None if s.score < below else Refusal.SCORE))
    return tuple(parts)


def _by_profile(check: Check) -> Check:
    """What asks for tags or segments admits nobody who has refused to be picked by them."""
    return lambda s: Refusal.PROFILING_REFUSED if s.profiling_refused else check(s)


def _none_of(audience: Audience) -> Check:
    none_of = audience.tags_none
    return lambda s: None if none_of.isdisjoint(s.tags) else Refusal.TAGS_NONE


def compiled_for_begun(audience: Audience) -> Check:
    """What is asked again of a member who has begun: nothing but the tags that shut out."""
    return _none_of(audience) if audience.tags_none else _admit

"""Which prize pool a member's next draw is from, and why (R3). Pure: it never queries.

A pool that asks for a level, a tag group, tags or a segment is an *identity* pool; all that it asks for is needed at
once. One that asks for none of these is a *score* pool if it asks for a range of the campaign score, and else one for
*everyone*. Shutting tags or segments out is no identity: so a pool of a score without the cheats stays a pool of a
score. A *named only* pool is no part of the ordinary choice. The ordinary choice:

1. The campaign's own refusal refuses the draw.
2. The score gate: where there are pools of a score or for everyone and none of their ranges holds the member's score,
   there is no draw, even if an identity pool would admit the member.
3. The identity pools, in their order: the first that admits overrides the pool of the score.
4. The pools of a score and for everyone, in their order: the first that admits.
5. None: each pool is named with its own refusal.

The order of the pools decides, and not when a member got a tag. `by` says by which level, tag or segment the pool
admitted: of several the one that the pool lists first.

A chance may name its pool. It says so by its bucket (`rewards.models.Chances`):

- "" is for the pool of the ordinary choice;
- "task:POOL", from the reward of a task or a chain, is for exactly that pool, if its audience admits;
- "stage:POOL", from the stage that was reached in a game, likewise;
- "score:POOL", from the result of a quiz or a game, is for the first identity pool that admits, which overrides it, or
  else for that pool. The result takes the place of the campaign score, which the pool is not asked for again; a result
  below the ranges brought no chance in the first place (`campaigns.result_pools`).

Where the pool named is not offered any more or does not admit, the ordinary choice takes its place and `passed_over`
says why. Chances of named pools are drawn first (task, score, stage; each by the alphabet), then those of "".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol, TypeVar

from campaigns.admission import Check, Subject, compiled
from campaigns.definition import Audience, Pool
from campaigns.listed import first_of
from campaigns.refusals import Refusal, Refused

MOST_KEPT = 4096
ORDINARY = ""
TASK, SCORE, STAGE = "task", "score", "stage"
SOURCES = {TASK: 0, SCORE: 1, STAGE: 2}
Answers = Sequence[Refusal | None]
By = tuple[tuple[str, str], ...]


class PoolKind(StrEnum):
    IDENTITY = "identity"
    SCORE = "score"
    EVERYONE = "everyone"
    NAMED_ONLY = "named_only"


class Why(StrEnum):
    """By what the pool is the member's: who they are, their campaign score, nothing, or what named it."""

    IDENTITY = "identity"
    SCORE = "score"
    EVERYONE = "everyone"
    NAMED_ONLY = "named_only"
    TASK = "task"
    RESULT = "result"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class DrawChoice:
    """The pool that the chances of a bucket are for, or `refusal`: why there is none.

    `by` are (part of the audience, key) by which it admitted; `refusals` every pool of the ordinary choice that does
    not admit the member; `passed_over` why the pool that the bucket names is not the one; `score_needed` the next
    campaign score that passes the gate. `chances` are those left.
    """

    bucket: str
    pool: Pool | None
    why: Why | None = None
    by: By = ()
    refusal: Refusal | None = None
    refusals: tuple[tuple[Pool, Refusal], ...] = ()
    passed_over: Refusal | None = None
    score_needed: int | None = None
    chances: int = 0

    @property
    def named(self) -> str:
        """The key of the pool that the bucket names; "" for the ordinary choice."""
        return self.bucket.partition(":")[2]


def bucket_of(source: str, pool: str) -> str:
    """The bucket of chances whose pool was named by a task, a score or a stage."""
    return f"{source}:{pool}"


class Offered(Protocol):
    """A pool as a campaign offers it, published or in the draft."""

    @property
    def audience(self) -> Audience: ...

    @property
    def named_only(self) -> bool: ...


AnOffer = TypeVar("AnOffer", bound=Offered)


def kind_of(pool: Offered) -> PoolKind:
    if pool.named_only:
        return PoolKind.NAMED_ONLY
    audience = pool.audience
    if asks_who_one_is(audience):
        return PoolKind.IDENTITY
    bounds = (audience.score_from, audience.score_below)
    return PoolKind.EVERYONE if bounds == (None, None) else PoolKind.SCORE


def asks_who_one_is(audience: Audience) -> bool:
    """Whether it asks for a level, a tag group, tags or a segment; shutting some out is not asking for one."""
    return bool(
        audience.levels or audience.tag_groups or audience.tags_any or audience.tags_all or audience.segments_in
    )


def in_choosing_order(pools: Sequence[AnOffer]) -> list[AnOffer]:
    """The pools of the ordinary choice as they are asked: those of an identity first."""
    ordinary = [pool for pool in pools if not pool.named_only]
    return sorted(ordinary, key=lambda pool: kind_of(pool) is not PoolKind.IDENTITY)


def admitted_by(audience: Audience, subject: Subject) -> By:
    """By which level, tag or segment an audience that admits the member does so: of several the one listed first."""
    held = {
        "levels": frozenset({subject.level}) if subject.level else frozenset[str](),
        "tag_groups": subject.tag_groups or frozenset[str](),
        "tags_any": subject.tags,
        "tags_all": subject.tags,
        "segments_in": subject.segments,
    }
    found = ((part, first_of(getattr(audience, part), names)) for part, names in held.items())
    return tuple((part, key) for part, key in found if key is not None)


def _is_ambiguous(audience: Audience) -> bool:
    """Whether members whom it admits may be admitted by different names."""
    return any(
        len(part) > 1 for part in (audience.levels, audience.tag_groups, audience.tags_any, audience.segments_in)
    )


class PoolChooser:
    """A campaign's pools compiled. Each takes (member, answers): what each audience answered, at the pool's `place`."""

    def __init__(self, pools: Sequence[Pool], place_of: Mapping[int, int]) -> None:
        """`place_of` is id(pool) → place among the answers."""
        placed = [(pool, place_of[id(pool)]) for pool in pools]
        self._by_slug = {pool.slug: (pool, place) for pool, place in placed}
        self._ordinary = [(pool, place) for pool, place in placed if not pool.named_only]
        self._identity = [each for each in self._ordinary if kind_of(each[0]) is PoolKind.IDENTITY]
        self._scored = [each for each in self._ordinary if each not in self._identity]
        self._ranges = [(pool.audience.score_from or 0, pool.audience.score_below) for pool, _ in self._scored]
        self._whatever_score: dict[str, Check] = {}
        self._kept: dict[tuple[tuple[Refusal | None, ...], int | None, int, By], DrawChoice] = {}
        # Members with the same answers may then still be told different things.
        self.is_ambiguous = any(_is_ambiguous(pool.audience) for pool, _ in self._identity)

    def by(self, subject: Subject, answers: Answers) -> By:
        """By what an identity pool admits the member; () where none does."""
        found = self._first(self._identity, answers)
        return admitted_by(found.audience, subject) if found else ()

    def ordinary(self, subject: Subject, answers: Answers) -> DrawChoice:
        """The ordinary choice. It is kept for the next member with the same answers (2 µs instead of 10)."""
        chances = subject.chances_by_bucket.get(ORDINARY, 0)
        gated = subject.score if self._ranges and self._shut_out(subject.score) else None
        key = (tuple(answers), gated, chances, self.by(subject, answers) if self.is_ambiguous else ())
        choice = self._kept.get(key)
        if choice is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            choice = self._kept[key] = self._ordinary_choice(subject, answers, chances, is_shut_out=gated is not None)
        return choice

    def _ordinary_choice(self, subject: Subject, answers: Answers, chances: int, *, is_shut_out: bool) -> DrawChoice:
        refusals = tuple([(pool, refusal) for pool, place in self._ordinary if (refusal := answers[place])])
        if is_shut_out:
            own = dict(refusals)
            return DrawChoice(
                ORDINARY,
                None,
                refusal=Refusal.SCORE_GATE,
                refusals=tuple((pool, own.get(pool) or Refusal.SCORE_GATE) for pool, _ in self._ordinary),
                score_needed=min((least for least, _ in self._ranges if least > subject.score), default=None),
                chances=chances,
            )
        pool = self._first(self._identity, answers) or self._first(self._scored, answers)
        if pool is None:
            return DrawChoice(ORDINARY, None, refusal=Refusal.NO_POOL, refusals=refusals, chances=chances)
        return self._chosen(ORDINARY, pool, Why(kind_of(pool)), subject, refusals=refusals, chances=chances)

    def choose(self, bucket: str, ordinary: DrawChoice, subject: Subject, answers: Answers) -> DrawChoice:
        """The pool of the chances in a bucket. `ordinary` is what `self.ordinary` said."""
        source, _, slug = bucket.partition(":")
        chances = subject.chances_by_bucket.get(bucket, 0)
        if source == SCORE and (identity := self._first(self._identity, answers)):
            return self._chosen(bucket, identity, Why.IDENTITY, subject, chances=chances)
        pool, refused = self._named(source, slug, subject, answers)
        if pool is None or refused:
            return replace(ordinary, bucket=bucket, chances=chances, passed_over=refused or Refusal.NO_POOL)
        why = {TASK: Why.TASK, SCORE: Why.RESULT, STAGE: Why.STAGE}[source]
        return self._chosen(bucket, pool, why, subject, chances=chances)

    def _named(self, source: str, slug: str, subject: Subject, answers: Answers) -> tuple[Pool | None, Refusal | None]:
        if source not in SOURCES or slug not in self._by_slug:
            return None, None
        pool, place = self._by_slug[slug]
        return pool, self._but_for_score(pool)(subject) if source == SCORE else answers[place]

    def _but_for_score(self, pool: Pool) -> Check:
        if pool.slug not in self._whatever_score:
            asked = replace(pool.audience, score_from=None, score_below=None)
            self._whatever_score[pool.slug] = compiled(asked)
        return self._whatever_score[pool.slug]

    def _shut_out(self, score: int) -> bool:
        return not any(least <= score and (below is None or score < below) for least, below in self._ranges)

    @staticmethod
    def _first(pools: Sequence[tuple[Pool, int]], answers: Answers) -> Pool | None:
        for pool, place in pools:
            if answers[place] is None:
                return pool
        return None

    @staticmethod
    def _chosen(  # noqa: PLR0913 a choice is what it says
        bucket: str,
        pool: Pool,
        why: Why,
        subject: Subject,
        *,
        chances: int,
        refusals: tuple[tuple[Pool, Refusal], ...] = (),
    ) -> DrawChoice:
        by = admitted_by(pool.audience, subject) if asks_who_one_is(pool.audience) else ()
        return DrawChoice(bucket, pool, why, by, refusals=refusals, chances=chances)


def drawing_order(bucket: str) -> tuple[int, str]:
    """Chances of named pools are drawn first; those of the ordinary choice last."""
    return SOURCES.get(bucket.partition(":")[0], len(SOURCES)), bucket or "~"


def next_draw(ordinary: DrawChoice, choices: Sequence[DrawChoice]) -> DrawChoice:
    """What the next draw is from, of the choices for all chances left; without any, what it would be from."""
    return next((choice for choice in choices if choice.pool), ordinary)


def version_and_bucket(
    ordinary: DrawChoice, choices: Sequence[DrawChoice], pool: str | None, *, pay: bool
) -> tuple[int, str]:
    """The pool version and the bucket that a request draws from. Raises Refused. Points buy a draw of "" alone."""
    choice = asked_for(ordinary, choices, pool) if pool or not pay else ordinary
    if pay and choice.pool != ordinary.pool:
        raise Refused(ordinary.refusal or Refusal.NOT_FOR_POINTS)
    if pay:
        choice = ordinary
    if choice.pool is None:
        raise Refused(choice.refusal or Refusal.NO_POOL)
    return choice.pool.version_id, choice.bucket


def asked_for(ordinary: DrawChoice, choices: Sequence[DrawChoice], pool: str | None) -> DrawChoice:
    """The choice that a request is for: the next draw, or the first from the pool that it names.

    Raises Refused, by the member's own refusal or since none of the choices is that pool.
    """
    if pool is None:
        return next_draw(ordinary, choices)
    found = next((each for each in (*choices, ordinary) if each.pool and each.pool.slug == pool), None)
    if found is None:
        raise Refused(ordinary.refusal or Refusal.NO_POOL)
    return found

"""What is given for a task or a chain that is done: the one way from a campaign to value. Each once, by its key."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from campaigns import kinds, result_pools, scoring, taking_part
from campaigns.definition import Campaign, Chain, Reward, Task
from campaigns.entering import Play, scope_of
from campaigns.kinds.face import Turn
from campaigns.models import Enrolment
from campaigns.pool_choice import ORDINARY, TASK, bucket_of
from members import locking
from rewards import granting
from segmentation import participation_tags


@dataclass(frozen=True, slots=True)
class Earned:
    """What a task gives for what was done: its own reward, whose chances are for `bucket`, and the kind's bonus."""

    reward: Reward
    bucket: str = ORDINARY
    bonus: Reward | None = None

    @property
    def may_run_out(self) -> bool:
        """Whether a gift is among it, of which there may be none left."""
        return bool(self.reward.gift or (self.bonus and self.bonus.gift))

    @property
    def tags(self) -> bool:
        return bool(self.reward.tag or (self.bonus and self.bonus.tag))

    @property
    def total(self) -> Reward:
        """Both together, as the member is told. Of two gifts, tags or pools the bonus's is named."""
        if self.bonus is None:
            return self.reward
        counts = {name: getattr(self.reward, name) + getattr(self.bonus, name) for name in _COUNTS}
        names = {name: getattr(self.bonus, name) or getattr(self.reward, name) for name in ("gift", "tag", "pool")}
        return Reward(**counts, **names)


_COUNTS = ("points", "growth", "chances", "score")


def earned(task: Task, data: Mapping[str, Any]) -> Earned:
    """The reward of a task by what was noted of it. Where the result names the pool, a low one earns no chance."""
    kind = kinds.find(task.kind)
    reward, bonus = task.reward, kind.bonus(task.config, data)
    pools = task.config.get("pools")
    if not pools:
        return Earned(reward, bucket_for(reward), bonus)
    bucket = result_pools.bucket_for(pools, score=kind.score(task.config, data), stage=kind.stage(task.config, data))
    if bucket is None:
        return Earned(replace(reward, chances=0), ORDINARY, bonus)
    return Earned(replace(reward, pool=bucket.partition(":")[2]), bucket, bonus)


def bucket_for(reward: Reward) -> str:
    """Which pool the chances of a reward are for."""
    return bucket_of(TASK, reward.pool) if reward.pool else ORDINARY


def give(play: Play, turn: Turn, what: Earned) -> None:
    """Give what a task gives, behind the enrolment's lock. Raises OutOfGifts; then nothing is given."""
    if taking_part.locks_member(play.definition):
        # Before any accounts: a score may bring a tag, and a bonus may bring it after chances.
        locking.lock_by_id([turn.member_id])
    key = f"task:{turn.campaign}:{turn.task.key}:{turn.period}:{turn.member_id}"
    bonus, title = what.bonus, turn.task.title
    if bonus and not (bonus.gift or bonus.tag) and bucket_for(bonus) == what.bucket:
        # One grant instead of two: a bonus is most often more of the same.
        total = replace(what.total, pool=what.reward.pool)
        give_reward(play.definition, play.enrolment, total, bucket=what.bucket, key=key, title=title, now=play.now)
        return
    give_reward(play.definition, play.enrolment, what.reward, bucket=what.bucket, key=key, title=title, now=play.now)
    if bonus:
        bucket, more = bucket_for(bonus), f"{key}:bonus"
        give_reward(play.definition, play.enrolment, bonus, bucket=bucket, key=more, title=title, now=play.now)


def give_chain(definition: Campaign, chain: Chain, member_id: int, *, now: datetime) -> None:
    """Give a chain's reward once. Raises OutOfGifts."""
    enrolment = Enrolment(member_id=member_id)
    bucket, key = bucket_for(chain.reward), chain_key(definition, chain, member_id)
    give_reward(definition, enrolment, chain.reward, bucket=bucket, key=key, title=chain.title, now=now)


def chain_key(definition: Campaign, chain: Chain, member_id: int) -> str:
    return f"chain:{definition.slug}:{chain.key}:{member_id}"


def give_reward(  # noqa: PLR0913 a grant says what, to whom, why and when
    definition: Campaign,
    enrolment: Enrolment,
    reward: Reward,
    *,
    key: str,
    title: str,
    now: datetime,
    bucket: str | None = None,
) -> None:
    """Give a reward to who takes part, once per key but for the score, which whoever calls gives once.

    `title` says for what. Raises OutOfGifts; then nothing is given.
    """
    if reward.score:
        after = scoring.add(enrolment.pk, reward.score, now=now)
        taking_part.scored(definition, enrolment, before=after - reward.score, after=after, now=now)
    if reward.tag is not None:
        # Before the accounts: it locks the member, and members come first everywhere.
        participation_tags.give_tag(enrolment.member_id, reward.tag, campaign=definition.slug, now=now)
    granting.grant(
        enrolment.member_id,
        points=reward.points,
        growth=reward.growth,
        chances=reward.chances,
        gift=reward.gift,
        bucket=bucket_for(reward) if bucket is None else bucket,
        key=key,
        scope=scope_of(definition),
        reason=f"{definition.name}: {title}"[:200],
        now=now,
    )

"""What the API says of decisions and moves. It decides nothing and queries nothing."""

from dataclasses import dataclass
from typing import Any

import orjson

from campaigns import posted
from campaigns.completing import TaskMoved
from campaigns.definition import Campaign, Reward
from campaigns.eligibility import CampaignDecision, ChainDecision, TaskDecision
from campaigns.pool_choice import DrawChoice
from campaigns.refusals import Refusal
from campaigns.wordings import wording
from rewards.drawing import Drawn

MOST_KEPT = 8192


@dataclass(frozen=True, slots=True)
class Kept:
    """What a decision comes to as bytes, kept with it: as long as it is here, its id is given to no other."""

    decision: CampaignDecision
    told: bytes
    fragment: orjson.Fragment


_kept: dict[tuple[int, str, str], Kept] = {}


def campaign(definition: Campaign, decision: CampaignDecision, site: str) -> dict[str, Any]:
    """One campaign for one member. A task is in `tasks` or a step of one of `chains`, never both.

    `site` is the site's own address, such as "https://shop.example", for those in the poster.
    """
    next_draw = draw(decision.draw)
    return {
        "campaign": definition.slug,
        "name": definition.name,
        "revision": definition.revision,
        "eligible": decision.refusal is None,
        "reason": reason(decision.refusal),
        "score": decision.score,
        "chances": decision.chances,
        "pool": decision.pool.slug if decision.pool else None,
        "draw": next_draw,
        "draws": [next_draw if each is decision.draw else draw(each) for each in decision.draws],
        "tasks": [task(each) for each in decision.tasks],
        "chains": [chain(each) for each in decision.chains],
        "poster": posted.poster(definition, site),
    }


def campaign_again(definition: Campaign, decision: CampaignDecision, language: str, site: str) -> Kept:
    """The same as bytes, kept for the next member who gets this very decision.

    Only for decisions of members of whom nothing is known in the campaign: `eligibility` hands the same object to all
    of them.
    """
    key = (id(decision), language, site)
    kept = _kept.get(key)
    if kept is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        told = orjson.dumps(campaign(definition, decision, site))
        kept = _kept[key] = Kept(decision, told, orjson.Fragment(told))
    return kept


def member_before(uid: str, campaign_told: bytes, *, known: bool) -> orjson.Fragment:
    """One campaign for one member, as a list of many members has it: the uid comes first."""
    flag = b"true" if known else b"false"
    return orjson.Fragment(b'{"uid":%b,"known":%b,%b' % (orjson.dumps(uid), flag, campaign_told[1:]))


def draw(choice: DrawChoice) -> dict[str, Any]:
    """What the chances of a bucket are for, and why: `refusals` are those of every pool that does not admit."""
    return {
        "bucket": choice.bucket,
        "chances": choice.chances,
        "pool": choice.pool.slug if choice.pool else None,
        "price": choice.pool.price if choice.pool else None,
        "stage": choice.pool.stage if choice.pool else None,
        "why": choice.why.value if choice.why else None,
        "by": dict(choice.by),
        "reason": reason(choice.refusal),
        "refusals": [{"pool": pool.slug} | (reason(refusal) or {}) for pool, refusal in choice.refusals],
        "passed_over": reason(choice.passed_over),
        "score_needed": choice.score_needed,
    }


def reason(refusal: Refusal | None) -> dict[str, str] | None:
    return {"code": refusal.value, "message": wording(refusal)} if refusal else None


def task(decision: TaskDecision) -> dict[str, Any]:
    return {
        "key": decision.task.key,
        "title": decision.task.title,
        "kind": decision.task.kind,
        "state": decision.state.value,
        "reason": reason(decision.refusal),
        "count": decision.count,
        "target": decision.target,
        "times": {"over": decision.before, "of": decision.task.times} if decision.task.times else None,
        "until": decision.until,
    }


def chain(decision: ChainDecision) -> dict[str, Any]:
    return {
        "key": decision.chain.key,
        "title": decision.chain.title,
        "reason": reason(decision.refusal),
        "done": decision.done,
        "finished": decision.finished,
        "until": decision.until,
        "steps": [task(step) for step in decision.steps],
    }


def moved(task_moved: TaskMoved) -> dict[str, Any]:
    return {
        "task": task_moved.task.key,
        "state": task_moved.state.value,
        "reason": reason(task_moved.refusal),
        "count": task_moved.count,
        "target": task_moved.target,
        "completed": task_moved.completed,
        "until": task_moved.until.isoformat() if task_moved.until else None,
        "result": dict(task_moved.result),
        "reward": reward(task_moved.reward),
        "unlocked": task_moved.unlocked,
        "chain_reward": reward(task_moved.chain_reward),
    }


def reward(given: Reward | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {
        "points": given.points,
        "growth": given.growth,
        "chances": given.chances,
        "score": given.score,
        "gift": given.gift,
        "tag": given.tag,
        "pool": given.pool,
    }


def drawn(result: Drawn) -> dict[str, Any]:
    return {
        "draw": result.draw_id,
        "prize": {"key": result.prize, "gift": result.gift, "kind": result.kind},
        "award": result.award_id,
        "chances_left": result.chances_left,
    }

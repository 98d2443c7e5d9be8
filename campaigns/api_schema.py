"""The shapes of this app's API for OpenAPI."""

from typing import Any

from campaigns.eligibility import TaskState
from campaigns.pool_choice import Why
from operations.api_schema import FLAG, MAYBE_TEXT, NUMBER, TEXT, list_of, object_of
from rewards.models import Stage

PROGRESS = {"type": "integer", "description": "Of a purchase by amount: in hundredths of the currency."}
REASON = object_of(nullable=True, code=TEXT, message=TEXT)
STATE = {"type": "string", "enum": [*TaskState]}
UNTIL = {
    "type": ["string", "null"],
    "format": "date-time",
    "description": "Before which it must be finished, or claimed where it is claimable.",
}
TASK = object_of(
    key=TEXT,
    title=TEXT,
    kind=TEXT,
    state=STATE,
    reason=REASON,
    count=PROGRESS,
    target=PROGRESS,
    times={"type": ["object", "null"], "description": "Of a task done several times: over, and how many in all."},
    until=UNTIL,
)
CHAIN = object_of(key=TEXT, title=TEXT, reason=REASON, done=NUMBER, finished=FLAG, until=UNTIL, steps=list_of(TASK))
WHY = {"type": ["string", "null"], "enum": [*Why, None], "description": "By what the pool is the member's."}
BUCKET = {"type": "string", "description": "Empty, or task:POOL, score:POOL, stage:POOL: who named the pool."}
BY = {
    "type": "object",
    "additionalProperties": TEXT,
    "description": "The part of the pool's audience and the level, tag or segment by which it admitted.",
}
DRAW = object_of(
    bucket=BUCKET,
    chances=NUMBER,
    pool=MAYBE_TEXT,
    price={"type": ["integer", "null"], "description": "Of a draw in points; null where it cannot be bought."},
    stage={"type": ["string", "null"], "enum": [*Stage.values, None], "description": "How a draw is played."},
    why=WHY,
    by=BY,
    reason=REASON,
    refusals=list_of(object_of(pool=TEXT, code=TEXT, message=TEXT)),
    passed_over=REASON,
    score_needed={"type": ["integer", "null"], "description": "The next campaign score that passes the gate."},
)
STANDING: dict[str, Any] = {
    "campaign": TEXT,
    "name": TEXT,
    "revision": NUMBER,
    "eligible": FLAG,
    "reason": REASON,
    "score": NUMBER,
    "chances": NUMBER,
    "pool": MAYBE_TEXT,
    "draw": DRAW,
    "draws": list_of(DRAW),
    "tasks": list_of(TASK),
    "chains": list_of(CHAIN),
}
ELIGIBILITY = object_of(uid=TEXT, campaigns=list_of(object_of(**STANDING)))
ELIGIBILITY_REQUEST = object_of(uids={**list_of(TEXT), "minItems": 1, "maxItems": 1000}, campaign=TEXT)
MANY = object_of(campaign=TEXT, members=list_of(object_of(uid=TEXT, **STANDING)), unknown=list_of(TEXT))
REWARD = object_of(
    nullable=True,
    points=NUMBER,
    growth=NUMBER,
    chances=NUMBER,
    score=NUMBER,
    gift=MAYBE_TEXT,
    tag=MAYBE_TEXT,
    pool=MAYBE_TEXT,
)
MOVED = object_of(
    task=TEXT,
    state=STATE,
    reason=REASON,
    count=PROGRESS,
    target=PROGRESS,
    completed=FLAG,
    until=UNTIL,
    result={"type": "object"},
    reward=REWARD,
    unlocked=MAYBE_TEXT,
    chain_reward=REWARD,
)
SUBMISSION = {
    "type": "object",
    "description": 'What the task asks for; a quiz: {"answers": [index of the chosen answer, …]}. Others: {}.',
}
DRAW_REQUEST = {
    "type": "object",
    "properties": {"pool": MAYBE_TEXT, "pay": {"type": ["string", "null"], "enum": ["points", None]}},
    "additionalProperties": False,
}
DRAWN = object_of(draw=NUMBER, prize=object_of(key=TEXT, gift=TEXT, kind=TEXT), award=NUMBER, chances_left=NUMBER)

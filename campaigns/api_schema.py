"""The shapes of this app's API for OpenAPI."""

from typing import Any

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
FLAG = {"type": "boolean"}
PROGRESS = {"type": "integer", "description": "Of a purchase by amount: in hundredths of the currency."}


def _object(*, nullable: bool = False, **properties: Any) -> dict[str, Any]:
    kind: Any = ["object", "null"] if nullable else "object"
    return {"type": kind, "properties": properties, "required": sorted(properties)}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


MAYBE_TEXT = {"type": ["string", "null"]}
REASON = _object(nullable=True, code=TEXT, message=TEXT)
STATE = {"type": "string", "enum": ["open", "claimable", "done", "locked", "refused"]}
TASK = _object(key=TEXT, title=TEXT, kind=TEXT, state=STATE, reason=REASON, count=PROGRESS, target=PROGRESS)
CHAIN = _object(key=TEXT, title=TEXT, reason=REASON, done=NUMBER, finished=FLAG, steps=_list(TASK))
STANDING: dict[str, Any] = {
    "campaign": TEXT,
    "name": TEXT,
    "revision": NUMBER,
    "eligible": FLAG,
    "reason": REASON,
    "score": NUMBER,
    "chances": NUMBER,
    "pool": MAYBE_TEXT,
    "tasks": _list(TASK),
    "chains": _list(CHAIN),
}
ELIGIBILITY = _object(uid=TEXT, campaigns=_list(_object(**STANDING)))
ELIGIBILITY_REQUEST = _object(uids={**_list(TEXT), "minItems": 1, "maxItems": 1000}, campaign=TEXT)
MANY = _object(campaign=TEXT, members=_list(_object(uid=TEXT, **STANDING)), unknown=_list(TEXT))
REWARD = _object(nullable=True, points=NUMBER, growth=NUMBER, chances=NUMBER, score=NUMBER, gift=MAYBE_TEXT)
MOVED = _object(
    task=TEXT,
    state=STATE,
    reason=REASON,
    count=PROGRESS,
    target=PROGRESS,
    completed=FLAG,
    result={"type": "object"},
    reward=REWARD,
    unlocked=MAYBE_TEXT,
    chain_reward=REWARD,
)
SUBMISSION = {
    "type": "object",
    "description": 'What the task asks for; a quiz: {"answers": [index of the chosen answer, …]}. Others: {}.',
}
DRAW_REQUEST = {"type": "object", "properties": {"pool": MAYBE_TEXT}}
DRAWN = _object(draw=NUMBER, prize=_object(key=TEXT, gift=TEXT, kind=TEXT), award=NUMBER, chances_left=NUMBER)
ERROR = _object(code=TEXT, message=TEXT, fields={"type": "object"})

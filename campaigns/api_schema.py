"""The shapes of this app's API for OpenAPI."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.definition import AUDIENCE_BOUNDS, AUDIENCE_SETS
from campaigns.eligibility import TaskState
from campaigns.explaining import GATES
from campaigns.pool_choice import Why
from operations.api_schema import (
    FLAG,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MAYBE_TIME,
    NUMBER,
    TEXT,
    TIME,
    list_of,
    object_of,
    page_of,
)
from rewards.models import Stage

ANYTHING: dict[str, Any] = {}
PROGRESS = {"type": "integer", "description": _("Of a purchase by amount: in hundredths of the currency.")}
REASON = object_of(nullable=True, code=TEXT, message=TEXT)
STATE = {"type": "string", "enum": [*TaskState]}
UNTIL = {
    "type": ["string", "null"],
    "format": "date-time",
    "description": _("Before which it must be finished, or claimed where it is claimable."),
}
TASK = object_of(
    key=TEXT,
    title=TEXT,
    kind=TEXT,
    state=STATE,
    reason=REASON,
    count=PROGRESS,
    target=PROGRESS,
    times={"type": ["object", "null"], "description": _("Of a task done several times: over, and how many in all.")},
    until=UNTIL,
)
CHAIN = object_of(key=TEXT, title=TEXT, reason=REASON, done=NUMBER, finished=FLAG, until=UNTIL, steps=list_of(TASK))
WHY = {"type": ["string", "null"], "enum": [*Why, None], "description": _("By what the pool is the member's.")}
BUCKET = {"type": "string", "description": _("Empty, or task:POOL, score:POOL, stage:POOL: who named the pool.")}
BY = {
    "type": "object",
    "additionalProperties": TEXT,
    "description": _("The part of the pool's audience and the level, tag or segment by which it admitted."),
}
DRAW = object_of(
    bucket=BUCKET,
    chances=NUMBER,
    pool=MAYBE_TEXT,
    price={"type": ["integer", "null"], "description": _("Of a draw in points; null where it cannot be bought.")},
    stage={"type": ["string", "null"], "enum": [*Stage.values, None], "description": _("How a draw is played.")},
    why=WHY,
    by=BY,
    reason=REASON,
    refusals=list_of(object_of(pool=TEXT, code=TEXT, message=TEXT)),
    passed_over=REASON,
    score_needed={"type": ["integer", "null"], "description": _("The next campaign score that passes the gate.")},
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
    "poster": object_of(
        banner={"type": ["string", "null"], "description": _("The address of the picture, about as wide as a phone.")},
        colour={"type": "string", "description": _("Such as #d4380d.")},
        tagline=TEXT,
        organiser=TEXT,
        address={"type": "string", "description": _("The campaign's page, once the participant is signed in.")},
        opens_at=TIME,
        closes_at=TIME,
    ),
}
CLAUSE = object_of(
    asks={"type": "string", "enum": [*AUDIENCE_SETS, *AUDIENCE_BOUNDS, *GATES]},
    held=FLAG,
    asked={"type": "boolean", "description": _("False: it is not asked any more of one who has begun.")},
    reason=REASON,
    needed=ANYTHING,
    value=ANYTHING | {"description": _("What the member has of it; null where nothing is looked at.")},
    words={"type": "string", "description": _("What is asked, in words.")},
    told={"type": "string", "description": _("What the member has of it, in words.")},
    segments={
        **list_of(object_of(segment=TEXT, is_member={"type": ["boolean", "null"]}, as_of=MAYBE_TIME, why=MAYBE_TEXT)),
        "type": ["array", "null"],
        "description": _("Of a clause on segments: when each was computed, and the address that says why."),
    },
)
PART: dict[str, Any] = {"eligible": FLAG, "reason": REASON, "clauses": list_of(CLAUSE)}
EXPLANATION = object_of(
    profiling_refused=FLAG,
    campaign=object_of(**PART),
    tasks=list_of(object_of(key=TEXT, state=STATE, **PART)),
    chains=list_of(object_of(key=TEXT, **PART)),
    pools=list_of(object_of(key=TEXT, **PART)),
) | {"description": _("Only with `explain`. The first clause asked that does not hold is the reason.")}
KNOWN = {"type": "boolean", "description": _("False: nobody has this uid, so this is what is there for everyone.")}
TOLD = object_of(**STANDING)
TOLD["properties"] = TOLD["properties"] | {"explanation": EXPLANATION}
ELIGIBILITY = object_of(uid=TEXT, known=KNOWN, campaigns=list_of(TOLD))
ELIGIBILITY_REQUEST = {
    "type": "object",
    "properties": {
        "uids": {
            **list_of(TEXT),
            "minItems": 1,
            "maxItems": 1000,
            "description": _("At most 50 with `explain`, and where no campaign is named."),
        },
        "campaign": {"type": ["string", "null"], "description": _("The key of one campaign; else all that run.")},
        "explain": FLAG,
        "default": {"type": "boolean", "description": _("Answer for unknown uids too (`known`: false).")},
    },
    "required": ["uids"],
    "additionalProperties": False,
}
# Of one campaign its parts stand beside the uid; of all that run they are a list.
ONE_OF_MANY = {"anyOf": [object_of(uid=TEXT, known=KNOWN, **STANDING), ELIGIBILITY]}
MANY = object_of(campaign=MAYBE_TEXT, members=list_of(ONE_OF_MANY), unknown=list_of(TEXT))
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
    "description": _('What the task asks for; a quiz: {"answers": [index of the chosen answer, …]}. Others: {}.'),
}
DRAW_REQUEST = {
    "type": "object",
    "properties": {"pool": MAYBE_TEXT, "pay": {"type": ["string", "null"], "enum": ["points", None]}},
    "additionalProperties": False,
}
DRAWN = object_of(draw=NUMBER, prize=object_of(key=TEXT, gift=TEXT, kind=TEXT), award=NUMBER, chances_left=NUMBER)
IN_SHORT: dict[str, Any] = {
    "slug": TEXT,
    "name": TEXT,
    "revision": NUMBER,
    "state": TEXT,
    "opens_at": TIME,
    "closes_at": TIME,
    "features": list_of(TEXT),
    "tasks": list_of(object_of(key=TEXT, kind=TEXT, title=TEXT)),
    "pools": list_of(TEXT),
}
CAMPAIGNS = page_of("campaigns", object_of(**IN_SHORT))
GIVES = {"type": "object", "description": _("points, growth, chances, score, gift, tag, pool: those that it gives.")}
PUBLISHED_TASK = object_of(
    key=TEXT,
    kind=TEXT,
    title=TEXT,
    guide=TEXT,
    period=TEXT,
    times=NUMBER,
    claim_mode=TEXT,
    target=NUMBER,
    finish_within={"type": "integer", "description": _("Minutes; 0: no limit.")},
    claim_within={"type": "integer", "description": _("Hours; 0: no limit.")},
    reward=GIVES,
)
PUBLISHED_CHAIN = object_of(key=TEXT, title=TEXT, steps=list_of(TEXT), within=NUMBER, reward=GIVES)
PRIZE = object_of(
    key=TEXT,
    name=TEXT,
    kind=TEXT,
    description=TEXT,
    picture=MAYBE_TEXT,
    face_value=TEXT,
    odds={"type": "integer", "description": _("In millionths.")},
    percent=TEXT,
    stock={"type": ["integer", "null"], "description": _("How many were put up; null without a limit.")},
    limits=list_of(TEXT),
    consolation=FLAG,
    invited={"type": "boolean", "description": _("Only members on a list can win it.")},
    valid_days=MAYBE_NUMBER,
    valid_until=MAYBE_TIME,
)
POOL = object_of(
    key=TEXT,
    name=TEXT,
    version=NUMBER,
    price={"type": ["integer", "null"], "description": _("Of a draw in points; null where it cannot be bought.")},
    stage=TEXT,
    rules=list_of(TEXT),
    claiming=list_of(TEXT),
    prizes=list_of(PRIZE),
)
PUBLISHED_OFFER = object_of(
    key=TEXT,
    kind=TEXT,
    title=TEXT,
    guide=TEXT,
    price=TEXT,
    offer_price=TEXT,
    opens_at=MAYBE_TIME,
    closes_at=MAYBE_TIME,
    per_member=NUMBER,
    size=NUMBER,
)
IN_FULL: dict[str, Any] = IN_SHORT | {
    "time_zone": TEXT,
    "tagline": TEXT,
    "rules": TEXT,
    "organiser": TEXT,
    "colour": TEXT,
    "banner": MAYBE_TEXT,
    "tasks": list_of(PUBLISHED_TASK),
    "chains": list_of(PUBLISHED_CHAIN),
    "pools": list_of(POOL),
    "offers": list_of(PUBLISHED_OFFER),
}
CAMPAIGN = object_of(**IN_FULL)

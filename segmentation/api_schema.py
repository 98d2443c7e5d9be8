"""The shapes of this app's API for OpenAPI."""

from typing import Any

from operations.api_schema import (
    ERROR,
    FLAG,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MAYBE_TIME,
    NUMBER,
    ONE_OBJECT,
    TEXT,
    TIME,
    list_of,
    object_of,
    page_of,
)

TAG = object_of(group=TEXT, tag=TEXT, source=TEXT, set_at=TIME, expires_at=MAYBE_TIME)
MEMBER_TAGS = object_of(uid=TEXT, tags=list_of(TAG))
SUMMARY: dict[str, Any] = {
    "slug": TEXT,
    "name": TEXT,
    "description": TEXT,
    "kind": {"type": "string", "enum": ["rule", "package"]},
    "version": MAYBE_NUMBER,
    "size": MAYBE_NUMBER,
    "refreshed_at": MAYBE_TIME,
    "as_of": TEXT,
    "last_run_state": MAYBE_TEXT,
}
SEGMENTS = page_of("segments", object_of(**SUMMARY))
TAG_GROUPS = page_of("tag_groups", object_of(slug=TEXT, name=TEXT, exclusive=FLAG))
TAG_KNOWN = object_of(
    group=TEXT,
    tag=TEXT,
    name=TEXT,
    description=TEXT,
    valid_days=MAYBE_NUMBER,
    set_by={"type": "string", "enum": ["rule", "hand"]},
    members=MAYBE_NUMBER,
    refreshed_at=MAYBE_TIME,
)
TAGS = page_of("tags", TAG_KNOWN)
RUN = object_of(
    nullable=True,
    state=TEXT,
    started_at=TIME,
    finished_at=TIME,
    size=MAYBE_NUMBER,
    entered=MAYBE_NUMBER,
    left=MAYBE_NUMBER,
    error=TEXT,
)
SEGMENT = object_of(**SUMMARY, rule={"type": ["object", "null"]}, last_run=RUN)
VERSION = object_of(
    number=NUMBER,
    saved_at=TIME,
    saved_by=TEXT,
    restores=MAYBE_NUMBER,
    rule={"type": "object"},
    words=TEXT,
    changes=list_of(TEXT),
)
VERSIONS = page_of("versions", VERSION)
MEMBER_SEGMENTS = object_of(
    uid=TEXT, segments=list_of(object_of(slug=TEXT, name=TEXT, kind=TEXT, refreshed_at=MAYBE_TIME))
)
UIDS = page_of("uids", TEXT)
CLAUSE = object_of(
    path=TEXT,
    depth=NUMBER,
    words=TEXT,
    value={"type": ["array", "null"], "items": {}},
    held=FLAG,
    needed=TEXT,
    told=TEXT,
)
WHY = object_of(uid=TEXT, segment=TEXT, is_member=FLAG, holds_now=FLAG, told=TEXT, clauses=list_of(CLAUSE))
RULE = object_of(rule={"type": "object"})
COUNT = object_of(count=NUMBER)
COMPUTED = ONE_OBJECT | {409: ERROR}

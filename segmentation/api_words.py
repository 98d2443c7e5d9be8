"""What this app's operations are for, in the OpenAPI document and on the reference page."""

from django.utils.translation import gettext_lazy as _

from members.api_schema import rows_of
from members.api_words import MEMBER, taking
from operations.described import Example, Tag, described
from operations.error_codes import NOT_FOUND
from segmentation import api_codes
from segmentation.tag_rows import COLUMNS

RULE = {
    "version": 1,
    "combinator": "and",
    "rules": [{"field": "orders.count", "operator": ">=", "value": 1, "window": {"last_days": 365}}],
}
SEGMENT = {"slug": "first-order"}
TAGS = taking(
    _("Set tags"),
    rows_of(COLUMNS[:3], COLUMNS[3:]),
    {"uid": "ann-1024", "group": "taste", "tag": "dairy"},
    _(
        "Sets up to 5,000 tags, or takes away those whose `expires_at` is over. Without `expires_at` a tag is valid for"
        " its own number of days. Good rows are kept, the others come back with their reasons."
    ),
)
MEMBER_TAGS = described(
    Tag.MEMBERS, _("List the tags that a member carries now"), codes=[NOT_FOUND], example=Example(path=MEMBER)
)
MEMBER_SEGMENTS = described(
    Tag.MEMBERS,
    _("List the segments that a member is in"),
    description=_("By the last good version of each segment."),
    codes=[NOT_FOUND],
    example=Example(path=MEMBER),
)
SEGMENTS = described(
    Tag.SEGMENTS,
    _("List the segments"),
    description=_("By key. `as_of` tells their age in words."),
    example=Example(query={"limit": "2"}),
)
TAG_GROUPS = described(Tag.SEGMENTS, _("List the groups of tags"), example=Example())
ALL_TAGS = described(
    Tag.SEGMENTS,
    _("List the tags"),
    description=_(
        "`members` is how many carry the tag, as of `refreshed_at`; null where nothing has asked for it yet."
    ),
    example=Example(query={"group": "taste"}),
)
LIST_MEMBERS = described(
    Tag.MEMBERS,
    _("List members"),
    description=_("By level, tag, segment and the time of joining; the newest first. Phone and email are masked."),
    codes=[api_codes.NOT_COMPUTED],
    example=Example(query={"tag": "taste.dairy", "limit": "1"}),
)
ONE = described(
    Tag.SEGMENTS, _("Look a segment up"), description=_("With its rule and its last run."), codes=[NOT_FOUND],
    example=Example(path=SEGMENT),
)  # fmt: skip
VERSIONS = described(
    Tag.SEGMENTS,
    _("List the versions of a segment's rule"),
    description=_("Newest first: the rule as JSON and in words, and what it changed."),
    codes=[NOT_FOUND],
    example=Example(path=SEGMENT),
)
MEMBERS = described(
    Tag.SEGMENTS,
    _("List a segment's members"),
    description=_("Their uids, page by page, as of the last good version."),
    codes=[NOT_FOUND, api_codes.NOT_COMPUTED],
    example=Example(path=SEGMENT),
)
WHY = described(
    Tag.SEGMENTS,
    _("Ask why a member is in a segment, or is not"),
    description=_("As it was published, and each clause with the member's own value as it holds now."),
    codes=[NOT_FOUND, *api_codes.RULE],
    example=Example(path=SEGMENT | MEMBER),
)
ESTIMATE = described(
    Tag.SEGMENTS,
    _("Count the members for whom a rule holds"),
    description=_("It stores nothing, so this call needs no Idempotency-Key."),
    codes=api_codes.RULE,
    example=Example(body={"rule": RULE}),
)
RULE_SCHEMA = described(
    Tag.SEGMENTS,
    _("Get the JSON Schema of rules"),
    description=_(
        "For editors and programs that write rules, version 1. It knows no names: a rule that fits may still name a"
        " tag or a campaign that does not exist."
    ),
    example=Example(answer={"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "…", "type": "object"}),
)

"""Versions of a segment's rule in words: what each says, and what it changed."""

from itertools import zip_longest
from typing import Any

from operations.paging import Asked
from operations.sentences import labelled
from segmentation import rules
from segmentation.change_words import Told, change_words
from segmentation.models import Segment, SegmentVersion
from segmentation.naming import Names, load_names
from segmentation.rule_diff import difference
from segmentation.rule_errors import RuleError
from segmentation.sentences import sentence
from segmentation.wording import fault_words


def rule_in_words(rule_json: Any, names: Names) -> str:
    """Return the sentence of a stored rule, or what is wrong with it."""
    try:
        return sentence(rules.parse(rule_json), names)
    except RuleError as error:
        return fault_words(error)


def changes_between(before: SegmentVersion, after: SegmentVersion, names: Names) -> list[Told]:
    """Return the changes in words. Raises RuleError for a rule of a field that is no more."""
    changes = difference(rules.parse(before.rule), rules.parse(after.rule))
    return [change_words(each, names) for each in changes]


def told_versions(segment: Segment, page: Asked) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of versions as JSON, newest first, and the cursor of the next one."""
    versions = segment.versions.all() if page.after is None else segment.versions.filter(number__lt=page.after[0])
    # One more than the page: the oldest on it is compared with the one before.
    found, names = list(versions[: page.limit + 1]), load_names()
    shown, following = page.cut(found, lambda version: (version.number,))
    return [_as_json(*each, names) for each in zip_longest(shown, found[1 : len(shown) + 1])], following


def _as_json(version: SegmentVersion, previous: SegmentVersion | None, names: Names) -> dict[str, Any]:
    try:
        changes = changes_between(previous, version, names) if previous else []
    except RuleError:
        changes = []
    return {
        "number": version.number,
        "saved_at": version.saved_at,
        "saved_by": version.saved_by,
        "restores": version.restores,
        "rule": version.rule,
        "words": rule_in_words(version.rule, names),
        "changes": [labelled(each.label, each.words) for each in changes],
    }

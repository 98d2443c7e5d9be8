"""A member who is made up for a preview: a level, tags, segments and a score. Inside `operations.undone` only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from campaigns import playing, scoring
from campaigns.refusals import Refused
from members.ingest import ingest_members
from members.models import Member
from members.rows import MemberRow
from operations.undone import is_under_way
from segmentation import tagging
from segmentation.models import MemberTag, Tag

# They have been a member for so long.
JOINED_BEFORE = timedelta(days=365)
MOST_SCORE = 1_000_000


@dataclass(frozen=True, slots=True)
class Profile:
    """Who is made up: the keys of a level ("": none), of tags as "group.tag", of segments, and the campaign score."""

    level: str = ""
    tags: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    score: int = 0

    def as_json(self) -> list[Any]:
        return [self.level, list(self.tags), list(self.segments), self.score]

    @classmethod
    def read(cls, written: list[Any]) -> "Profile":
        level, tags, segments, score = written
        return cls(level, tuple(tags), tuple(segments), score)


def make(profile: Profile, *, now: datetime) -> Member:
    """Write the member as an import would. The segments are told where they are asked (`campaigns.subjects`)."""
    if not is_under_way():
        raise RuntimeError("nobody is made up for good")
    uid = f"preview-{uuid4().hex}"
    row = MemberRow(uid, name=_("Made-up member"), level=profile.level or None, joined_at=now - JOINED_BEFORE)
    ingest_members([row], now=now)
    member = Member.objects.get(uid=uid)
    wanted = [tagging.Wanted(member.pk, tag) for tag in _tags(profile.tags)]
    for each in wanted:
        # What follows a rule is carried as if the rule had said so.
        source = MemberTag.Source.RULE if each.tag.rule else MemberTag.Source.HAND
        tagging.set_each([each], by=tagging.Setter(source), now=now)
    return member


def give_score(member: Member, slug: str, score: int, *, now: datetime) -> None:
    """Let the member have taken part and have this score; who may not take part has none."""
    try:
        enrolment = playing.enrol(member, slug, now=now)
    except Refused:
        return
    if score:
        scoring.add(enrolment.pk, score, now=now)


def _tags(keys: Iterable[str]) -> list[Tag]:
    wanted = set(keys)
    known = Tag.objects.select_related("group").filter(slug__in={key.partition(".")[2] for key in wanted})
    return [tag for tag in known if f"{tag.group.slug}.{tag.slug}" in wanted]

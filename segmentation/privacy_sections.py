"""What segmentation holds about a member: tags, and the segments and classes of today that they are in."""

from collections.abc import Iterator

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from members import privacy
from members.models import Member
from members.privacy import Row, Section, covers, dump, keep
from segmentation import member_sets
from segmentation.kept_versions import LATER
from segmentation.models import (
    LifecycleModel,
    LifecycleSet,
    MemberTag,
    RfmModel,
    RfmSet,
    Segment,
    ValueModel,
    ValueVersion,
)


def tags(member: Member) -> Iterator[Row]:
    named = {"tag_key": F("tag__slug"), "tag_name": F("tag__name"), "group_key": F("tag__group__slug")}
    yield from dump(member.member_tags.order_by("set_at"), **named)


def segments(member: Member) -> Iterator[Row]:
    computed = Segment.objects.filter(members__isnull=False)
    for slug, name, refreshed_at, set_id in computed.values_list("slug", "name", "refreshed_at", "members_id"):
        if member_sets.holds(set_id, member.pk):
            yield {"segment": slug, "name": name, "refreshed_at": refreshed_at}
    versions = RfmModel.objects.filter(current__isnull=False).values("current")
    for each in RfmSet.objects.filter(version__in=versions).select_related("version__model"):
        if member_sets.holds(each.members_id, member.pk):
            model = each.version.model
            yield {"rfm": model.slug, "name": model.name, "dimension": each.dimension, "value": each.value}
    yield from _stages(member)
    yield from _values(member)


def _stages(member: Member) -> Iterator[Row]:
    staged = LifecycleSet.objects.filter(version__in=LifecycleModel.objects.values("current")).exclude(stage=LATER)
    for each in staged.select_related("version__model"):
        if member_sets.holds(each.members_id, member.pk):
            yield {"lifecycle": each.version.model.slug, "name": each.version.model.name, "stage": each.stage}


def _values(member: Member) -> Iterator[Row]:
    current = ValueVersion.objects.filter(pk__in=ValueModel.objects.values("current")).select_related("model")
    for version in current:
        score = 0
        for each in version.sets.exclude(dimension=LATER):
            if not member_sets.holds(each.members_id, member.pk):
                continue
            if each.dimension == "score":
                score |= 1 << int(each.value)
            else:
                told = {"dimension": each.dimension, "value": each.value}
                yield {"value_model": version.model.slug, "name": version.model.name} | told
        yield {"value_model": version.model.slug, "name": version.model.name, "dimension": "score", "value": score}


def register_all() -> None:
    privacy.register(
        Section("tags", _("Tags"), _("taken away"), covers(MemberTag)),
        tags,
        lambda member, _now: privacy.delete(member.member_tags.all()),
    )
    privacy.register(
        Section(
            "segments",
            _("Segments, RFM classes, lifecycle stages and value"),
            _("left at the next computation of each: a number without a name stands in them until then"),
            (),
        ),
        segments,
        keep,
    )

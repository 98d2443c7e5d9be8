"""What segmentation holds about a member: tags, and the segments and classes of today that they are in."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from members import privacy
from members.models import Member
from members.privacy import Row, Section, covers, dump, keep
from segmentation import exports, member_sets, uid_lists
from segmentation.kept_versions import LATER
from segmentation.models import (
    LifecycleModel,
    LifecycleSet,
    MemberExport,
    MemberTag,
    RfmModel,
    RfmSet,
    Segment,
    TagChange,
    ValueModel,
    ValueVersion,
)


def tags(member: Member) -> Iterator[Row]:
    named = {"tag_key": F("tag__slug"), "tag_name": F("tag__name"), "group_key": F("tag__group__slug")}
    yield from dump(member.member_tags.order_by("set_at"), **named)


def tag_history(member: Member) -> Iterator[Row]:
    yield from dump(member.tag_changes.order_by("pk"), tag_key=F("tag__slug"), group_key=F("tag__group__slug"))


def files(member: Member) -> Iterator[Row]:
    for export in MemberExport.objects.exclude(members=None).order_by("pk"):
        if export.members_id is not None and member_sets.holds(export.members_id, member.pk):
            yield {"file": export.segment_name, "asked_at": export.created_at, "columns": export.columns}


def erase_files(member: Member, _now: datetime) -> None:
    exports.forget_member(member)
    uid_lists.forget_uid(member.uid)


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
        Section("tag_history", _("History of tags"), _("deleted"), covers(TagChange)),
        tag_history,
        lambda member, _now: privacy.delete(member.tag_changes.all()),
    )
    privacy.register(
        Section(
            "exports",
            _("Files and lists with the member"),
            _("files of members are deleted; lists forget what they could not find"),
            (),
        ),
        files,
        erase_files,
    )
    privacy.register(
        Section(
            "segments",
            _("Segments, RFM classes, lifecycle stages and value"),
            _(
                "left at the next computation of each: a number without a name stands in them until then, and in "
                "packages for good, where no list, file or rule shows it"
            ),
            (),
        ),
        segments,
        keep,
    )

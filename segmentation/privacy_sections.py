"""What segmentation holds about a member: tags, and the segments and classes of today that they are in."""

from collections.abc import Iterator

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from members import privacy
from members.models import Member
from members.privacy import Row, Section, covers, dump, keep
from segmentation import member_sets
from segmentation.models import MemberTag, RfmModel, RfmSet, Segment


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


def register_all() -> None:
    privacy.register(
        Section("tags", _("Tags"), _("taken away"), covers(MemberTag)),
        tags,
        lambda member, _now: privacy.delete(member.member_tags.all()),
    )
    privacy.register(
        Section(
            "segments",
            _("Segments and RFM classes"),
            _("left at the next computation of each: a number without a name stands in them until then"),
            (),
        ),
        segments,
        keep,
    )

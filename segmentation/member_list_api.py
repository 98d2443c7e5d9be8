"""The API's list of members: by level, tag, segment and the time of joining."""

from itertools import islice

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from pyroaring import BitMap
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from members import attribute_values
from members.api import member_as_json
from members.api_schema import MEMBERS
from members.models import Level, Member
from operations.api_errors import ApiError
from operations.api_schema import ANY_CALL, ERROR
from operations.filtering import (
    Exact,
    Filters,
    Named,
    Since,
    Until,
    order_asked,
    parameters_of,
    read_filters,
    unknown_name,
)
from operations.paging import NEWEST, OLDEST, Asked, Order, asked, page_of
from segmentation import api_words, member_sets
from segmentation.models import MemberTag, Segment, Tag

# So many of a segment are looked at for one page, however few of them the other filters leave.
LOOKED_AT = 2_000


class MemberFilters(Filters):
    orders = {"-id": NEWEST, "id": OLDEST}
    # The members of the segment that is asked for: a set, not rows.
    within: BitMap | None = None
    level = Named("level", Level, gettext_lazy("The key of a level."))
    joined_since = Since("joined_at", gettext_lazy("Those who joined then or later."))
    joined_until = Until("joined_at", gettext_lazy("Those who joined before."))
    tag = Exact(method="carrying", help_text=gettext_lazy("“group.tag”: those who carry it now."))
    segment = Exact(
        method="of_segment",
        help_text=gettext_lazy(
            "The key of a segment: the members of its last good version. A page may then be shorter than `limit`,"
            " and even empty, with more to come: go on until `next` is null."
        ),
    )

    def carrying(self, members: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        group, _dot, slug = value.partition(".")
        tag = Tag.objects.filter(group__slug=group, slug=slug).first()
        if tag is None:
            raise unknown_name(self.filters[name], value)
        carried = MemberTag.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), tag=tag.pk)
        return members.filter(Exists(carried.filter(member=OuterRef("pk"))))

    def of_segment(self, members: QuerySet[Member], name: str, value: str) -> QuerySet[Member]:
        segment = Segment.objects.filter(slug=value).first()
        if segment is None:
            raise unknown_name(self.filters[name], value)
        if segment.members_id is None:
            raise ApiError("not_computed", _("The segment has not been computed yet."), status=409)
        self.within = member_sets.load(segment.members_id)
        return members


class Members(APIView):
    """`GET members/`: members as `members/{uid}/` tells of each, the newest first. Phone and email are masked."""

    scope = "eligibility"

    @api_words.LIST_MEMBERS
    @extend_schema(
        operation_id="members",
        parameters=parameters_of(MemberFilters),
        responses={200: MEMBERS, 409: ERROR, **ANY_CALL},
    )
    def get(self, request: Request) -> HttpResponse:
        page, order = asked(request), order_asked(request, MemberFilters)
        everybody = Member.objects.filter(erased_at=None).select_related("level", "metrics")
        filters = read_filters(request, MemberFilters, everybody.prefetch_related("identities"))
        rows, within = filters.qs, filters.within
        members, following = page_of(rows, order, page) if within is None else _page_within(within, rows, order, page)
        values = attribute_values.shown_of([each.pk for each in members])
        told = [member_as_json(each, values.get(each.pk, [])) for each in members]
        return Response({"members": told, "next": following})


def _page_within(members: BitMap, rows: QuerySet[Member], order: Order, page: Asked) -> tuple[list[Member], str | None]:
    """Return a page of those rows that are of the segment, out of the next LOOKED_AT of its members."""
    after = None if page.after is None else page.after[0]
    ids = _newest_first(members, after) if order.descending else _oldest_first(members, after)
    looked_at, more = ids[:LOOKED_AT], len(ids) > LOOKED_AT
    sign = "-" if order.descending else ""
    found, following = page.cut(
        list(rows.filter(pk__in=looked_at).order_by(f"{sign}id")[: page.limit + 1]), order.values_of
    )
    return found, page.cursor((looked_at[-1],)) if more and following is None else following


def _oldest_first(members: BitMap, after: int | None) -> list[int]:
    return list(islice(members.iter_equal_or_larger(0 if after is None else after + 1), LOOKED_AT + 1))


def _newest_first(members: BitMap, after: int | None) -> list[int]:
    end = len(members) if after is None else members.rank(after - 1)
    return list(reversed(members[max(end - LOOKED_AT - 1, 0) : end]))


urlpatterns: list[URLPattern] = [path("members/", Members.as_view(), name="members")]

"""The tags on a member's page: what is carried, what may be added in one tap, and what happened last."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from members.models import Member
from members.portrait import Panel, Visit
from operations import audit
from segmentation import tagging
from segmentation.models import MemberTag, Tag, TagChange
from segmentation.uid_lists import name_of

SHOWN_TAGS = 60
OFFERED_TAGS = 500
SHOWN_CHANGES = 6
TO_ADD, TO_REMOVE = "segmentation.add_membertag", "segmentation.delete_membertag"


def _reads(now: datetime) -> Combinable:
    carried = MemberTag.objects.filter(member=OuterRef("pk")).exclude(expires_at__lte=now)
    told = JSONObject(
        id="tag_id",
        group="tag__group__name",
        tag="tag__name",
        rule="tag__rule",
        source="source",
        set_by="set_by",
        set_at="set_at",
        expires_at="expires_at",
    )
    changes = TagChange.objects.filter(member=OuterRef("pk")).order_by("-pk")
    line = JSONObject(tag="tag__name", action="action", source="source", set_by="set_by", at="at")
    offered = Tag.objects.filter(rule__isnull=True).order_by("group__slug", "position", "slug")
    one = JSONObject(id="pk", group="group__name", tag="name")
    return JSONObject(
        carried=ArraySubquery(carried.order_by("tag__group__slug", "tag__slug").values(told=told)[:SHOWN_TAGS]),
        changes=ArraySubquery(changes.values(told=line)[:SHOWN_CHANGES]),
        offered=ArraySubquery(offered.values(told=one)[:OFFERED_TAGS]),
    )


def tags(visit: Visit) -> Mapping[str, Any]:
    """The tags the member carries now: what each says, who set it and when it expires; and what may be done."""
    facts, user = visit.facts, visit.user
    carried = [_carried(told, may_remove=user.has_perm(TO_REMOVE)) for told in facts["carried"]]
    held = {told["id"] for told in facts["carried"]}
    offered = [told for told in facts["offered"] if told["id"] not in held] if user.has_perm(TO_ADD) else []
    changes = [_change(told) for told in facts["changes"]] if user.has_perm("segmentation.view_tagchange") else []
    history = f"{reverse('admin:segmentation_tagchange_changelist')}?member__id__exact={visit.member.pk}"
    return {
        "tags": carried,
        "offered": [] if visit.member.erased_at else offered,
        "changes": changes,
        "history": history,
        "address": reverse("admin:segmentation_membertag_of", args=[visit.member.pk]),
    }


PANEL = Panel(
    name="tags",
    position=40,
    title=gettext_lazy("Tags"),
    template="admin/segmentation/member_tags.html",
    permissions=("segmentation.view_membertag",),
    show=tags,
    reads=_reads,
)


@require_POST
def change_of_one(request: HttpRequest, member_id: int) -> HttpResponse:
    """Set a tag on one member, or take it away: `set` or `remove` is the tag's id."""
    member = get_object_or_404(Member, pk=member_id, erased_at=None)
    what = "remove" if "remove" in request.POST else "set"
    if not request.user.has_perms([TO_REMOVE if what == "remove" else TO_ADD, "members.view_member"]):
        raise PermissionDenied
    number = request.POST.get(what, "")
    tag = get_object_or_404(Tag.objects.select_related("group"), pk=number if number.isdecimal() else 0)
    change = tagging.remove_tag if what == "remove" else tagging.set_tag
    who: dict[str, Any] = {"source": MemberTag.Source.HAND, "set_by": name_of(request.user), "now": timezone.now()}
    try:
        change([member.pk], tag, **who)
        audit.record(f"member_tag.{what}", tag, by=request.user, now=who["now"], changes={"member": [None, member.pk]})
        said = _("%(tag)s is taken away.") if what == "remove" else _("%(tag)s is set.")
        messages.success(request, said % {"tag": tag})
    except tagging.TagRefused as refused:
        messages.error(request, str(refused))
    return redirect("admin:members_member_change", member.pk)


def _carried(told: Mapping[str, Any], *, may_remove: bool) -> dict[str, Any]:
    return dict(told) | {
        "source": MemberTag.Source(told["source"]).label,
        "set_at": parse_datetime(told["set_at"]),
        "expires_at": parse_datetime(told["expires_at"]) if told["expires_at"] else None,
        "removable": may_remove and told["rule"] is None,
    }


def _change(told: Mapping[str, Any]) -> dict[str, Any]:
    return dict(told) | {
        "action": TagChange.Action(told["action"]).label,
        "source": MemberTag.Source(told["source"]).label,
        "at": parse_datetime(told["at"]),
    }

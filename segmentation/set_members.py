"""The page of the admin that lists the members of a stored set: those of a stage or of a tier, say."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from pyroaring import BitMap

from members.models import Member

SHOWN = 50


def members_page(request: HttpRequest, members: BitMap, *, title: str, of: Model, site: AdminSite) -> HttpResponse:
    """Show the members, the oldest first. `of` is the model that they are a part of."""
    if not request.user.has_perm("members.view_member"):
        raise PermissionDenied
    page = Paginator(members, SHOWN).get_page(request.GET.get("p"))
    rows = Member.objects.filter(pk__in=list(page.object_list)).select_related("level", "metrics").order_by("pk")
    shown = {"title": title, "page": page, "rows": rows, "of": of, "opts": of._meta}
    return TemplateResponse(request, "admin/segmentation/set_members.html", site.each_context(request) | shown)

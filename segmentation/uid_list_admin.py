"""Lists of uids that were brought: their counts, and what they name that is nobody."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern
from django.utils.http import content_disposition_header
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET
from unfold.decorators import display

from operations.read_only_admin import ReadOnlyAdmin
from segmentation.models import UidList
from segmentation.own_pages import OwnPages, require

SHOWN_NAME = 60


@admin.register(UidList)
class UidListAdmin(OwnPages, ReadOnlyAdmin):
    list_display = ["shown_name", "lines", "known", "repeated", "unknown", "brought_by", "created_at"]
    search_fields = ["name", "brought_by"]
    fields = ["name", "lines", "known", "repeated", "unknown", "brought_by", "created_at"]

    @display(description=gettext_lazy("list of uids"), ordering="name")
    def shown_name(self, uids: UidList) -> str:
        # A file may be called anything, and a long name would push the counts out of sight.
        return Truncator(str(uids)).chars(SHOWN_NAME)

    def get_urls(self) -> list[URLPattern]:
        return [self.route("<int:pk>/rejects/", require_GET(self.rejects), "rejects"), *super().get_urls()]

    def rejects(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with what is unknown or repeated as CSV, as long as it is kept."""
        require(request, "segmentation.view_uidlist")
        uids = get_object_or_404(UidList, pk=pk)
        if not uids.rejects:
            raise Http404
        name = f"{(uids.name or 'uids').rpartition('.')[0] or uids.name or 'uids'}-{_('rejected rows')}.csv"
        return as_csv(HttpResponse("\ufeff" + uids.rejects), name)


def as_csv(response: HttpResponse, name: str) -> HttpResponse:
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response

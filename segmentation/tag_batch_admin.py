"""Setting a tag on many members, or taking it away: choose, look at what would happen, start, watch."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from pyroaring import BitMap
from unfold.decorators import action, display

from members.admin import offer_action
from members.csv_files import FileError
from members.models import Member
from operations.read_only_admin import ReadOnlyAdmin
from segmentation import member_sets, packages, tag_batches, tag_sets, uid_lists, world
from segmentation.models import TagBatch, UidList
from segmentation.origin_words import origin_words
from segmentation.own_pages import STYLES, OwnPages, require
from segmentation.tag_forms import BatchForm

STATE_COLOURS = {"prepared": "info", "running": "primary", "done": "success", "failed": "danger"}
PERMISSIONS = {"set": "segmentation.add_membertag", "remove": "segmentation.delete_membertag"}


def may(request: HttpRequest, what: str) -> bool:
    return request.user.has_perm(PERMISSIONS[what]) and request.user.has_perm("segmentation.add_tagbatch")


@admin.register(TagBatch)
class TagBatchAdmin(OwnPages, ReadOnlyAdmin):
    list_display = ["tag", "shown_action", "size", "shown_state", "progress", "asked_by", "created_at"]
    search_fields = ["tag__name", "tag__slug", "asked_by"]
    list_filter = ["state", "action", "tag__group"]
    list_select_related = ["tag__group"]
    actions_list = ["begin"]

    class Media:
        css = STYLES

    def has_begin_permission(self, request: HttpRequest) -> bool:
        return any(may(request, what) for what in PERMISSIONS)

    @action(description=gettext_lazy("Change many members’ tags"), icon="sell", permissions=["begin"], url_path="begin")
    def begin(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:segmentation_tagbatch_new")

    @display(description=gettext_lazy("what happens"))
    def shown_action(self, batch: TagBatch) -> str:
        return batch.get_action_display()

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, batch: TagBatch) -> tuple[str, str]:
        return batch.state, batch.get_state_display()

    @display(description=gettext_lazy("progress"))
    def progress(self, batch: TagBatch) -> SafeString:
        return render_to_string("admin/members/import_bar.html", {"run": batch})

    def get_urls(self) -> list[URLPattern]:
        return [
            self.route("new/", self.new, "new"),
            self.route("<int:pk>/progress/", require_GET(self.progress_now), "progress"),
            self.route("<int:pk>/start/", require_POST(self.start), "start"),
            self.route("<int:pk>/cancel/", require_POST(self.cancel), "cancel"),
            *super().get_urls(),
        ]

    def new(self, request: HttpRequest) -> HttpResponse:
        """Choose the tag and the members. `list` in the address names members that were selected on a screen."""
        if not self.has_begin_permission(request):
            require(request, *PERMISSIONS.values())
        number = request.GET.get("list", "")
        selected = get_object_or_404(UidList, pk=number) if number.isdecimal() else None
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = BatchForm(*posted, initial={"tag": request.GET.get("tag")}, selected=selected is not None)
        if form.is_valid():
            require(request, PERMISSIONS[form.cleaned_data["action"]], "segmentation.add_tagbatch")
            try:
                batch = self._prepare(request, form.cleaned_data, selected)
                return redirect("admin:segmentation_tagbatch_change", batch.pk)
            except FileError as error:
                form.add_error("uids", str(error))
        return self.page(request, "batch_new", _("Change many members’ tags"), form=form, selected=selected)

    def _prepare(self, request: HttpRequest, given: dict[str, Any], selected: UidList | None) -> TagBatch:
        """Raises FileError for what is no list of uids."""
        now, members, origin = timezone.now(), BitMap(), {}
        if selected is None and (given.get("uids") or given.get("file")):
            selected = uid_lists.bring(given["uids"], given["file"], by=request.user, now=now)
        if selected is not None:
            content = packages.of_list(selected)
            members, origin = content.members, content.origin | {"how": "list"}
        elif given.get("segment"):
            members = packages.published(given["segment"])
            origin = {"how": "segment", "segment": given["segment"].slug, "name": given["segment"].name}
        else:
            members, origin = tag_sets.carriers([given["tag"]], world.everyone(now=now)), {"how": "carriers"}
        asked = {"expires_at": given["expires_at"], "origin": origin, "by": request.user, "now": now}
        return tag_batches.prepare(given["tag"], given["action"], members, **asked)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        batch = self.get_object(request, object_id)
        if batch is None:
            raise Http404
        if not self.has_view_permission(request, batch):
            require(request, "segmentation.view_tagbatch")
        return self.page(request, "batch", str(batch.tag), **self._shown(request, batch))

    def progress_now(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with the part of the page that changes while workers are at it."""
        require(request, "segmentation.view_tagbatch")
        batch = get_object_or_404(TagBatch.objects.select_related("tag__group"), pk=pk)
        return self.page(request, "batch_progress", "", **self._shown(request, batch))

    def _shown(self, request: HttpRequest, batch: TagBatch) -> dict[str, Any]:
        prepared = batch.state == TagBatch.State.PREPARED
        uids = UidList.objects.filter(pk=batch.origin.get("list")).first() if batch.origin.get("list") else None
        return {
            "batch": batch,
            "origin": origin_words(batch.origin),
            "uids": uids,
            "preview": tag_batches.preview(batch, now=timezone.now()) if prepared else None,
            "may_act": may(request, batch.action),
            "may_see_rejects": request.user.has_perm("segmentation.view_uidlist"),
        }

    def start(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._move(request, pk, tag_batches.start)

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._move(request, pk, tag_batches.cancel)

    def _move(self, request: HttpRequest, pk: int, move: Any) -> HttpResponse:
        batch = get_object_or_404(TagBatch.objects.select_related("tag__group"), pk=pk)
        require(request, PERMISSIONS[batch.action], "segmentation.add_tagbatch")
        try:
            move(batch, by=request.user, now=timezone.now())
        except tag_batches.NotPossible:
            self.message_user(request, _("That is not possible any more."), messages.ERROR)
        return redirect("admin:segmentation_tagbatch_change", batch.pk)


@admin.action(description=gettext_lazy("Change their tags"))
def change_tags(_admin: Any, request: HttpRequest, queryset: QuerySet[Member]) -> HttpResponse:
    """Go on to choosing a tag for the members selected in their list."""
    if not any(may(request, what) for what in PERMISSIONS):
        require(request, *PERMISSIONS.values())
    ids = queryset.filter(erased_at=None).values_list("pk", flat=True)
    kept = uid_lists.of_selection(member_sets.BitMap(ids.iterator()), by=request.user, now=timezone.now())
    return redirect(f"{reverse('admin:segmentation_tagbatch_new')}?list={kept.pk}")


offer_action(change_tags)

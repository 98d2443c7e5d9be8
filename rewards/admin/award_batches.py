"""Awards in bulk: choose a gift and members, look at what that comes to, ask for it or start it, watch."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from members.csv_files import FileError
from operations import approvals, four_eyes
from operations.audited_admin import AuditedAdmin
from operations.guarded_admin import waiting_about
from operations.read_only_admin import ReadOnlyAdmin
from rewards import award_batches, worth
from rewards.approving import awards as approving_awards
from rewards.missed_awards import words_of as missed_words
from rewards.models import AwardBatch, Gift
from rewards.scopes import every_scope, named
from segmentation.own_pages import STYLES

ADD, STOP = "rewards.add_awardbatch", "rewards.stop_awardbatch"
STATE_COLOURS = {
    "prepared": "info", "waiting": "warning", "running": "primary", "done": "success", "failed": "danger",
}  # fmt: skip
PAGE = "admin:rewards_awardbatch_change"


class AwardBatchForm(forms.Form):
    """What is given, to whom, why, and which budgets pay."""

    gift = forms.ModelChoiceField(
        label=capfirst(gettext_lazy("gift")),
        queryset=Gift.objects.exclude(kind=Gift.Kind.THANKS),
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("For points, choose a gift of points."),
    )
    uids = forms.CharField(
        label=gettext_lazy("Uids of the members"),
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file of them"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=gettext_lazy("Text or CSV; of several columns the one whose title is uid, else the first."),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("Paid by the budgets of"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Their cost counts as promised there. Empty: no budget counts it."),
    )
    reason = forms.CharField(
        label=capfirst(gettext_lazy("reason")),
        max_length=150,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("It stays on record, and members may read it beside points."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = [("", "–"), *((each.key, each.name) for each in every_scope())]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not (cleaned.get("uids") or "").strip() and not cleaned.get("file"):
            self.add_error("uids", _("Give uids, or a file of them."))
        gift = cleaned.get("gift")
        if gift is not None and gift.kind == Gift.Kind.CHANCES and not (gift.draws_in or cleaned.get("scope")):
            self.add_error("gift", _("The gift does not say where its draws are: choose whose they are below."))
        return cleaned


@admin.register(AwardBatch)
class AwardBatchAdmin(ReadOnlyAdmin, AuditedAdmin):
    list_display = ["shown_gift", "size", "shown_state", "progress", "reason", "made_by", "created_at"]
    list_filter = ["state"]
    list_select_related = ["gift", "made_by"]
    search_fields = ["gift__name", "reason"]

    class Media:
        css = {"all": [*STYLES["all"], "admin/approvals.css"]}

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm(ADD)

    @display(description=gettext_lazy("gift"), ordering="gift__name")
    def shown_gift(self, batch: AwardBatch) -> str:
        return batch.gift.name

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, batch: AwardBatch) -> tuple[str, str]:
        return batch.state, batch.get_state_display()

    @display(description=gettext_lazy("progress"))
    def progress(self, batch: AwardBatch) -> SafeString:
        return render_to_string("admin/members/import_bar.html", {"run": batch})

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"rewards_awardbatch_{name}")

        return [
            own("<int:pk>/progress/", require_GET(self.progress_now), "progress"),
            own("<int:pk>/start/", require_POST(self.start), "start"),
            own("<int:pk>/stop/", require_POST(self.stop), "stop"),
            own("<int:pk>/resume/", require_POST(self.resume), "resume"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Read the list; nothing is given by that."""
        _require(request, ADD)
        form = AwardBatchForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                return redirect(PAGE, self._prepared(request, form.cleaned_data).pk)
            except FileError as error:
                form.add_error("uids", str(error))
            except award_batches.TooMany:
                most = f"{award_batches.MOST_MEMBERS:,}"
                form.add_error("uids", _("At most %(most)s members at once. Split the list.") % {"most": most})
        return self._page(request, "award_batch_new", _("Awards in bulk"), form=form)

    def _prepared(self, request: HttpRequest, given: dict[str, Any]) -> AwardBatch:
        return award_batches.prepare(
            given["gift"],
            given["uids"],
            given["file"],
            scope=given["scope"],
            reason=given["reason"],
            by=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        batch = self.get_object(request, object_id)
        if batch is None:
            raise Http404
        self._require_sight(request, batch)
        return self._page(request, "award_batch", str(batch), **self._shown(request, batch))

    def progress_now(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer with the part of the page that changes while workers are at it."""
        batch = get_object_or_404(AwardBatch.objects.select_related("gift", "made_by", "uids"), pk=pk)
        self._require_sight(request, batch)
        return self._page(request, "award_batch_progress", "", **self._shown(request, batch))

    def start(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start it, or ask a second person where one alone may not."""
        _require(request, ADD)
        alone = not four_eyes.needed(four_eyes.AWARDS)
        return self._move(request, pk, award_batches.start if alone else approving_awards.ask)

    def stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require(request, STOP)
        return self._move(request, pk, award_batches.stop)

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        _require(request, ADD)
        return self._move(request, pk, award_batches.resume)

    def _move(self, request: HttpRequest, pk: int, move: Callable[..., object]) -> HttpResponse:
        batch = get_object_or_404(AwardBatch.objects.select_related("gift"), pk=pk)
        try:
            move(batch, by=request.user, now=timezone.now())
        except (award_batches.NotPossible, four_eyes.SecondPersonNeeded):
            self.message_user(request, _("That is not possible any more."), messages.ERROR)
        except approvals.NotDecided as refused:
            self.message_user(request, str(refused), messages.ERROR)
        return redirect(PAGE, batch.pk)

    def _require_sight(self, request: HttpRequest, batch: AwardBatch) -> None:
        if not (self.has_view_permission(request, batch) or request.user.has_perm("rewards.approve_awardbatch")):
            raise PermissionDenied

    def _shown(self, request: HttpRequest, batch: AwardBatch) -> dict[str, Any]:
        begun = batch.state not in (AwardBatch.State.PREPARED, AwardBatch.State.WAITING)
        return {
            "batch": batch,
            "begun": begun,
            "each": worth.words_of(batch.gift),
            "total": worth.total_words(batch.gift, batch.size),
            "payer": named([batch.scope])[batch.scope] if batch.scope else None,
            "first": [] if begun else award_batches.first_of(batch),
            "missed": missed_words(batch.missed),
            "uids": batch.uids,
            # The page has the figures itself.
            "waiting_raises": [each | {"lines": ()} for each in waiting_about(batch)],
            "asks": four_eyes.needed(four_eyes.AWARDS),
            "may_add": request.user.has_perm(ADD),
            "may_stop": request.user.has_perm(STOP),
            "may_see_rejects": request.user.has_perm("segmentation.view_uidlist"),
        }

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        shared = {
            "title": title,
            "opts": self.opts,
            "media": self.media,
            "list_page": reverse("admin:rewards_awardbatch_changelist"),
        }
        return TemplateResponse(
            request, f"admin/rewards/{template}.html", self.admin_site.each_context(request) | shared | context
        )


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied

"""The review queue: what members handed in, looked at and decided one after the other."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST
from unfold.decorators import display

from campaigns import proof_pictures, published, submission_reviews
from campaigns.models import Submission
from campaigns.refusals import Refused
from campaigns.submission_reviews import AlreadyDecided, Approved
from campaigns.wordings import wording
from members.models import Member
from operations.read_only_admin import ReadOnlyAdmin

REVIEW = "campaigns.review_submission"
STATE_COLOURS = {"pending": "warning", "approved": "success", "refused": "danger"}
ALL = "all"


class StateFilter(admin.SimpleListFilter):
    """What is to be reviewed, unless something else is asked for."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        decided = [Submission.State.APPROVED, Submission.State.REFUSED]
        return [(ALL, pgettext("filter", "all")), *((state.value, state.label) for state in decided)]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": Submission.State.PENDING.label}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Submission]) -> QuerySet[Submission]:
        chosen = self.value() or Submission.State.PENDING
        return queryset if chosen == ALL else queryset.filter(state=chosen)


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = [
        "shown_title",
        "member_uid",
        "campaign_name",
        "shown_what",
        "handed_in_at",
        "shown_state",
        "reviewer",
    ]
    list_filter = [
        StateFilter,
        ("enrolment__campaign", admin.RelatedOnlyFieldListFilter),
        "way",
        "task_key",
    ]
    list_select_related = ["enrolment__member", "enrolment__campaign", "decided_by"]
    search_fields = ["=enrolment__member__uid"]
    search_help_text = gettext_lazy("The member's uid")
    # Who waits longest comes first.
    ordering = ["handed_in_at", "pk"]
    fields = [
        ("member_uid", "campaign_name"),
        ("task_key", "period"),
        ("way", "handed_in_at"),
        ("shown_state", "reason"),
        ("decided_by", "decided_at"),
    ]
    readonly_fields = ["member_uid", "campaign_name", "shown_state"]
    change_form_outer_before_template = "admin/campaigns/submission.html"
    actions = ["approve"]

    class Media:
        css = {"all": ["campaigns/review.css"]}

    @display(description=gettext_lazy("task"), ordering="task_key")
    def shown_title(self, submission: Submission) -> str:
        return published.task_title(submission.enrolment.campaign, submission.task_key)

    @display(description=gettext_lazy("member"))
    def member_uid(self, submission: Submission) -> str:
        return submission.enrolment.member.uid

    @display(description=gettext_lazy("campaign"))
    def campaign_name(self, submission: Submission) -> str:
        return submission.enrolment.campaign.name

    @display(description=gettext_lazy("what"))
    def shown_what(self, submission: Submission) -> str:
        parts = [_("picture")] if submission.file else []
        if submission.link:
            parts.append(_("link"))
        if submission.text:
            parts.append(f"“{submission.text[:40]}{'…' if len(submission.text) > 40 else ''}”")
        return " · ".join(parts) or submission.get_way_display()

    @display(description=gettext_lazy("state"), label=STATE_COLOURS)
    def shown_state(self, submission: Submission) -> tuple[str, str]:
        return submission.state, submission.get_state_display()

    @display(description=gettext_lazy("decided by"), ordering="decided_by")
    def reviewer(self, submission: Submission) -> str | None:
        return str(submission.decided_by) if submission.decided_by else None

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"campaigns_submission_{name}")

        own = [
            page("<int:pk>/picture/", self.picture, "picture"),
            page("<int:pk>/approve/", require_POST(self.approve_one), "approve"),
            page("<int:pk>/refuse/", require_POST(self.refuse_one), "refuse"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        submission = self.get_object(request, object_id)
        shown: dict[str, Any] = {"submission": submission}
        if submission is not None:
            pending = submission.state == Submission.State.PENDING
            waiting = Submission.objects.filter(state=Submission.State.PENDING).count() if pending else 0
            shown |= {"may_decide": pending and request.user.has_perm(REVIEW), "waiting": waiting}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)

    def picture(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Send the picture to who may see submissions."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        submission = get_object_or_404(Submission.objects.exclude(file=""), pk=pk)
        try:
            return proof_pictures.answer(submission)
        except FileNotFoundError:
            raise Http404 from None

    def approve_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = self._asked(request, pk)
        self._approve(request, submission)
        return self._onward(submission)

    def refuse_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = self._asked(request, pk)
        reason = request.POST.get("reason", "").strip()
        if not reason or len(reason) > submission_reviews.LONGEST_REASON:
            words = _("Write a reason of at most 300 characters: the member reads it.")
            self.message_user(request, words, messages.ERROR)
            return redirect("admin:campaigns_submission_change", pk)
        try:
            submission_reviews.refuse(pk, reason=reason, by=request.user, now=timezone.now())
        except AlreadyDecided as error:
            self.message_user(request, str(error), messages.WARNING)
        else:
            self.message_user(request, _("Refused. The member may hand in again."), messages.SUCCESS)
        return self._onward(submission)

    @admin.action(description=gettext_lazy("Approve selected submissions"), permissions=["review"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Submission]) -> None:
        for submission in queryset.select_related("enrolment__member").order_by("pk"):
            self._approve(request, submission)

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(REVIEW) and self.has_view_permission(request)

    def _asked(self, request: HttpRequest, pk: int) -> Submission:
        if not self.has_review_permission(request):
            raise PermissionDenied
        return get_object_or_404(Submission.objects.select_related("enrolment__member"), pk=pk)

    def _approve(self, request: HttpRequest, submission: Submission) -> None:
        words = {"submission": str(submission), "member": submission.enrolment.member.uid}
        try:
            approved = submission_reviews.approve(submission.pk, by=request.user, now=timezone.now())
        except (AlreadyDecided, Member.DoesNotExist):
            self.message_user(request, _("%(submission)s has been decided already.") % words, messages.WARNING)
        except Refused as refused:
            words["reason"] = wording(refused.refusal)
            self.message_user(request, _("%(submission)s stays to be decided. %(reason)s") % words, messages.ERROR)
        else:
            self.message_user(request, *_told(approved, words))

    def _onward(self, submission: Submission) -> HttpResponse:
        """To the next that waits, in the same campaign if there is one."""
        waiting = Submission.objects.filter(state=Submission.State.PENDING).exclude(pk=submission.pk)
        waiting = waiting.order_by("handed_in_at", "pk")
        own = waiting.filter(enrolment__campaign=submission.enrolment.campaign_id, task_key=submission.task_key)
        following = own.first() or waiting.first()
        if following is None:
            return redirect(reverse("admin:campaigns_submission_changelist"))
        return redirect("admin:campaigns_submission_change", following.pk)


def _told(approved: Approved, words: dict[str, str]) -> tuple[str, int]:
    if approved.moved is not None and approved.moved.completed:
        return _("%(submission)s is approved, and the task of %(member)s is done.") % words, messages.SUCCESS
    words = words | {"reason": wording(approved.refusal) if approved.refusal else ""}
    return _("%(submission)s is approved, but moves nothing. %(reason)s") % words, messages.WARNING

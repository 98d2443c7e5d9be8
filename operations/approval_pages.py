"""The inbox of approvals, and the page on which one is looked at, talked about and decided. One at a time."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from operations import approval_items, approval_lists, approvals
from operations.approval_items import Overtaken
from operations.approval_lists import PER_PAGE
from operations.models import ApprovalRequest
from operations.read_only_admin import ReadOnlyAdmin
from operations.sentences import labelled

PAGE = "admin:operations_approvalrequest_change"
TAB_WORDS: dict[str, Promise] = {
    "waiting": gettext_lazy("Waiting for me"),
    "asked": gettext_lazy("Asked by me"),
    "decided": gettext_lazy("Decided"),
}


class CommentForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Comment"),
        max_length=approvals.LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )


class RefusalForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=approvals.LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=gettext_lazy("Needed to refuse. Who asked reads it, and it stays on record."),
    )


@admin.register(ApprovalRequest)
class ApprovalAdmin(ReadOnlyAdmin):
    """The two pages stand in for the list and the form; actions on many are not offered on purpose."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None:
            return approvals.may_see(obj, request.user)
        return approval_lists.takes_part(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show a tab of the inbox: waiting for me, asked by me, decided; of all areas or of one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        tab = request.GET.get("tab", "")
        tab = tab if tab in approval_lists.TABS else approval_lists.TABS[0]
        areas = list(approval_lists.areas())
        area = request.GET.get("area", "")
        area = area if area in dict(areas) else ""
        page = _page_number(request)
        found = approval_lists.listed(tab, request.user, area=area, after=(page - 1) * PER_PAGE)
        context = self.admin_site.each_context(request) | {
            "title": _("Approvals"),
            "opts": self.opts,
            "tabs": list(TAB_WORDS.items()),
            "tab": tab,
            "areas": areas,
            "area": area,
            "found": found,
            "page": page,
            "previous": page - 1,
            "next": page + 1 if found.count > page * PER_PAGE and page < approval_lists.MOST_PAGES else 0,
        }
        return TemplateResponse(request, "admin/operations/approvals.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a request with its difference and comments; a POST comments, approves, refuses or withdraws."""
        asked = self._request(object_id)
        if not self.has_view_permission(request, asked):
            raise PermissionDenied
        given = {"comment_form": CommentForm(), "refusal_form": RefusalForm()}
        if request.method == "POST":
            answered = DOES.get(request.POST.get("do", ""), _nothing)(request, asked, given)
            if answered is not None:
                return answered
        context = self.admin_site.each_context(request) | given | _shown(request, asked)
        return TemplateResponse(request, "admin/operations/approval.html", context | {"opts": self.opts})

    def _request(self, object_id: str) -> ApprovalRequest:
        if not object_id.isdecimal() or int(object_id) >= 2**63:
            raise Http404
        return get_object_or_404(ApprovalRequest.objects.select_related("asked_by", "decided_by"), pk=object_id)


def _page_number(request: HttpRequest) -> int:
    given = request.GET.get("page", "")
    return min(max(int(given), 1), approval_lists.MOST_PAGES) if given.isdecimal() and len(given) < 4 else 1


def _shown(request: HttpRequest, asked: ApprovalRequest) -> dict[str, Any]:
    kind = approval_items.kind_of(asked)
    waiting = asked.state == ApprovalRequest.State.WAITING
    own = asked.asked_by_id == request.user.pk
    context: dict[str, Any] = {
        "title": labelled(kind.title if kind else asked.kind, asked.target_name),
        "asked": asked,
        "kind": kind,
        "waiting": waiting,
        "own": own,
        "may_decide": waiting and not own and kind is not None and kind.may_approve(request.user),
        "comments": asked.comments.select_related("by"),
        "lines": asked.told,
        "link": "",
    }
    if kind is None:
        return context
    try:
        found = approvals.shown(asked)
    except Overtaken as overtaken:
        return context | {"overtaken": str(overtaken) if waiting else ""}
    if not waiting:
        # What it was about may still be looked at; the lines are those that were decided on.
        return context | {"link": found.difference.link}
    shown = {"lines": found.difference.lines, "more": found.difference.more, "link": found.difference.link}
    return context | shown | {"token": found.token}


Forms = dict[str, forms.Form]


def _nothing(_request: HttpRequest, asked: ApprovalRequest, _forms: Forms) -> HttpResponse:
    return redirect(PAGE, asked.pk)


def _comment(request: HttpRequest, asked: ApprovalRequest, given: Forms) -> HttpResponse | None:
    form = given["comment_form"] = CommentForm(request.POST)
    if not form.is_valid():
        return None
    text = form.cleaned_data["text"]
    return _do(request, asked, "", lambda: approvals.comment(asked, by=_user(request), now=timezone.now(), text=text))


def _approve(request: HttpRequest, asked: ApprovalRequest, _forms: Forms) -> HttpResponse:
    token = request.POST.get("token", "")
    told = _("Approved, and done: %(what)s.") % {"what": asked.target_name}
    return _do(
        request, asked, told, lambda: approvals.approve(asked, by=_user(request), now=timezone.now(), token=token)
    )


def _refuse(request: HttpRequest, asked: ApprovalRequest, given: Forms) -> HttpResponse | None:
    form = given["refusal_form"] = RefusalForm(request.POST)
    if not form.is_valid():
        return None
    note = form.cleaned_data["note"]
    told = _("Refused. Nothing was changed.")
    return _do(request, asked, told, lambda: approvals.refuse(asked, by=_user(request), now=timezone.now(), note=note))


def _withdraw(request: HttpRequest, asked: ApprovalRequest, _forms: Forms) -> HttpResponse:
    told = _("Withdrawn. Nothing was changed.")
    return _do(request, asked, told, lambda: approvals.withdraw(asked, by=_user(request), now=timezone.now()))


Does = Callable[[HttpRequest, ApprovalRequest, Forms], HttpResponse | None]
DOES: dict[str, Does] = {"comment": _comment, "approve": _approve, "refuse": _refuse, "withdraw": _withdraw}


def _do(request: HttpRequest, asked: ApprovalRequest, told: str, call: Callable[[], object]) -> HttpResponse:
    """Call it, and say what came of it."""
    try:
        call()
    except approvals.NotDecided as refused:
        messages.error(request, str(refused))
    except Overtaken as overtaken:
        messages.warning(request, _("It is overtaken, and closed: %(why)s") % {"why": overtaken})
    else:
        if told:
            messages.success(request, told)
    return redirect(PAGE, asked.pk)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)

"""Codes of tasks and secrets of callbacks in the admin: brought in, taken out and issued on record."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action, display

from campaigns import callback_secrets, published, sealed_task_codes, task_codes
from campaigns.code_forms import AddCodesForm, IssueSecretForm, OfTask
from campaigns.models import CallbackSecret, Campaign, Task, TaskCode
from campaigns.zones import zone_of
from operations import audit
from operations.read_only_admin import ReadOnlyAdmin
from operations.sentences import listed
from rewards.codes import masked

ADD_WORDS, TODAY_WORDS = gettext_lazy("Add codes"), gettext_lazy("Codes of today")
EXPORT_WORDS, ISSUE_WORDS = gettext_lazy("Take out generated codes"), gettext_lazy("Issue a secret")
NO_STORE = {"Cache-Control": "private, no-store"}
SHOWN_LINES = 10


def takes_unique_codes(task: Task) -> bool:
    return bool(task.config.get("unique")) or task.config.get("code") == "unique"


def takes_callbacks(task: Task) -> bool:
    return "callback" in (task.config.get("confirm") or ())


class TaskPages(ReadOnlyAdmin):
    """A list with pages of its own that ask for a task."""

    list_filter: Any = [("campaign", admin.RelatedOnlyFieldListFilter), "task_key"]
    list_select_related = ["campaign"]

    class Media:
        css = {"all": ["campaigns/review.css"]}

    def page(self, request: HttpRequest, name: str, title: Any, **context: Any) -> HttpResponse:
        shared = self.admin_site.each_context(request) | {"title": title, "opts": self.opts, "media": self.media}
        shared["list_page"] = self.list_page()
        return TemplateResponse(request, f"admin/campaigns/{name}.html", shared | context, headers=NO_STORE)

    def list_page(self) -> str:
        return reverse(f"admin:campaigns_{self.opts.model_name}_changelist")


@admin.register(TaskCode)
class TaskCodeAdmin(TaskPages):
    list_display = ["id", "campaign", "task_key", "shown_code", "shown_state", "used_by_uid", "used_at"]
    list_filter: Any = [("used_by", admin.EmptyFieldListFilter), *TaskPages.list_filter]
    list_select_related = ["campaign", "used_by__member"]
    search_fields = ["=used_by__member__uid"]
    search_help_text = gettext_lazy("The member's uid")
    fields = [("campaign", "task_key"), ("shown_code", "generated"), "added_at", ("used_by_uid", "used_at")]
    readonly_fields = ["shown_code", "used_by_uid"]
    ordering = ["-id"]
    actions_list = ["add_codes", "export_codes", "today"]

    @display(description=gettext_lazy("code"))
    def shown_code(self, code: TaskCode) -> str:
        return masked(sealed_task_codes.opened_code(code.sealed) or "")

    @display(description=gettext_lazy("state"), label={"free": "success", "used": "info"})
    def shown_state(self, code: TaskCode) -> tuple[str, str]:
        return ("used", _("used")) if code.used_by_id else ("free", _("free"))

    @display(description=gettext_lazy("used by"))
    def used_by_uid(self, code: TaskCode) -> str | None:
        return code.used_by.member.uid if code.used_by else None

    def has_import_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return request.user.has_perm("campaigns.import_taskcode") and self.has_view_permission(request)

    def has_reveal_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return request.user.has_perm("campaigns.reveal_taskcode") and self.has_view_permission(request)

    @action(description=ADD_WORDS, icon="add", permissions=["import"], url_path="add-codes")
    def add_codes(self, request: HttpRequest) -> HttpResponse:
        """Generate codes of a task, or take the shop's own."""
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = AddCodesForm(*posted, fits=takes_unique_codes)
        if not form.is_valid():
            return self.page(request, "task_codes_add", ADD_WORDS, form=form)
        self._add(request, form)
        return HttpResponseRedirect(self.list_page())

    def _add(self, request: Any, form: AddCodesForm) -> None:
        task, now = form.cleaned_data["task"], timezone.now()
        if count := form.cleaned_data["count"]:
            added = task_codes.generate(task.campaign, task.key, count, by=request.user, now=now)
            self._say_added(request, added)
        if lines := form.lines():
            brought = task_codes.bring_in(task.campaign, task.key, lines, by=request.user, now=now)
            self._say_added(request, brought.added)
            if brought.known:
                words = ngettext("%(n)d code was known already.", "%(n)d codes were known already.", brought.known)
                self.message_user(request, words % {"n": brought.known}, messages.INFO)
            if brought.refused:
                shown = listed(brought.refused[:SHOWN_LINES])
                words = _("%(n)d lines are no codes of 4 to 50 characters: %(lines)s")
                self.message_user(request, words % {"n": len(brought.refused), "lines": shown}, messages.ERROR)

    def _say_added(self, request: HttpRequest, added: int) -> None:
        words = ngettext("%(n)d code was added.", "%(n)d codes were added.", added) % {"n": added}
        self.message_user(request, words, messages.SUCCESS)

    @action(description=EXPORT_WORDS, icon="download", permissions=["reveal"], url_path="export")
    def export_codes(self, request: Any) -> HttpResponseBase:
        """Send the generated codes that nobody has used, on record."""
        form = OfTask(request.POST if request.method == "POST" else None, fits=takes_unique_codes)
        if not form.is_valid():
            return self.page(request, "task_codes_export", EXPORT_WORDS, form=form)
        task = form.cleaned_data["task"]
        codes = task_codes.export(task.campaign, task.key, by=request.user, now=timezone.now())
        answer = StreamingHttpResponse((f"{code}\r\n" for code in codes), content_type="text/csv; charset=utf-8")
        answer["Cache-Control"] = NO_STORE["Cache-Control"]
        answer["Content-Disposition"] = f'attachment; filename="{task.campaign.slug}-{task.key}.csv"'
        return answer

    @action(description=TODAY_WORDS, icon="today", permissions=["reveal"], url_path="today")
    def today(self, request: HttpRequest) -> HttpResponse:
        """The codes of the day of the campaigns that run."""
        now = timezone.now()
        running = Campaign.objects.filter(state__in=(Campaign.State.LIVE, Campaign.State.PAUSED)).order_by("name")
        edition = ",".join(f"{each.current_id}:{each.state}" for each in running if each.current_id)
        called = {each.slug: each for each in running}
        shown = [
            {
                "campaign": definition.name,
                "slug": definition.slug,
                "task": task.title,
                "day": (day := now.astimezone(zone_of(definition)).date()),
                "code": task_codes.codes_of_day(definition.slug, task.key, day)[0],
            }
            for definition in published.definitions_of(edition)
            for task in definition.tasks
            if task.kind == "callback" and task.config.get("code") == "day"
        ]
        for slug in dict.fromkeys(each["slug"] for each in shown):
            seen = {"tasks": [None, [each["task"] for each in shown if each["slug"] == slug]]}
            audit.record("task_codes.codes_seen", called[str(slug)], by=request.user, now=now, changes=seen)
        return self.page(request, "task_codes_today", TODAY_WORDS, shown=shown)


@admin.register(CallbackSecret)
class CallbackSecretAdmin(TaskPages):
    list_display = ["campaign", "task_key", "issued_at", "earlier_until"]
    search_fields = ["campaign__name", "task_key"]
    fields = [("campaign", "task_key"), ("issued_at", "earlier_until")]
    ordering = ["campaign__name", "task_key"]
    actions_list = ["issue"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallbackSecret]:
        return super().get_queryset(request).defer("sealed", "earlier_sealed")

    def has_issue_permission(self, request: HttpRequest, *_args: Any) -> bool:
        return request.user.has_perm("campaigns.issue_callbacksecret") and self.has_view_permission(request)

    @action(description=ISSUE_WORDS, icon="key", permissions=["issue"], url_path="issue")
    def issue(self, request: Any) -> HttpResponse:
        """Issue the secret of a task, or change it, and show it once: a redirect would have to keep it somewhere."""
        form = IssueSecretForm(request.POST if request.method == "POST" else None, fits=takes_callbacks)
        if not form.is_valid():
            return self.page(request, "callback_secret_issue", ISSUE_WORDS, form=form)
        task, now = form.cleaned_data["task"], timezone.now()
        until = now if form.cleaned_data["leaked"] else now + callback_secrets.OVERLAP
        secret = callback_secrets.issue(task.campaign, task.key, earlier_until=until, by=request.user, now=now)
        address = request.build_absolute_uri(reverse("callback", args=[task.campaign.slug, task.key]))
        context = {"secret": secret, "address": address, "task": task}
        return self.page(request, "callback_secret_issued", _("The secret is ready"), **context)

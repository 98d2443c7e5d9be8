"""What operators see of the engine room. They read; they change it only by replaying a job or revoking a key."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success
from rest_framework_api_key.models import APIKey
from unfold.decorators import display

from operations import (  # noqa: F401 (some have screens of their own)
    api_key_admin,
    approval_pages,
    audit_admin,
    jobs,
    list_export_admin,
    webhook_admin,
    webhook_delivery_admin,
)
from operations.models import Book, Heartbeat, Job
from operations.read_only_admin import ReadOnlyAdmin

SHOWN_ERROR = 80

# django-q2's forms can run any function of the machine. The API key of the library is not the one in use.
for unused in (Schedule, Success, Failure, OrmQ, APIKey):
    if admin.site.is_registered(unused):
        admin.site.unregister(unused)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["key", "state_label", "tries", "last_error", "run_after", "finished_at"]
    list_filter = ["state", ("finished_at", admin.DateFieldListFilter)]
    search_fields = ["key__startswith"]
    search_help_text = _("The beginning of the key")
    ordering = ["-id"]
    actions = ["replay"]
    fieldsets = [
        (None, {"fields": [("state", "tries"), "error_text", "key", "function", "arguments"]}),
        (_("Times"), {"fields": [("created_at", "run_after"), ("started_at", "lease_until"), "finished_at"]}),
    ]

    @display(
        description=_("state"),
        ordering="state",
        label={"queued": "info", "running": "warning", "done": "success", "dead": "danger"},
    )
    def state_label(self, job: Job) -> tuple[str, str]:
        return job.state, job.get_state_display()

    @display(description=_("attempts"), ordering="attempts")
    def tries(self, job: Job) -> str:
        return _("%(attempts)d of %(most)d") % {"attempts": job.attempts, "most": job.max_attempts}

    @display(description=_("error"))
    def last_error(self, job: Job) -> str:
        # A traceback names the fault in its last line.
        return Truncator(job.error.strip().rpartition("\n")[2]).chars(SHOWN_ERROR)

    @display(description=_("error"))
    def error_text(self, job: Job) -> str:
        return render_to_string("admin/operations/error.html", {"error": job.error})

    @admin.action(description=_("Replay selected dead jobs"), permissions=["replay_job"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        replayed = 0
        for job in queryset:
            try:
                jobs.replay(job, by=request.user, now=timezone.now())
                replayed += 1
            except jobs.NotDead:
                self.message_user(request, _("%(job)s is not dead.") % {"job": job}, messages.WARNING)
        if replayed:
            text = ngettext("%(count)d job is queued again.", "%(count)d jobs are queued again.", replayed)
            self.message_user(request, text % {"count": replayed}, messages.SUCCESS)

    def has_replay_job_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("operations.replay_job")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ["name", "beat_at", "age"]
    search_fields = ["name"]

    @display(description=pgettext_lazy("heartbeat", "age"))
    def age(self, heartbeat: Heartbeat) -> str:
        seconds = int((timezone.now() - heartbeat.beat_at).total_seconds())
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}


@admin.register(Book)
class BookAdmin(ReadOnlyAdmin):
    list_display = ["title", "balances_label", "violations", "error", "checked_at", "took"]
    fields = ["title", "violations", "error", "checked_at", "took"]
    readonly_fields = ["title"]
    search_fields = ["name"]
    # PostgreSQL puts NULL first here: what could not be counted, then what does not balance.
    ordering = ["-violations", "name"]

    @display(description=_("name"), ordering="name")
    def title(self, book: Book) -> str:
        return gettext(book.name)

    @display(description=_("balances"), boolean=True)
    def balances_label(self, book: Book) -> bool:
        return book.balances

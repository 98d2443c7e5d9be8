"""The audit trail in the admin: searched, and exported, which is on the trail itself."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from operations import audit, audit_search, estimated_counts
from operations.audit_display import kind_choices, kind_name, readable_changes
from operations.audit_words import SUBJECTS, action_words
from operations.formulas import disarmed
from operations.models import AuditRecord
from operations.read_only_admin import ReadOnlyAdmin

TO_EXPORT = "operations.export_auditrecord"
COLUMNS = (
    _("time"),
    _("done by"),
    _("what"),
    _("action"),
    _("kind of object"),
    _("object id"),
    _("object"),
    _("reason"),
    _("changes"),
)


class AskedFor(admin.ListFilter):
    """The whole search as one filter, drawn as a form of labelled fields."""

    title = _("search")
    template = "admin/operations/audit_filter.html"
    example = "member.contact_revealed"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in audit_search.FIELDS:
            if name in params:
                value = params.pop(name)
                self.used_parameters[name] = value[-1] if isinstance(value, list) else value
        self.asked = audit_search.read(self.used_parameters)
        self.subjects = [(key, each.title) for key, each in SUBJECTS.items()]
        self.kinds = kind_choices(model_admin.admin_site)

    def expected_parameters(self) -> list[str | None]:
        return list(audit_search.FIELDS)

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield from ()

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditRecord]) -> QuerySet[AuditRecord]:
        return audit_search.found(queryset, self.asked)


@admin.register(AuditRecord)
class AuditRecordAdmin(ReadOnlyAdmin):
    list_display = ["occurred_at", "done_by", "what", "target_kind", "target_name", "reason"]
    list_filter = [AskedFor]
    list_filter_submit = True
    list_before_template = "admin/operations/audit_before.html"
    search_fields = ["target_name"]
    search_help_text = _("The beginning of an object's or a user's name, or an object's whole number")
    ordering = ["-occurred_at", "-id"]
    fields = [
        ("occurred_at", "done_by"), ("what", "action"), ("target_kind", "target_id"), "target_name", "about_member",
        "reason", "change_table",
    ]  # fmt: skip

    class Media:
        css = {"all": ["admin/account.css"]}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditRecord], search_term: str
    ) -> tuple[QuerySet[AuditRecord], bool]:
        return audit_search.by_text(queryset, search_term), False

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="operations_auditrecord_export"), *super().get_urls()]

    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> Any:
        may = {"may_export": request.user.has_perm(TO_EXPORT), "listed": estimated_counts.COUNTED_ROWS}
        return super().changelist_view(request, (extra_context or {}) | may)

    def export(self, request: Any) -> HttpResponseBase:
        """Send what is asked for as CSV, all of it, to a POST."""
        if not (request.user.has_perm(TO_EXPORT) and self.has_view_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        now = timezone.now()
        asked = audit_search.read(request.GET)
        records = audit_search.found(AuditRecord.objects.filter(occurred_at__lte=now), asked)
        records = audit_search.by_text(records, request.GET.get("q", ""))
        told = {name: [None, value] for name, value in asked.told().items()}
        audit.record("audit_trail.exported", request.user, by=request.user, now=now, changes=told)
        name = f"audit-{timezone.localtime(now):%Y%m%d-%H%M}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return StreamingHttpResponse(_lines(records), content_type="text/csv; charset=utf-8", headers=headers)

    @display(description=_("done by"))
    def done_by(self, record: AuditRecord) -> str:
        return record.actor_name or gettext("the system")

    @display(description=_("what"))
    def what(self, record: AuditRecord) -> str:
        return action_words(record.action)

    @display(description=_("kind of object"))
    def target_kind(self, record: AuditRecord) -> str:
        return kind_name(record.target_type)

    @display(description=_("member"))
    def about_member(self, record: AuditRecord) -> str:
        return "–" if record.member_id is None else f"#{record.member_id}"

    @display(description=_("changes"))
    def change_table(self, record: AuditRecord) -> str:
        return render_to_string("admin/operations/changes.html", {"changes": readable_changes(record.changes)})


class _Echo:
    def write(self, text: str) -> str:
        return text


def _lines(records: QuerySet[AuditRecord]) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    # Excel takes a file for UTF-8 only when it begins with this mark.
    yield "\ufeff" + writer.writerow([str(each) for each in COLUMNS])
    for piece in audit_search.pieces(records):
        yield "".join(writer.writerow([disarmed(cell) for cell in _cells(record)]) for record in piece)


def _cells(record: AuditRecord) -> Iterator[str]:
    yield timezone.localtime(record.occurred_at).isoformat(timespec="seconds")
    yield record.actor_name or gettext("the system")
    yield action_words(record.action)
    yield record.action
    yield kind_name(record.target_type)
    yield record.target_id
    yield record.target_name
    yield record.reason
    yield "; ".join(f"{field}: {old} → {new}" for field, old, new in readable_changes(record.changes))

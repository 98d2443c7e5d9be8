"""An admin whose every addition, change and deletion goes into the audit trail, with old and new values."""

import re
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from operations import audit
from operations.field_help import HelpedFields
from operations.form_changes import changes_of
from operations.list_admin import ListAdmin
from operations.return_address import ReturnsToAddress


class AuditedAdmin(ReturnsToAddress, HelpedFields, ListAdmin):
    """Inherit from this in place of unfold's ModelAdmin. Rows of inlines are recorded as rows of their own."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        inlines = [(formset, inline) for formset in formsets for inline in formset.forms]
        for formset, inline in inlines:
            # Before it is done: a row that is deleted has lost its id.
            if inline in formset.deleted_forms and inline.instance.pk:
                self._record(request, inline.instance, "deleted")
        known = {inline for _formset, inline in inlines if inline.instance.pk}
        super().save_related(request, form, formsets, change)
        self._record_form(request, form, "changed" if change else "added")
        for formset, inline in inlines:
            if inline not in formset.deleted_forms:
                self._record_form(request, inline, "changed" if inline in known else "added")

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        with transaction.atomic():
            self._record(request, obj, "deleted")
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        with transaction.atomic():
            for obj in queryset:
                self._record(request, obj, "deleted")
            super().delete_queryset(request, queryset)

    def _record_form(self, request: HttpRequest, form: forms.BaseModelForm, what: str) -> None:
        if changes := changes_of(form):
            self._record(request, form.instance, what, changes)

    def _record(self, request: HttpRequest, obj: Model, what: str, changes: dict[str, Any] | None = None) -> None:
        action = f"{_snake_case(type(obj).__name__)}.{what}"
        audit.record(action, obj, by=request.user, now=timezone.now(), changes=changes)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()

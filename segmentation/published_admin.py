"""What the admins of definitions have in common: keys that stay, results that workers publish."""

from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from members.uses import KeptWhileUsed
from operations.audited_admin import AuditedAdmin

STYLES = {"all": ["admin/charts.css", "admin/segmentation.css"]}


class KeyedAdmin(KeptWhileUsed, AuditedAdmin):
    """The key follows the name while a thing is new, and stays once it is saved."""

    def get_prepopulated_fields(self, request: HttpRequest, obj: Model | None = None) -> dict[str, list[str]]:
        return {} if obj is not None else {"slug": ["name"]}


class PublishedAdmin(KeyedAdmin):
    """Definitions whose results workers publish: `pointers` are theirs, and a form must not write old ones back.

    A change of the fields in `beside` leaves the result as it is.
    """

    pointers: tuple[str, ...] = ()
    beside: frozenset[str] = frozenset()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            fresh = self.model._base_manager.select_for_update().get(pk=obj.pk)
            for pointer in self.pointers:
                setattr(obj, pointer, getattr(fresh, pointer))
        super().save_model(request, obj, form, change)
        if set(form.changed_data) - self.beside:
            self.request_recompute(obj)

    def request_recompute(self, obj: Any) -> None:
        """Ask a worker to compute the result anew."""
        raise NotImplementedError

    @transaction.atomic
    def request_each(self, request: HttpRequest, queryset: QuerySet) -> None:
        for obj in queryset:
            self.request_recompute(obj)
        count = len(queryset)
        self.message_user(request, ngettext("%d asked of a worker.", "%d asked of a worker.", count) % count)

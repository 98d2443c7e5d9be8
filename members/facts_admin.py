"""The admin of facts: tables that can be large."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin

from members.estimated_counts import EstimatedPaginator


class FactsAdmin(ModelAdmin):
    """A table that can be large: seen, searched by the beginning of a key, counted by estimate, never edited."""

    show_full_result_count = False
    paginator = EstimatedPaginator
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

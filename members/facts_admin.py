"""The admin of facts: tables that can be large."""

from typing import Any

from django.http import HttpRequest

from operations.list_admin import ListAdmin


class FactsAdmin(ListAdmin):
    """A table that can be large: seen, searched by the beginning of a key, counted by estimate, never edited."""

    grows = True

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

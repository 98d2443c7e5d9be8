"""The admin of what may be seen and never edited."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from operations.list_admin import ListAdmin


class ReadOnlyAdmin(ListAdmin):
    """Shows rows to whoever may view them. State changes only through actions that have a permission of their own."""

    grows = True

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

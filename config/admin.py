"""Accounts in unfold's dress; the screens of other packages that would go round our own write paths are taken away."""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import ManyToManyField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success
from rest_framework_api_key.models import APIKey
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from operations.audited_admin import AuditedAdmin

# django-q2's schedule form runs any function it is given; the package's API keys open nothing here.
TAKEN_AWAY = (Schedule, Success, Failure, OrmQ, APIKey)
REPLACED = (User, Group, AccessAttempt, AccessFailureLog, AccessLog)
for model in (*TAKEN_AWAY, *REPLACED):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


apps.get_app_config("axes").verbose_name = _("Sign-ins")

# Django keeps the names of permissions in the database, in English.
ACTIONS = {
    "add": _("Permission to add"),
    "change": _("Permission to change"),
    "delete": _("Permission to delete"),
    "view": _("Permission to view"),
}


def permission_words(permission: Permission) -> str:
    """Return a permission as whoever grants it reads it; models mark the names of their own for translation."""
    kind = permission.content_type
    own = permission.codename.removesuffix(f"_{kind.model}")
    return f"{kind.app_labeled_name} | {ACTIONS.get(own) or gettext(permission.name)}"


class GrantsPermissions(AuditedAdmin):
    def formfield_for_manytomany(self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.related_model is Permission and field is not None:
            field.label_from_instance = permission_words
        return field


@admin.register(User)
class UserAdmin(DjangoUserAdmin, GrantsPermissions):  # type: ignore[misc]  # both read their lists from ModelAdmin
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        response = super().user_change_password(request, id, form_url)
        if isinstance(response, HttpResponseRedirect):
            self._record(request, User.objects.get(pk=id), "password_changed")
        return response


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, GrantsPermissions):  # type: ignore[misc]  # the stubs name the model in `delete_model`
    pass


class ReadOnly(AuditedAdmin):
    """What was recorded is looked at, never written here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ReadOnly):
    """Deleting an attempt lets its user in again at once."""

    list_display = ("attempt_time", "ip_address", "username", "path_info", "failures_since_start")
    list_filter = ("attempt_time",)
    search_fields = ("ip_address", "username")


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnly):
    list_display = ("attempt_time", "logout_time", "ip_address", "username")
    list_filter = ("attempt_time",)
    search_fields = ("ip_address", "username")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(AccessFailureLog)
class AccessFailureLogAdmin(AccessLogAdmin):
    list_display = ("attempt_time", "ip_address", "username", "locked_out")

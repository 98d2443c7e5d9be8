"""Screens of other packages: replaced by our own, or taken away where they would go round our own write paths."""

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success
from rest_framework_api_key.models import APIKey

from operations.audited_admin import AuditedAdmin

# django-q2's schedule form runs any function it is given; the package's API keys open nothing here.
TAKEN_AWAY = (Schedule, Success, Failure, OrmQ, APIKey)
REPLACED = (User, Group, AccessAttempt, AccessFailureLog, AccessLog)
for model in (*TAKEN_AWAY, *REPLACED):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

# They register in place of Django's.
from config import two_factor_rule_admin, user_admin  # noqa: E402, F401

apps.get_app_config("axes").verbose_name = _("Sign-ins")


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

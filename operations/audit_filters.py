"""Filters of the audit trail that cost no query over it."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class TargetTypeFilter(admin.SimpleListFilter):
    """By kind of object, from the models that the admin shows."""

    title = _("kind of object")
    parameter_name = "target_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        shown = [model for model in apps.get_models() if model_admin.admin_site.is_registered(model)]
        return sorted(
            ((model._meta.label_lower, str(model._meta.verbose_name)) for model in shown), key=lambda pair: pair[1]
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(target_type=self.value()) if self.value() else queryset

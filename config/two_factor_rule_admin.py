"""Administrators require two-factor sign-in: of everybody, or of a role, from a moment on."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from config.roles import group_words
from operations.audited_admin import AuditedAdmin
from operations.models import Authenticator, TwoFactorRule


@admin.register(TwoFactorRule)
class TwoFactorRuleAdmin(AuditedAdmin):
    list_display = ["shown_whom", "required_from", "shown_state", "without_one"]
    list_filter = ["required_from"]
    search_fields = ["group__name"]
    fields = ["group", "required_from"]
    list_select_related = ["group"]
    ordering = ["required_from"]

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "group" and field is not None:
            field.label_from_instance = group_words
            field.queryset = Group.objects.order_by("name")
            field.empty_label = str(_("everybody"))
        return field

    @display(description=_("of whom"), ordering="group__name")
    def shown_whom(self, rule: TwoFactorRule) -> str:
        return str(_("everybody")) if rule.group is None else group_words(rule.group)

    @display(description=_("state"), label={"due": "success", "later": "info"})
    def shown_state(self, rule: TwoFactorRule) -> tuple[str, Any]:
        due = rule.required_from <= timezone.now()
        return ("due", _("in force")) if due else ("later", _("announced"))

    @display(description=_("have set up none yet"))
    def without_one(self, rule: TwoFactorRule) -> int:
        whom = Q() if rule.group_id is None else Q(groups=rule.group_id)
        have = Authenticator.objects.filter(confirmed=True).values("user")
        return User.objects.filter(whom, is_active=True, is_staff=True).exclude(pk__in=have).count()

    def get_actions(self, request: HttpRequest) -> Any:
        # One rule at a time is taken away, on its own page.
        return {}

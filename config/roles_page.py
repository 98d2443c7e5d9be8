"""The table of roles as a page: what each role may do with what, and which permissions of their own it has."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.role_table import ROLES
from config.roles import PURPOSES, TITLES, Row, group_name, rows
from operations.sentences import listed

TO_SEE = "auth.view_group"
WORDS = {
    "v": gettext_lazy("view"),
    "a": gettext_lazy("add"),
    "c": gettext_lazy("change"),
    "d": gettext_lazy("delete"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page: a screen or a permission of its own, and the words of each role's cell, "" for nothing."""

    title: str
    own: bool
    cells: tuple[tuple[str, str], ...]


def roles_page(request: Any) -> HttpResponse:
    if not request.user.has_perm(TO_SEE):
        raise PermissionDenied
    people = Count("user", filter=Q(user__is_active=True))
    counted = {group.name: group for group in Group.objects.annotate(people=people)}
    roles = [
        {"title": TITLES[role], "purpose": PURPOSES[role], "group": counted.get(group_name(role))} for role in ROLES
    ]
    context = admin.site.each_context(request) | {
        "title": _("Roles and what they may do"),
        "roles": roles,
        "sections": list(sections()),
    }
    return TemplateResponse(request, "admin/account/roles.html", context)


def sections() -> Iterator[tuple[str, list[Line]]]:
    """Yield the apps by name, each with the lines of its models."""
    own = {
        f"{app}.{codename}": name
        for app, codename, name in Permission.objects.values_list("content_type__app_label", "codename", "name")
    }
    lines: dict[str, list[Line]] = {}
    for row in rows():
        app, _model = row.model.split(".")
        try:
            named = apps.get_model(row.model)._meta.verbose_name_plural
        except LookupError:
            continue
        title = _(own.get(f"{app}.{row.own}", row.own)) if row.own else capfirst(str(named))
        lines.setdefault(app, []).append(Line(title, bool(row.own), tuple(_cells(row))))
    yield from ((str(apps.get_app_config(app).verbose_name), of_app) for app, of_app in lines.items())


def _cells(row: Row) -> Iterator[tuple[str, str]]:
    for role, cell in zip(ROLES, row.given, strict=True):
        letters = cell.replace(".", "")
        words = _("yes") if row.own and letters else listed(str(WORDS[each]) for each in letters if each in WORDS)
        yield str(TITLES[role]), words


def may_see(request: HttpRequest) -> bool:
    return request.user.has_perm(TO_SEE)


urlpatterns: list[URLPattern] = [path("roles/", admin.site.admin_view(roles_page), name="roles")]

"""Users and groups in the admin. Users are never deleted, only switched off: what they did stays under their name.

Sessions of a user end when the account is switched off, or its password or its rights change.
"""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from config import granting
from config.permission_words import permission_words
from config.roles import PREFIX, PURPOSES, group_words, role_of
from operations.audited_admin import AuditedAdmin
from operations.models import Authenticator
from operations.sign_in import codes, sessions

RIGHTS = ("groups", "is_active", "is_staff", "is_superuser", "user_permissions")
# A change of one of these ends the sessions of the account.
ENDING = frozenset(RIGHTS)


class UserForm(UserChangeForm):
    def clean(self) -> dict[str, Any]:
        """Refuse what would leave nobody who can give rights. The lock lasts until the change is stored."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        user: User = self.instance
        stays = granting.would_be_administrator(
            active=given.get("is_active", user.is_active),
            staff=given.get("is_staff", user.is_staff),
            superuser=given.get("is_superuser", user.is_superuser),
            groups=given["groups"] if "groups" in given else user.groups.all(),
        )
        if not stays and not granting.another_administrator_stays(user):
            raise ValidationError(_("Nobody else could give roles: the last administrator stays one."))
        return given


class GrantsPermissions(AuditedAdmin):
    """Inherit from this to offer only what the one who gives it has."""

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.related_model is Permission:
            kwargs["queryset"] = granting.grantable_permissions(request.user).select_related("content_type")
        elif db_field.related_model is Group:
            kwargs["queryset"] = granting.grantable_groups(request.user).order_by("name")
            kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None:
            words = permission_words if db_field.related_model is Permission else group_words
            field.label_from_instance = words
        return field


@admin.register(User)
class UserAdmin(DjangoUserAdmin, GrantsPermissions):  # type: ignore[misc]  # both read their lists from ModelAdmin
    form = UserForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "shown_name", "shown_roles", "shown_state", "shown_factor", "last_login"]
    list_filter = ["is_active", "groups", "is_superuser"]
    search_fields = ["username", "first_name", "last_name", "email"]
    filter_horizontal = ["user_permissions"]
    ordering = ["username"]
    actions_detail = ["end_sessions", "take_factor"]
    add_fieldsets = [(None, {"fields": ["username", "usable_password", "password1", "password2"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        own = Authenticator.objects.filter(user=OuterRef("pk"), confirmed=True)
        return super().get_queryset(request).annotate(has_factor=Exists(own)).prefetch_related("groups")

    def get_fieldsets(self, request: Any, obj: User | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        person = ("username", "password", ("last_name", "first_name"), "email")
        rights = ["is_active", "groups" if self._gives(request, obj) else "shown_roles"]
        only_superusers = [(_("Superusers give"), {"fields": ["is_staff", "is_superuser", "user_permissions"]})]
        return [
            (None, {"fields": person}),
            (_("Roles"), {"fields": rights, "description": _why_not(request.user, obj)}),
            *(only_superusers if request.user.is_superuser else []),
            (_("Sign-in"), {"fields": ["shown_factor", ("last_login", "date_joined")]}),
        ]

    def get_readonly_fields(self, request: Any, obj: User | None = None) -> Any:
        shown = ["shown_factor", "last_login", "date_joined"]
        if obj is None:
            return shown
        return shown if self._gives(request, obj) else [*shown, "shown_roles", *RIGHTS]

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or granting.may_manage(request.user, obj))

    def has_add_permission(self, request: Any) -> bool:
        return super().has_add_permission(request) and granting.is_administrator(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: Any, obj: User, form: Any, change: bool) -> None:
        if not change:
            # Who is added here is to use the admin; without a role there is nothing to see in it.
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and ENDING & set(form.changed_data):
            sessions.end_sessions(form.instance)

    @transaction.atomic
    def user_change_password(self, request: Any, id: str, form_url: str = "") -> HttpResponse:
        response = super().user_change_password(request, id, form_url)
        if isinstance(response, HttpResponseRedirect):
            changed = User.objects.get(pk=id)
            self._record(request, changed, "password_changed")
            own = request.user.pk == changed.pk
            sessions.end_sessions(changed, but=request.session.session_key if own else None)
        return response

    def has_manage_permission(self, request: Any, object_id: Any = None) -> bool:
        user = self.get_object(request, str(object_id)) if object_id is not None else None
        may = super().has_change_permission(request) and granting.is_administrator(request.user)
        return may and (user is None or granting.may_manage(request.user, user))

    @action(description=_("End all sessions"), permissions=["manage"], url_path="end-sessions", icon="logout")
    def end_sessions(self, request: Any, object_id: str) -> HttpResponse:
        """Sign the user out everywhere, to a POST."""
        user = self._user_or_404(request, object_id)
        if request.method != "POST":
            return self._ask(request, user, _("The user is signed out everywhere and may sign in again."))
        ended = sessions.end_sessions(user)
        self._record(request, user, "sessions_ended")
        words = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", ended)
        self.message_user(request, words % {"count": ended}, messages.SUCCESS)
        return HttpResponseRedirect(_page(user))

    @action(
        description=_("Take the second factor off"),
        permissions=["manage"],
        url_path="take-factor",
        icon="phonelink_erase",
    )
    def take_factor(self, request: Any, object_id: str) -> HttpResponse:
        """For whoever has lost the telephone and the recovery codes, to a POST."""
        user = self._user_or_404(request, object_id)
        if request.method != "POST":
            why = _(
                "For a lost telephone. Make sure that it is really this person who asks. Sessions end, and the next "
                "sign-in needs the password alone; where a rule asks for a second factor, a new one is set up at once."
            )
            return self._ask(request, user, why)
        if codes.remove(user, by=request.user, now=timezone.now()):
            sessions.end_sessions(user)
            self.message_user(request, _("Two-factor sign-in is off for this user."), messages.SUCCESS)
        else:
            self.message_user(request, _("This user has set up no second factor."), messages.WARNING)
        return HttpResponseRedirect(_page(user))

    @display(description=pgettext_lazy("person", "name"))
    def shown_name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @display(description=_("roles"))
    def shown_roles(self, user: User) -> str:
        named = sorted(group_words(each) for each in user.groups.all())
        return " · ".join([*([gettext("superuser")] if user.is_superuser else []), *named]) or "–"

    @display(description=_("state"), label={"on": "success", "off": "danger"})
    def shown_state(self, user: User) -> tuple[str, Any]:
        return ("on", _("may sign in")) if user.is_active else ("off", _("switched off"))

    @display(description=_("Two-factor sign-in"), boolean=True)
    def shown_factor(self, user: User) -> bool:
        return bool(getattr(user, "has_factor", False))

    def _gives(self, request: Any, user: User) -> bool:
        return request.user.pk != user.pk and granting.is_administrator(request.user)

    def _user_or_404(self, request: Any, object_id: str) -> User:
        user: User | None = self.get_object(request, str(object_id))
        if user is None:
            raise Http404
        if not self.has_manage_permission(request, object_id):
            raise PermissionDenied
        return user

    def _ask(self, request: HttpRequest, user: User, what_happens: Any) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": str(user),
            "opts": self.opts,
            "original": user,
            "what_happens": what_happens,
            "page": _page(user),
        }
        return TemplateResponse(request, "admin/account/ask.html", context)


class GroupForm(forms.ModelForm):
    class Meta:
        help_texts: ClassVar = {"name": _("What the role is called, such as: campaign operator.")}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name.startswith(PREFIX):
            raise ValidationError(
                _("Names that begin with “%(prefix)s” are those of the house."), params={"prefix": PREFIX}
            )
        return name


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, GrantsPermissions):  # type: ignore[misc]  # the stubs name the model in `delete_model`
    """The house's own groups follow `config.role_table` and are only shown; those of the shop are the shop's."""

    form = GroupForm
    list_display = ["shown_name", "shown_kind", "members_now"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        active = Count("user", filter=Q(user__is_active=True))
        return super().get_queryset(request).annotate(people=active)

    def get_fieldsets(self, request: HttpRequest, obj: Group | None = None) -> Any:
        if obj is not None and role_of(obj):
            return [(None, {"fields": ["shown_name", "shown_purpose", "members_now", "shown_permissions"]})]
        return [(None, {"fields": ["name", "permissions"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        house = obj is not None and role_of(obj)
        return ["shown_name", "shown_purpose", "members_now", "shown_permissions"] if house else []

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or (role_of(obj) is None and granting.may_change_group(request.user, obj)))

    def has_add_permission(self, request: Any) -> bool:
        return super().has_add_permission(request) and granting.is_administrator(request.user)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or (role_of(obj) is None and granting.may_change_group(request.user, obj)))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and "permissions" in form.changed_data:
            for user in form.instance.user_set.all():
                sessions.end_sessions(user)

    @display(description=pgettext_lazy("group", "name"), ordering="name")
    def shown_name(self, group: Group) -> str:
        return group_words(group)

    @display(description=_("kind"), label={"house": "info", "shop": "success"})
    def shown_kind(self, group: Group) -> tuple[str, Any]:
        return ("house", _("of the house")) if role_of(group) else ("shop", _("of the shop"))

    @display(description=_("users"), ordering="people")
    def members_now(self, group: Group) -> int:
        return getattr(group, "people", 0)

    @display(description=_("what it is for"))
    def shown_purpose(self, group: Group) -> str:
        return str(PURPOSES.get(role_of(group) or "", ""))

    @display(description=_("permissions"))
    def shown_permissions(self, group: Group) -> str:
        held = group.permissions.select_related("content_type").order_by("content_type__app_label", "codename")
        return "\n".join(permission_words(each) for each in held)


def _why_not(actor: User, target: User) -> Any:
    """Return why the rights of this account are not this user's to change; None where they are."""
    if actor.pk == target.pk:
        return _("Nobody changes their own roles: ask another administrator.")
    if not granting.is_administrator(actor):
        return _("Only administrators give roles.")
    return None


def _page(user: User) -> str:
    return reverse("admin:auth_user_change", args=[user.pk])

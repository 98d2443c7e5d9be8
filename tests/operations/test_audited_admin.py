"""Changes made in an audited admin, seen through groups, their permissions and their members."""

from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory
from unfold.admin import TabularInline

from operations.audited_admin import AuditedAdmin
from operations.models import AuditRecord

pytestmark = pytest.mark.django_db


class MemberInline(TabularInline):
    model = User.groups.through
    extra = 0


class GroupAdmin(AuditedAdmin):
    inlines = [MemberInline]


@pytest.fixture
def group_admin():
    return GroupAdmin(Group, admin.site)


@pytest.fixture
def writers():
    group = Group.objects.create(name="Writers")
    group.permissions.add(Permission.objects.get(codename="view_job"))
    return group


def request_of(user, fields):
    members = {"User_groups-TOTAL_FORMS": 0, "User_groups-INITIAL_FORMS": 0}
    body = urlencode(members | fields, doseq=True)
    request = RequestFactory().post("/", body, content_type="application/x-www-form-urlencoded")
    request.user, request._dont_enforce_csrf_checks = user, True
    request._messages = CookieStorage(request)
    return request


def permission(codename):
    return Permission.objects.get(codename=codename)


def records():
    return list(AuditRecord.objects.order_by("id").values_list("action", "target_name", "changes"))


def test_adding_records_what_was_given(group_admin, olga):
    group_admin.changeform_view(request_of(olga, {"name": "Editors"}))
    assert records() == [("group.added", "Editors", {"name": [None, "Editors"]})]


def test_changing_records_old_and_new_also_of_what_it_refers_to(group_admin, writers, olga):
    chosen = [permission("view_job").pk, permission("replay_job").pk]
    request = request_of(olga, {"name": "Editors", "permissions": chosen})
    group_admin.changeform_view(request, str(writers.pk))
    (record,) = AuditRecord.objects.all()
    assert (record.action, record.actor) == ("group.changed", olga)
    old, new = record.changes["permissions"]
    assert record.changes["name"] == ["Writers", "Editors"]
    assert (len(old), len(new)) == (1, 2)
    assert set(new) - set(old) == {str(permission("replay_job"))}


def test_saving_the_same_again_records_nothing(group_admin, writers, olga):
    request = request_of(olga, {"name": "Writers", "permissions": [permission("view_job").pk]})
    group_admin.changeform_view(request, str(writers.pk))
    assert records() == []


def test_rows_of_an_inline_are_recorded_as_rows_of_their_own(group_admin, writers, olga):
    same = {"name": "Writers", "permissions": [permission("view_job").pk]}
    added = {"User_groups-TOTAL_FORMS": 1, "User_groups-0-user": olga.pk, "User_groups-0-group": writers.pk}
    group_admin.changeform_view(request_of(olga, same | added), str(writers.pk))
    membership = User.groups.through.objects.get()
    nina = User.objects.create_user("nina")
    kept = added | {"User_groups-INITIAL_FORMS": 1, "User_groups-0-id": membership.pk}
    group_admin.changeform_view(request_of(olga, same | kept | {"User_groups-0-user": nina.pk}), str(writers.pk))
    group_admin.changeform_view(request_of(olga, same | kept | {"User_groups-0-DELETE": "on"}), str(writers.pk))
    assert set(AuditRecord.objects.values_list("target_id", flat=True)) == {str(membership.pk)}
    actions = [(action, changes) for action, _target, changes in records()]
    assert actions == [
        ("user_groups.added", {"user": [None, "olga"]}),
        ("user_groups.changed", {"user": ["olga", "nina"]}),
        ("user_groups.deleted", {}),
    ]


def test_deleting_one_or_many_is_recorded(group_admin, olga):
    for name in "abc":
        Group.objects.create(name=name)
    request = request_of(olga, {})
    group_admin.delete_model(request, Group.objects.get(name="a"))
    group_admin.delete_queryset(request, Group.objects.filter(name__in="bc"))
    assert [(action, name) for action, name, _changes in records()] == [
        ("group.deleted", "a"),
        ("group.deleted", "b"),
        ("group.deleted", "c"),
    ]
    assert not Group.objects.filter(name__in="abc").exists()

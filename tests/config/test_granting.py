"""Nobody raises themselves: rights are given by administrators, of what they have, to others, and one of them stays."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.forms import modelform_factory
from django.test import Client
from django.utils import timezone, translation

from config import role_groups
from config.role_table import ROLES, WITHOUT_A_SCREEN
from config.roles import ACTIONS, group_name, permissions_of, rows
from config.user_admin import UserForm
from operations.models import AuditRecord, SignIn
from operations.sign_in import codes

pytestmark = pytest.mark.django_db


def somebody(name, *roles, **more):
    user = User.objects.create_user(name, is_staff=True, **more)
    user.groups.set(Group.objects.filter(name__in=map(group_name, roles)))
    return user


@pytest.fixture
def ada():
    return somebody("ada", "administrator")


@pytest.fixture
def desk(ada):
    client = Client()
    client.force_login(ada)
    return client


def group(role):
    return Group.objects.get(name=group_name(role)).pk


def save(client, user, **changed):
    given = {"username": user.username, "is_active": "on", "groups": [each.pk for each in user.groups.all()]}
    given = {name: value for name, value in (given | changed).items() if value is not None}
    return client.post(f"/admin/auth/user/{user.pk}/change/", given)


def test_every_permission_there_is_has_a_row():
    given = {f"{row.model.split('.')[0]}.{row.own}" for row in rows() if row.own}
    for row in rows():
        app, model = row.model.split(".")
        given |= {f"{app}.{ACTIONS[letter]}_{model}" for letter in row.may if not row.own}
    known = set()
    for permission in Permission.objects.select_related("content_type"):
        kind = permission.content_type
        known.add(name := f"{kind.app_label}.{permission.codename}")
        if f"{kind.app_label}.{kind.model}" in WITHOUT_A_SCREEN:
            assert name not in given, name
        elif permission.codename not in {f"{action}_{kind.model}" for action in ACTIONS.values()}:
            assert name in given, f"{name} stands in no row of config/role_table.py"
        else:
            models = {row.model for row in rows()}
            assert f"{kind.app_label}.{kind.model}" in models, f"{name} stands in no row of config/role_table.py"
    assert given - known == set()


def test_an_administrator_has_whatever_a_role_has():
    assert all(permissions_of(role) <= permissions_of("administrator") for role in ROLES)


def test_only_those_who_answer_members_see_their_data_in_clear():
    sees = {role for role in ROLES if "members.view_contact" in permissions_of(role)}
    assert sees == {"support", "administrator"}


def test_nobody_proposes_and_approves_but_an_administrator():
    for submit, approve in (
        ("campaigns.submit_campaign", "campaigns.approve_campaign"),
        ("rewards.add_adjustment", "rewards.approve_adjustment"),
    ):
        both = {role for role in ROLES if {submit, approve} <= permissions_of(role)}
        # Finance approves what others ask for; that nobody approves their own is the adjustment's own rule.
        assert both <= {"administrator", "finance"}


def test_groups_of_the_house_are_kept_in_step_and_others_left_alone():
    own = Group.objects.create(name="Night shift")
    own.permissions.add(Permission.objects.get(codename="view_gift"))
    finance = Group.objects.get(name=group_name("finance"))
    before = set(finance.permissions.all())
    finance.permissions.set([Permission.objects.get(codename="erase_member")])
    role_groups.synchronise()
    assert set(finance.permissions.all()) == before
    assert own.permissions.count() == 1


def test_an_administrator_gives_a_role_and_the_sessions_end(desk):
    olga = somebody("olga")
    theirs = Client()
    theirs.force_login(olga)
    assert save(desk, olga, groups=[group("operator"), group("finance")]).status_code == 302
    assert olga.groups.count() == 2
    assert not SignIn.objects.filter(user=olga).exists()
    assert theirs.get("/admin/account/").status_code == 302
    assert AuditRecord.objects.filter(action="user.changed", target_id=str(olga.pk)).exists()


def test_nobody_changes_their_own_roles(desk, ada):
    save(desk, ada, groups=[group("finance")], is_superuser="on", is_active=None, user_permissions=["1"])
    ada.refresh_from_db()
    assert [each.name for each in ada.groups.all()] == [group_name("administrator")]
    assert (ada.is_superuser, ada.is_active, ada.user_permissions.count()) == (False, True, 0)


def test_nobody_but_a_superuser_makes_superusers_or_gives_single_permissions(desk):
    olga = somebody("olga")
    right = Permission.objects.get(codename="erase_member").pk
    save(desk, olga, is_superuser="on", user_permissions=[str(right)], is_staff="")
    olga.refresh_from_db()
    assert (olga.is_superuser, olga.user_permissions.count(), olga.is_staff) == (False, 0, True)


def test_a_group_with_more_than_one_has_is_not_given(desk):
    olga, strong = somebody("olga"), Group.objects.create(name="Strong")
    strong.permissions.add(Permission.objects.get(codename="delete_user"))
    answer = save(desk, olga, groups=[strong.pk])
    assert "groups" in answer.context["adminform"].form.errors
    assert olga.groups.count() == 0


def test_who_may_change_users_but_is_no_administrator_gives_nothing():
    clerk = somebody("clerk")
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user", "change_group"]))
    client = Client()
    client.force_login(clerk)
    olga = somebody("olga")
    save(client, olga, groups=[group("administrator")], is_superuser="on")
    assert olga.groups.count() == 0
    assert save(client, clerk, groups=[group("administrator")]).status_code in {200, 302}
    assert clerk.groups.count() == 0
    assert client.post("/admin/auth/user/add/", {"username": "x"}).status_code == 403


@pytest.mark.parametrize("screen", ["change", "password", "end-sessions", "take-factor"])
def test_the_account_of_a_superuser_is_out_of_an_administrators_reach(desk, screen):
    root = User.objects.create_superuser("root")
    words = {"username": "root", "password1": "nine quiet owls", "password2": "nine quiet owls"}
    assert desk.post(f"/admin/auth/user/{root.pk}/{screen}/", words).status_code == 403


def test_users_are_switched_off_and_never_deleted(desk, admin_client):
    olga = somebody("olga")
    theirs = Client()
    theirs.force_login(olga)
    for client in (desk, admin_client):
        assert client.post(f"/admin/auth/user/{olga.pk}/delete/", {"post": "yes"}).status_code == 403
        client.post("/admin/auth/user/", {"action": "delete_selected", "_selected_action": [olga.pk], "post": "yes"})
    save(desk, olga, is_active=None)
    olga.refresh_from_db()
    assert not olga.is_active
    assert theirs.get("/admin/account/").status_code == 302


def test_the_last_administrator_stays_one(ada):
    form = modelform_factory(User, UserForm, fields=["username", "is_active", "is_staff", "groups"])
    last = form({"username": "ada", "is_active": "on", "is_staff": "on", "groups": []}, instance=ada)
    with translation.override("en"):
        assert last.non_field_errors() == ["Nobody else could give roles: the last administrator stays one."]
    somebody("bob", "administrator")
    assert form({"username": "ada", "is_active": "on", "is_staff": "on", "groups": []}, instance=ada).is_valid()


def test_groups_of_the_house_are_shown_and_not_edited(desk, admin_client):
    finance = Group.objects.get(name=group_name("finance"))
    for client in (desk, admin_client):
        assert client.get(f"/admin/auth/group/{finance.pk}/change/").status_code == 200
        assert client.post(f"/admin/auth/group/{finance.pk}/change/", {"name": "mine"}).status_code == 403
        assert client.post(f"/admin/auth/group/{finance.pk}/delete/", {"post": "yes"}).status_code == 403
        chosen = {"action": "delete_selected", "_selected_action": [finance.pk], "post": "yes"}
        client.post("/admin/auth/group/", chosen)
    assert Group.objects.get(pk=finance.pk).name == group_name("finance")


def test_a_group_of_the_shop_holds_no_more_than_who_makes_it_and_no_name_of_the_house(desk):
    beyond, within = (Permission.objects.get(codename=each) for each in ("delete_user", "view_gift"))
    refused = desk.post("/admin/auth/group/add/", {"name": "A", "permissions": [beyond.pk]})
    assert "permissions" in refused.context["adminform"].form.errors
    named = desk.post("/admin/auth/group/add/", {"name": "role:boss", "permissions": [within.pk]})
    assert "name" in named.context["adminform"].form.errors
    assert desk.post("/admin/auth/group/add/", {"name": "A", "permissions": [within.pk]}).status_code == 302


def test_nobody_changes_a_group_they_are_in(desk, ada):
    own = Group.objects.create(name="Own")
    ada.groups.add(own)
    right = Permission.objects.get(codename="view_gift").pk
    assert desk.post(f"/admin/auth/group/{own.pk}/change/", {"name": "Own", "permissions": [right]}).status_code == 403


def test_a_lost_telephone_is_taken_off_by_an_administrator_on_record(desk):
    olga = somebody("olga")
    codes.begin(olga, now=timezone.now())
    assert desk.get(f"/admin/auth/user/{olga.pk}/take-factor/").status_code == 200
    assert desk.post(f"/admin/auth/user/{olga.pk}/take-factor/").status_code == 302
    assert AuditRecord.objects.filter(action="user.two_factor_removed", target_id=str(olga.pk)).exists()


def test_the_table_of_roles_is_a_page_in_both_languages(desk):
    for language, word in (("en", "Administrator"), ("zh-hans", "<table")):
        desk.cookies["django_language"] = language
        page = desk.get("/admin/roles/")
        assert page.status_code == 200
        assert word in page.content.decode()


def test_without_the_right_there_is_no_table_of_roles():
    client = Client()
    client.force_login(somebody("olga", "operator"))
    assert client.get("/admin/roles/").status_code == 403

"""The admin's pages: whole for who may look, each with its own permission. By role: test_role_permissions."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from tests.config.lives import live
from tests.config.role_walk import addresses

pytestmark = pytest.mark.django_db


def staff(*permissions: Permission) -> User:
    user = User.objects.create_user("support", is_staff=True)
    user.user_permissions.set(permissions)
    return user


def test_who_may_only_look_sees_every_list_and_page(client):
    live()
    client.force_login(staff(*Permission.objects.filter(codename__startswith="view_")))
    broken = []
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages = [reverse(f"{name}_changelist")]
        if (row := model._default_manager.order_by("-pk").first()) is not None:
            pages.append(reverse(f"{name}_change", args=[row.pk]))
        broken += [(page, status) for page in pages if (status := client.get(page).status_code) != 200]
    assert broken == []


# Pages of segmentation that are no list and no form of a row, each with a permission that alone does not open it.
ALMOST = {
    "segmentation_package_upload": "segmentation.view_package",
    "segmentation_package_freeze": "segmentation.add_package",
    "segmentation_package_combine": "segmentation.add_package",
    "segmentation_package_split": "segmentation.add_package",
    "segmentation_memberexport_new": "segmentation.view_memberexport",
    "segmentation_tagbatch_new": "segmentation.view_tagbatch",
    "segmentation_segment_overlaps": "segmentation.view_package",
    "segmentation_segment_starting_points": "segmentation.view_segment",
    "segmentation_editor_fields": "segmentation.view_tag",
    "segmentation_editor_values": "segmentation.view_tag",
}


@pytest.mark.parametrize(("screen", "permission"), ALMOST.items())
def test_a_page_of_segmentation_needs_its_own_permission(client, screen, permission):
    app, _dot, codename = permission.partition(".")
    client.force_login(staff(Permission.objects.get(content_type__app_label=app, codename=codename)))
    assert client.get(reverse(f"admin:{screen}")).status_code == 403


def test_every_post_of_segmentation_needs_the_token_of_its_page():
    member, client = live(), Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("op"))
    posted = [each.path for each in addresses(member.pk) if each.route.startswith("segmentation/")]
    assert len(posted) > 80
    # What only reads answers as to any visitor: 404 for what is not there, 405, or a redirect to another page.
    taken = [each for each in posted if (answer := client.post(each)).status_code == 200 and not answer.streaming]
    assert taken == []

"""The admin's addresses, every one: shut to who has no permission, whole for who may look and no more."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.config.lives import live

pytestmark = pytest.mark.django_db
# What anybody on the staff may use, and the way in and out.
OPEN = {"", "login/", "logout/", "jsi18n/", "password_change/", "password_change/done/", "search/"}
GONE_WITHOUT_A_WORD = {403, 404, 405}


def routes(patterns: list, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def addresses(number: int) -> list[str]:
    """Every address of the admin, with `number` wherever it names a row."""
    found = {re.sub(r"<[^>]+>", str(number), route) for route in routes(get_resolver().url_patterns)}
    own = (address.removeprefix("admin/") for address in found if address.startswith("admin/"))
    return sorted(f"/admin/{address}" for address in own if re.fullmatch(r"[\w/-]+", address) and address not in OPEN)


def staff(*permissions: Permission) -> User:
    user = User.objects.create_user("support", is_staff=True)
    user.user_permissions.set(permissions)
    return user


def leads_away(answer) -> bool:
    """To the page that signs in, to where `change/` checks anew, or home as Django does where there is no such row."""
    to = answer.get("Location", "")
    return answer.status_code == 302 and (to.startswith("/admin/login/") or to.endswith("/change/") or to == "/admin/")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["nobody", "staff without a permission"])
def test_no_address_opens_without_a_permission(client, method, who):
    member = live()
    if who != "nobody":
        client.force_login(staff())
    looked_at = addresses(member.pk)
    assert len(looked_at) > 200
    opened = []
    for address in looked_at:
        answer = getattr(client, method)(address)
        if answer.status_code not in GONE_WITHOUT_A_WORD and not leads_away(answer):
            opened.append((address, answer.status_code))
    assert opened == []


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


@pytest.mark.parametrize(("page", "permission"), ALMOST.items())
def test_a_page_of_segmentation_needs_its_own_permission(client, page, permission):
    app, _dot, codename = permission.partition(".")
    client.force_login(staff(Permission.objects.get(content_type__app_label=app, codename=codename)))
    assert client.get(reverse(f"admin:{page}")).status_code == 403


def test_every_post_of_segmentation_needs_the_token_of_its_page():
    member, client = live(), Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("op"))
    posted = [each for each in addresses(member.pk) if each.startswith("/admin/segmentation/")]
    assert len(posted) > 80
    # What only reads answers as to any visitor: 404 for what is not there, 405, or a redirect to another page.
    taken = [each for each in posted if (answer := client.post(each)).status_code == 200 and not answer.streaming]
    assert taken == []

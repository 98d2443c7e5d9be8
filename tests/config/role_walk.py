"""Every address of the admin, asked for by each role, by somebody without a role and by nobody at all."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group, User
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django_htmx.middleware import HtmxDetails
from unfold.sites import UnfoldAdminSite

from config.role_table import ROLES
from config.roles import group_name

VISITORS = (*ROLES, "without a role", "nobody")
# Parts of an address that name a row of another model than the address is below.
ROWS_BY_NAME = {
    "campaign_id": ("campaigns.campaign", "pk"),
    "enrolment_id": ("campaigns.enrolment", "pk"),
    "gift": ("rewards.gift", "pk"),
    "member_id": ("members.member", "pk"),
    "task_id": ("campaigns.task", "pk"),
    "number": ("campaigns.revision", "number"),
}
# Ends the session that the walk goes on with.
LEFT_OUT = {"admin/logout/"}


@dataclass(frozen=True, slots=True)
class Address:
    """A route of the admin as the table of cases names it, and an address of it with a row that is there."""

    route: str
    path: str


def routes(patterns: list, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route


def addresses(otherwise: int) -> list[Address]:
    """Return every address of the admin, with the newest row of its model, or `otherwise` where it has none."""
    found = dict.fromkeys(route for route in routes(get_resolver().url_patterns) if route.startswith("admin/"))
    plain = (route for route in found if not re.search(r"[(?^$]", route) and route not in LEFT_OUT)
    return [Address(route.removeprefix("admin/"), "/" + _filled(route, otherwise)) for route in sorted(plain)]


def _filled(route: str, otherwise: int) -> str:
    app, model = (*route.split("/")[1:3], "", "")[:2]
    row = _newest(app, model) or otherwise

    def fill(found: re.Match[str]) -> str:
        label, column = ROWS_BY_NAME.get(found[1], ("", ""))
        return str((_newest(*label.split("."), column) if label else None) or row)

    return re.sub(r"<(?:\w+:)?(\w+)>", fill, route)


def _newest(app: str, model: str, column: str = "pk") -> object:
    try:
        rows = apps.get_model(app, model)._default_manager
    except (LookupError, ValueError):
        return None
    return rows.order_by("-pk").values_list(column, flat=True).first()


def visitor(who: str) -> Client:
    """Return a client that is signed in as a user of the role."""
    client = Client()
    client.force_login(user_of(who))
    return client


def user_of(who: str) -> User:
    """Return a user of the role, or one of the staff without any."""
    user = User.objects.create_user(f"the {who}", is_staff=True)
    if who in ROLES:
        user.groups.add(Group.objects.get(name=group_name(who)))
    return user


def answer(user: User | AnonymousUser, method: str, path: str) -> str:
    """Return the status of a view's answer, "in" for being led to sign in. What the request did is undone."""
    return answered(user, method, path)[0]


def answered(user: User | AnonymousUser, method: str, path: str, *, whole: bool = False) -> tuple[str, bytes]:
    """Return the status of a view's answer as `answer` does, and with `whole` what it says. What it did is undone.

    The view is called by itself: sessions and the second factor, which the middleware asks for, have tests of their
    own, and would be three of four parts of the time that the walk takes.
    """
    request: Any = getattr(RequestFactory(), method)(path)
    request.user, request.session, request.htmx = user, SessionStore(), HtmxDetails(request)
    request._dont_enforce_csrf_checks = True
    request._messages = CookieStorage(request)
    view, args, kwargs = resolve(request.path_info)
    try:
        with transaction.atomic():
            response = view(request, *args, **kwargs)
            body = _body(response) if whole else b""
            transaction.set_rollback(True)
        # Not `close()`: that ends the request, and with it the connection.
        for close in response._resource_closers:
            close()
    except PermissionDenied:
        return "403", b""
    except Http404:
        return "404", b""
    if response.status_code == 302 and response["Location"].startswith("/admin/login/"):
        return "in", b""
    return str(response.status_code), body


def _body(response: HttpResponseBase) -> bytes:
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    if isinstance(response, StreamingHttpResponse):
        return b"".join(response.streaming_content)  # type: ignore[arg-type]
    return response.content  # type: ignore[attr-defined]


def walk(otherwise: int) -> dict[str, list[str]]:
    """Return {"GET route": the answers to VISITORS in their order}."""
    visited = addresses(otherwise)
    users = [AnonymousUser() if who == "nobody" else user_of(who) for who in VISITORS]
    # What is refused is written down, thousands of times; the sidebar is drawn for every page.
    logging.disable()
    try:
        with mock.patch.object(UnfoldAdminSite, "each_context", side_effect=lambda _request: {}):
            return {
                f"{method.upper()} {address.route}": [answer(user, method, address.path) for user in users]
                for address in visited
                for method in ("get", "post")
            }
    finally:
        logging.disable(logging.NOTSET)

"""Every address of the admin, asked for by each role, by somebody without a role and by nobody at all."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from unittest import mock

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.template.response import SimpleTemplateResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from config.role_table import ROLES
from config.roles import group_name

VISITORS = (*ROLES, "without a role", "nobody")
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
    row = _newest(route) or otherwise
    return re.sub(r"<[^>]+>", str(row), route)


def _newest(route: str) -> object:
    app, model = (*route.split("/")[1:3], "", "")[:2]
    try:
        rows = apps.get_model(app, model)._default_manager
    except (LookupError, ValueError):
        return None
    return rows.order_by("-pk").values_list("pk", flat=True).first()


def visitor(who: str) -> Client:
    """Return a client that is signed in as a user of the role."""
    client = Client()
    if who != "nobody":
        user = User.objects.create_user(f"the {who}", is_staff=True)
        if who in ROLES:
            user.groups.add(Group.objects.get(name=group_name(who)))
        client.force_login(user)
    return client


def answer(client: Client, method: str, path: str) -> str:
    """Return the status of an answer, "in" for being led to sign in. What the request did is undone."""
    with transaction.atomic():
        response = getattr(client, method)(path)
        transaction.set_rollback(True)
    if response.status_code == 302 and response["Location"].startswith("/admin/login/"):
        return "in"
    return str(response.status_code)


def walk(otherwise: int) -> dict[str, list[str]]:
    """Return {"GET route": the answers to VISITORS in their order}."""
    visited = addresses(otherwise)
    clients = [visitor(who) for who in VISITORS]
    # What is refused is written down, thousands of times.
    logging.disable()
    try:
        return _answers(visited, clients)
    finally:
        logging.disable(logging.NOTSET)


def _answers(visited: list[Address], clients: list[Client]) -> dict[str, list[str]]:
    # Who may is decided before a page is drawn; drawing them all would take minutes.
    with mock.patch.object(SimpleTemplateResponse, "rendered_content", ""):
        return {
            f"{method.upper()} {address.route}": [answer(client, method, address.path) for client in clients]
            for address in visited
            for method in ("get", "post")
        }

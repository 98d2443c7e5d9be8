"""Every address of the house, and whom it answers how: the table in tests/cases/identities.json is the whole of it.

A row is [method, address as the URLconf has it, scope of the API or null, statuses], the statuses in the order of
IDENTITIES. What an address names is the first participant's. Whoever adds an address adds its rows, one a method, and
judges each status: who has no business there is answered 401, 403, 404, or led to where one signs in (302).
"""

import copy
import json
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.config.identities import IDENTITIES, NOW, World, open_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TABLE = json.loads((Path(__file__).parents[1] / "cases" / "identities.json").read_text(encoding="utf-8"))
ROWS = {(method, address): (scope, statuses) for method, address, scope, statuses in TABLE["addresses"]}
ADMIN = dict(TABLE["admin"])
API = "api/v1/"
# What answers without the URLconf: the probes, and files.
BESIDE = {"healthz", "readyz", "static/admin/theme.css"}
# Addresses that are no words with parameters between them.
EXAMPLES = {
    "h5/^pictures/(?P<digest>[0-9a-f]{32})/(?P<width>[1-9][0-9]{0,3})\\.webp$": "h5/pictures/{digest}/{width}.webp",
    "h5/^tones/(?P<keys>[0-9a-f]{6}(?:-[0-9a-f]{6}){0,99})\\.css$": "h5/tones/d4380d.css",
    "h5/^theme/(?P<key>[0-9a-f]{6})\\.css$": "h5/theme/d4380d.css",
    "api/v1/": "api/v1/nothing/",
}
# Of addresses that begin so, the parameters that stand for something else than usual.
NAMED = {
    "api/v1/segments/": {"slug": "everyone"},
    "api/v1/mall/": {"slug": "book"},
    "api/v1/gifts/": {"slug": "mug"},
    "api/v1/levels/": {"slug": "plus"},
    "h5/mall/": {"slug": "book"},
    "h5/me/awards/<int:award_id>/address/": {"award_id": "{parcel}"},
    "h5/c/<slug:slug>/o/": {"key": "milk"},
    "api/v1/campaigns/<slug:slug>/members/<str:uid>/offers/": {"key": "milk"},
    "api/v1/campaigns/<slug:slug>/members/<str:uid>/tasks/<slug:key>/accept/": {"key": "taken"},
    "api/v1/campaigns/<slug:slug>/members/<str:uid>/tasks/<slug:key>/claim/": {"key": "by-hand"},
    "h5/c/<slug:slug>/t/<slug:key>/accept/": {"key": "taken"},
    "h5/c/<slug:slug>/t/<slug:key>/claim/": {"key": "by-hand"},
}
IN_ENERGY = "api/v1/campaigns/<slug:slug>/members/<str:uid>/energy/"
ONE_UID = {"version": 1, "combinator": "and", "rules": [{"field": "profile.uid", "operator": "=", "value": "ann"}]}
# What a call of the API is sent, where that is more than an empty object, or list.
BODIES: dict[str, Any] = {
    "api/v1/eligibility/": {"uids": ["ann"], "campaign": "autumn"},
    "api/v1/segments/estimate/": {"rule": ONE_UID},
    "api/v1/members/<str:uid>/profiling/": {"refused": True},
    "api/v1/campaigns/<slug:slug>/members/<str:uid>/tasks/<slug:key>/make-up/": {"day": "2026-11-12"},
    "api/v1/campaigns/<slug:slug>/members/<str:uid>/offers/<slug:key>/join/": {"group": "abc"},
    "api/v1/webhooks/<int:webhook_id>/replay/": {"since": "2026-11-13T00:00:00Z", "state": "given_up"},
    f"{IN_ENERGY}help/": {"friend": "ben", "drop": 1},
    f"{IN_ENERGY}steal/": {"friend": "ben", "drop": 1},
}


@pytest.fixture
def world(settings, tmp_path) -> Iterator[World]:
    settings.MEDIA_ROOT = tmp_path
    settings.LANGUAGE_CODE = "en"
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    with time_machine.travel(NOW, tick=False):
        yield open_world()


def patterns(found: list[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in found:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            yield address, pattern.callback


def wanted() -> Iterator[tuple[str, str]]:
    """Every address outside the admin with each method that needs a row: of a call its own, of a page GET and POST."""
    yield from (("GET", address) for address in BESIDE)
    for address, callback in patterns(get_resolver().url_patterns):
        if address.startswith("admin/"):
            continue
        view = getattr(callback, "cls", None)
        own = {name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)}
        yield from ((method, address) for method in own or ("GET", "POST"))


def path_of(address: str, named: dict[str, str]) -> str:
    """An address with what it names."""
    if address in EXAMPLES:
        return "/" + EXAMPLES[address].format(**named)
    assert not re.search(r"[\^$(\\]", address), f"EXAMPLES needs an example of {address}"
    given = dict(named)
    for beginning, others in NAMED.items():
        if address.startswith(beginning):
            given |= {name: value.format(**named) for name, value in others.items()}
    try:
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: given[found[1]], address)
    except KeyError as unknown:
        raise AssertionError(f"tests.config.identities names nothing for {unknown} of {address}") from None


def status_of(client: Client, method: str, address: str, named: dict[str, str]) -> int:
    """What is answered; whatever the call did is undone, cookies included."""
    path, cookies = path_of(address, named), copy.deepcopy(client.cookies)
    sent: dict[str, Any] = {}
    if method != "GET" and address.startswith(API):
        body = BODIES.get(address, [] if "bulk" in address else {})
        sent = {"data": json.dumps(body), "content_type": "application/json", "headers": {"Idempotency-Key": "once"}}
    with transaction.atomic():
        answer = getattr(client, method.lower())(path, **sent)
        if answer.streaming:
            # A file is closed when it has been read.
            list(answer)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer.status_code


def lines(what: str, found: Iterable[object]) -> str:
    return f"these {what}:\n" + "\n".join(sorted(map(str, found)))


def test_every_address_has_its_rows_and_every_row_an_address():
    there = set(wanted())
    assert not there - set(ROWS), lines("need rows in tests/cases/identities.json", there - set(ROWS))
    assert not set(ROWS) - there, lines("are in the table, and gone from the house", set(ROWS) - there)


def test_every_address_answers_each_as_the_table_says(world):
    other = {}
    for column, identity in enumerate(IDENTITIES):
        for row, (_scope, statuses) in ROWS.items():
            status = status_of(world.visitors[identity], *row, world.named)
            if status != statuses[column]:
                other[identity, *row] = f"{status}, not {statuses[column]}"
    assert not other, lines("were answered otherwise", other.items())


def test_a_call_admits_the_keys_of_its_scope_and_no_others(world):
    scoped = {row: needed for row, (needed, _statuses) in ROWS.items() if needed}
    for scopes, key in world.keys.items():
        client = Client(headers={"Authorization": f"Api-Key {key}"})
        refused = {row for row in scoped if status_of(client, *row, world.named) == HTTPStatus.FORBIDDEN}
        assert refused == {row for row, needed in scoped.items() if needed not in scopes}


def test_every_call_has_a_scope_except_what_is_open_or_signed():
    calls = {address: scope for (_method, address), (scope, _statuses) in ROWS.items() if address.startswith(API)}
    open_or_signed = {"api/v1/", "api/v1/schema/", "api/v1/callbacks/deliveries/"}
    open_or_signed |= {"api/v1/callbacks/<slug:slug>/<slug:key>/"}
    assert {address for address, scope in calls.items() if not scope} == open_or_signed


def test_a_participant_or_a_user_of_the_admin_calls_nothing_of_a_client():
    """Their cookies are good for pages only: to a call they are nobody."""
    nobody = [IDENTITIES.index(name) for name in IDENTITIES if "client" not in name]
    called = {row: statuses for row, (scope, statuses) in ROWS.items() if scope}
    assert {tuple(statuses[column] for column in nobody) for statuses in called.values()} == {(401,) * len(nobody)}


def test_every_screen_of_the_admin_has_its_row():
    """A row for each model; `tests.config.test_role_permissions` walks the addresses below them one by one."""
    models = {model._meta.label_lower: model for model in admin.site._registry}
    different = set(models) ^ set(ADMIN)
    assert not different, lines("are models of the admin without a row, or rows without a model", different)
    below = {f"admin/{label.replace('.', '/')}/" for label in models}
    own = {"admin/", *(f"admin/{each}" for each in TABLE["admin's own"])}
    unknown = [
        address
        for address, _callback in patterns(get_resolver().url_patterns)
        if address.startswith("admin/") and address not in own and not any(map(address.startswith, below))
    ]
    assert not unknown, lines("are below no model, and not among the “admin's own” of the table", unknown)


def test_every_screen_of_the_admin_answers_each_as_the_table_says(world):
    other = {}
    for column, identity in enumerate(IDENTITIES):
        for label, statuses in ADMIN.items():
            address = reverse(f"admin:{label.replace('.', '_')}_changelist")
            status = world.visitors[identity].get(address).status_code
            if status != statuses[column]:
                other[identity, label] = f"{status}, not {statuses[column]}"
    assert not other, lines("were answered otherwise", other.items())

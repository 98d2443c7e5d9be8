"""Every list and screen of the admin over a million members, one line each: milliseconds and statements, and the floor.

    DATABASE_URL=… DJANGO_SETTINGS_MODULE=config.settings python -m benchmarks.admin_lists [FILE.tsv [NAME]]

The floor is the admin's shortest page of the same frame, with a list of a handful of rows, in the same run. Fill a
database first with `python -m benchmarks.many_rows`, once `manage.py migrate` and `load_demo` have run. NAME: only what
has it in its name.
"""

import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db import connection, reset_queries
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

MOST_MS = 1_000
MOST_STATEMENTS = 12
FLOOR = "admin:auth_group_changelist"
# Choices of one filter that are tried: its first ones.
TRIED = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """`sent` is what a POST sends. A list has to do with MOST_STATEMENTS; a `fresh` page finds nothing kept."""

    what: str
    address: str
    is_list: bool = False
    sent: dict[str, object] | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of the best of three: on the clock, of this process's own time, and within PostgreSQL."""

    status: int
    clock: float
    own: float
    within: float
    statements: int


def asked(user: Any) -> Iterator[Asked]:
    request = RequestFactory().get("/admin/")
    request.user = user
    for model, model_admin in sorted(admin.site._registry.items(), key=lambda each: each[0]._meta.label):
        label = model._meta.label_lower
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        page = reverse(f"{base}_changelist")
        for what, query in _queries(model_admin, request):
            yield Asked(f"{label} {what}".strip(), f"{page}?{query}" if query else page, is_list=True)
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            yield Asked(f"{label} row", reverse(f"{base}_change", args=[row.pk]))
    yield from _screens()


def _queries(model_admin: Any, request: Any) -> Iterator[tuple[str, str]]:
    """Yield (what, query) of a list as it opens, its deep page, search, columns of time, choices and orders."""
    yield "", ""
    yield "page 100", "p=100"
    if model_admin.get_search_fields(request):
        yield "search", "q=big-77777"
        yield "search nothing", "q=nobody-nothing"
    try:
        shown = model_admin.get_changelist_instance(request)
    except AttributeError:
        return
    yield from _filters(shown)
    for number, name in enumerate(shown.list_display):
        if name in shown.sortable_by and shown.get_ordering_field(name):
            yield f"by {name}", f"o={number}"
            yield f"by {name}, last first", f"o=-{number}"


def _filters(shown: Any) -> Iterator[tuple[str, str]]:
    from operations.list_filters import WithinDates

    today = timezone.localdate()
    for each in shown.filter_specs:
        if isinstance(each, WithinDates):
            for name, days in (("new", 7), ("old", 600)):
                since = today - timedelta(days=days)
                span = {each.names["from"]: since, each.names["to"]: since + timedelta(days=7)}
                yield f"{each.field_path} {name}", "&".join(f"{key}={day}" for key, day in span.items())
            continue
        tried = 0
        for choice in each.choices(shown):
            for option in choice.get("options") or [choice]:
                query = str(option.get("query") or option.get("query_string") or "").removeprefix("?")
                if query and not option.get("selected") and tried < TRIED:
                    tried += 1
                    yield f"only {query[:50]}", query


def _screens() -> Iterator[Asked]:
    from benchmarks import admin_screens

    for what, address in admin_screens.screens():
        yield Asked(f"screen: {what}", address, fresh=True)
    for what, address, sent in admin_screens.counts():
        yield Asked(f"screen: {what}, first", address, sent=sent, fresh=True)
        yield Asked(f"screen: {what}, again", address, sent=sent)


def measure(client: Client, each: Asked) -> Took:
    from benchmarks.admin_screens import forget

    best = Took(0, 1e9, 0.0, 0.0, 0)
    for _again in range(3):
        if each.fresh:
            forget()
        # Its log holds so many; what comes after them would count as none.
        reset_queries()
        with CaptureQueriesContext(connection) as told:
            begun, own = time.perf_counter(), time.process_time()
            if each.sent is None:
                answer = client.get(each.address, follow=True, secure=True)
            else:
                answer = client.post(each.address, each.sent, secure=True, headers={"HX-Trigger": "id_audience_count"})
            clock, own = (time.perf_counter() - begun) * 1000, (time.process_time() - own) * 1000
        if clock < best.clock:
            within = sum(float(each["time"]) for each in told.captured_queries) * 1000
            best = Took(answer.status_code, clock, own, within, len(told))
    return best


def main() -> None:
    from django.contrib.auth.models import User

    target = sys.argv[1] if len(sys.argv) > 1 else "/dev/stdout"
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    logging.disable(logging.CRITICAL)
    client = Client(raise_request_exception=False)
    user = User.objects.filter(is_superuser=True).earliest("pk")
    client.force_login(user)
    measure(client, Asked("floor", reverse(FLOOR)))
    floor = measure(client, Asked("floor", reverse(FLOOR))).clock
    missed = 0
    with open(target, "w", encoding="utf-8") as file:
        file.write(f"what\tms\town ms\tin PostgreSQL\tstatements\tstatus\ttimes the floor ({floor:.0f} ms)\t\n")
        for each in asked(user):
            if only not in each.what:
                continue
            took = measure(client, each)
            bad = took.status >= 300 or took.clock > MOST_MS or (each.is_list and took.statements > MOST_STATEMENTS)
            missed += bad
            figures = f"{took.clock:.0f}\t{took.own:.0f}\t{took.within:.0f}\t{took.statements}\t{took.status}"
            file.write(f"{each.what}\t{figures}\t{took.clock / floor:.1f}\t{'MISSED' if bad else ''}\n")
            file.flush()
    print(f"floor {floor:.0f} ms; {missed} missed")


if __name__ == "__main__":
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    main()

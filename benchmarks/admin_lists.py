"""Every list of the admin over a million members, one line each: milliseconds and statements, beside the floor.

    DATABASE_URL=… DJANGO_SETTINGS_MODULE=config.settings python -m benchmarks.admin_lists [FILE.tsv]

The floor is the admin's shortest page of the same frame, with a list of a handful of rows, in the same run. Fill a
database first with `python -m benchmarks.many_rows`.
"""

import logging
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

MOST_MS = 1_000
MOST_STATEMENTS = 12
FLOOR = "admin:auth_group_changelist"


def asked(only: str) -> Iterator[tuple[str, str]]:
    """Yield (what, address) of every list, its filters, its search, its last page and its first row."""
    for model, model_admin in sorted(admin.site._registry.items(), key=lambda each: each[0]._meta.label):
        label = model._meta.label_lower
        if only and only not in label:
            continue
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        page = reverse(f"{base}_changelist")
        yield label, page
        if model_admin.get_search_fields(None):
            yield f"{label} search", f"{page}?q=big-77777"
            yield f"{label} search nothing", f"{page}?q=nobody-nothing"
        for path, days in _times(model_admin):
            today = timezone.localdate()
            for name, since in (("new", today - timedelta(days=7)), ("old", today - timedelta(days=600))):
                span = f"{path}_from={since}&{path}_to={since + timedelta(days=days)}"
                yield f"{label} {path} {name}", f"{page}?{span}"
        yield f"{label} page 100", f"{page}?p=100"
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            yield f"{label} row", reverse(f"{base}_change", args=[row.pk])


def _times(model_admin: object) -> Iterator[tuple[str, int]]:
    from operations.list_filters import WithinDates

    request = type("Asked", (), {"user": None, "GET": {}})()
    for each in model_admin.get_list_filter(request):  # type: ignore[attr-defined]
        if isinstance(each, tuple) and each[1] is WithinDates:
            yield each[0], 7


def measure(client: Client, address: str) -> tuple[int, float, int, float]:
    """Return status, ms of the best of three, statements and ms within PostgreSQL."""
    best, count, within, status = 1e9, 0, 0.0, 0
    for _again in range(3):
        with CaptureQueriesContext(connection) as told:
            begun = time.perf_counter()
            status = client.get(address, follow=True).status_code
            took = (time.perf_counter() - begun) * 1000
        if took < best:
            best, count, within = took, len(told), sum(float(each["time"]) for each in told.captured_queries) * 1000
    return status, best, count, within


def main() -> None:
    from django.contrib.auth.models import User

    target = sys.argv[1] if len(sys.argv) > 1 else "/dev/stdout"
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    logging.disable(logging.CRITICAL)
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.filter(is_superuser=True).earliest("pk"))
    client.get(reverse(FLOOR))
    _status, floor, _count, _within = measure(client, reverse(FLOOR))
    missed = 0
    with open(target, "w", encoding="utf-8") as file:
        file.write(f"what\tms\tin PostgreSQL\tstatements\tstatus\ttimes the floor ({floor:.0f} ms)\t\n")
        for what, address in asked(only):
            status, took, count, within = measure(client, address)
            bad = status >= 400 or took > MOST_MS or (count > MOST_STATEMENTS and not what.endswith(" row"))
            missed += bad
            mark = "MISSED" if bad else ""
            file.write(f"{what}\t{took:.0f}\t{within:.0f}\t{count}\t{status}\t{took / floor:.1f}\t{mark}\n")
            file.flush()
    print(f"floor {floor:.0f} ms; {missed} missed")


if __name__ == "__main__":
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    main()

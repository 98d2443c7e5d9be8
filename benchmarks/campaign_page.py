"""The campaign's page against the same template rendered from constants: what a participant's first view costs.

The floor renders `h5/campaign.html` with what the view handed it once, without a member, a query or a decision. It is
measured twice: whole, and with the parts kept that are alike for everyone, as the page itself keeps them.

`python -m benchmarks.campaign_page` measures it alone, in a database of its own with 2,000 members.
"""

import gzip
import os
import sys
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import uuid4

from campaigns.rehearsal.rehearsing import warnings_of

if __name__ == "__main__":
    # Before anything of Django is imported.
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["LOCAL_HTTP"] = "1"

    import django

    django.setup()

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from benchmarks import load
from benchmarks.report import Figure
from benchmarks.shop import make_pool
from campaigns import pages, publishing, visiting
from campaigns.models import Campaign, CampaignPool, Chain, ChainStep, Task
from members.models import Member
from members.participants import COOKIE, cookie_value

ROUNDS = 3
SLUG = "bench-page"
QUIZ = {"questions": [{"text": "?", "choices": ["a", "b"], "answer": 0}], "pass": 1}
KINDS: list[tuple[str, dict[str, Any]]] = [("checkin", {}), ("quiz", QUIZ), ("purchase", {"orders": 2})]
TASKS = 12


def make_campaign(*, now: datetime) -> None:
    """Publish a campaign of 12 tasks, three of them steps of a chain, that is open to everyone."""
    campaign = Campaign.objects.create(
        slug=SLUG, name="Double twelve", tagline="Twelve tasks, a wheel and no fee", organiser="bench",
        rules="One draw a chance.", opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=30),
    )  # fmt: skip
    tasks = [
        Task.objects.create(
            campaign=campaign, key=f"task-{number}", title=f"Task number {number}", guide="What to do, in a line",
            kind=KINDS[number % 3][0], config=KINDS[number % 3][1], points=5, chances=1, position=number,
        )
        for number in range(TASKS)
    ]  # fmt: skip
    chain = Chain.objects.create(campaign=campaign, key="chain", title="Three steps", chances=1)
    for step, task in enumerate(tasks[:3], start=1):
        ChainStep.objects.create(chain=chain, number=step, task=task)
    CampaignPool.objects.create(campaign=campaign, pool=make_pool("page-pool", stock=1_000))
    publishing.publish(campaign, by=None, now=now, acknowledged=warnings_of(campaign, now=now))


def measure(port: int, *, clients: int, seconds: float) -> list[Figure]:
    """Return requests per second of the page and of both floors, measured in turn, and the page's size."""
    cookies = [_cookies(pk) for pk in Member.objects.order_by("id").values_list("pk", flat=True)[:500]]

    def page(client: int, number: int) -> bytes:
        return _get(f"/h5/c/{SLUG}/", cookies[(client * 7919 + number) % len(cookies)])

    def whole(_client: int, _number: int) -> bytes:
        return _get("/bench/page/whole/", cookies[0])

    def kept(_client: int, _number: int) -> bytes:
        return _get("/bench/page/kept/", cookies[0])

    for cookie in cookies:
        # Everyone's first visit writes their enrolment.
        load.once(port, _get(f"/h5/c/{SLUG}/", cookie))
    rates: dict[str, list[float]] = {"page": [], "whole": [], "kept": []}
    for _round in range(ROUNDS):
        for name, make in (("whole", whole), ("page", page), ("kept", kept)):
            run = load.drive(port, make, clients=clients, seconds=seconds)
            if run.failures:
                raise RuntimeError(f"{run.failures} of {run.requests} requests failed")
            rates[name].append(run.per_second)
    _, body = load.once(port, page(0, 0))
    middle = {name: median(each) for name, each in rates.items()}
    return [
        Figure("campaign page, 12 tasks", middle["page"], middle["whole"], 0.5, "higher", "requests/s"),
        Figure("the same, parts kept on both sides", middle["page"], middle["kept"], None, "higher", "requests/s"),
        Figure("size of the page, compressed", float(len(gzip.compress(body, 6))), None, None, "lower", "bytes"),
    ]


def _cookies(member_id: int) -> str:
    return f"{COOKIE}={cookie_value(member_id)}; {settings.LANGUAGE_COOKIE_NAME}=zh-hans"


def _get(path: str, cookies: str) -> bytes:
    return load.request("GET", path, headers={"Cookie": cookies})


_constants: dict[str, Any] = {}


def from_constants(request: HttpRequest, parts: str) -> HttpResponse:
    """The floor: what the view once handed to the template; `parts` says whether parts of it may be kept."""
    if not _constants:
        member = Member.objects.order_by("id")[0]
        visit = visiting.visit_of(member, SLUG, timezone.now())
        if visit is None:
            raise RuntimeError("the campaign is not published")
        _constants.update(pages.shown(visit))
    context = _constants if parts == "kept" else _constants | {"kept_by": uuid4()}
    return render(request, "h5/campaign.html", context)


def main() -> int:
    from django.core.management import call_command

    from benchmarks import database, report, server, shop

    database.create_empty()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    shop.generate_facts(2_000, 10_000)
    make_campaign(now=timezone.localtime())
    database.settle()
    with server.running() as (port, _pid):
        figures = measure(port, clients=4, seconds=float(os.environ.get("SECONDS_EACH", "6")))
    sys.stdout.write(report.table(figures) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The whole way on real orders: CDNOW's customers are imported, scored and segmented, and two of them play."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from members.models import Member, MemberMetrics
from operations.api_keys import create_api_key
from rewards.models import Draw
from segmentation import member_sets, recomputing
from segmentation.models import Segment
from tests.browser.fair import QUESTIONS, RIGHT
from tests.campaigns import scenes
from tests.workers import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]

ORDERS = Path(__file__).parents[1] / "fixtures" / "cdnow_sample.csv"
CUSTOMERS, ROWS = 2_357, 6_937


def run(command: str, *arguments: str) -> str:
    printed = StringIO()
    call_command(command, *arguments, stdout=printed, stderr=StringIO())
    return printed.getvalue()


def high_value() -> Segment:
    rule = {
        "version": 1,
        "combinator": "and",
        "rules": [{"field": "rfm.default.class", "operator": "in", "value": ["important_value"]}],
    }
    return Segment.objects.create(slug="high-value", name="High-value customers", rule=rule)


def publish_campaign() -> Campaign:
    """Publish a chain of check-in, quiz and purchase, with a pool for the high-value class before everyone's."""
    now = timezone.now()
    return scenes.publish(
        slug="cd-fair",
        name="CD fair",
        opens_at=(now - timedelta(hours=1)).isoformat(),
        closes_at=(now + timedelta(days=9)).isoformat(),
        tasks=[
            scenes.task("sign", title="Check in today"),
            scenes.task("quiz", "quiz", title="Music quiz", config={"questions": QUESTIONS, "pass": 3}),
            scenes.task("buy", "purchase", title="One more CD", config={"orders": 1}),
        ],
        chains=[scenes.chain("path", "sign", "quiz", "buy", title="Three steps")],
        pools=[
            scenes.pool("high-value", name="Collectors' pool", audience={"segments_in": ["high-value"]}),
            scenes.pool("everyone", name="Everyone's pool"),
        ],
    )


def answer_quiz(page: Page) -> None:
    for number, choice in enumerate(RIGHT, start=1):
        page.get_by_label(choice, exact=True).check()
        if number < len(RIGHT):
            page.get_by_role("button", name="Next question").click()
    page.get_by_role("button", name="Hand in").click()


def pool_of(uid: str, client: Client) -> str:
    """What the API answers to the shop's backend."""
    _key, plain, _secret = create_api_key("backend", ["eligibility"])
    answer = client.get(
        f"/api/v1/members/{uid}/eligibility/?campaign=cd-fair", headers={"Authorization": f"Api-Key {plain}"}
    )
    assert answer.status_code == 200
    return answer.json()["campaigns"][0]["pool"]


def test_real_customers_are_scored_and_meet_what_fits_them(
    page: Page, live_server, entry_link, worker_processes, tmp_path, client
):
    first, again = run("import_data", "orders", str(ORDERS)), run("import_data", "orders", str(ORDERS))
    assert f"created {ROWS}, updated 0, unchanged 0, rejected 0" in first
    assert f"created 0, updated 0, unchanged {ROWS}, rejected 0" in again
    scored = run("recompute_rfm", "--at", "1998-07-01")
    assert f"{CUSTOMERS} members scored" in scored
    assert "parts instead of 5" in scored

    segment = high_value()
    with transaction.atomic():
        recomputing.request_recompute(segment, now=timezone.now())
    worker_processes()
    wait_until(lambda: Segment.objects.get().members_id is not None, seconds=60)
    segment.refresh_from_db()
    valued = member_sets.load(segment.members_id)
    assert 0 < len(valued) < CUSTOMERS
    collector = Member.objects.get(pk=valued[0])
    one_timer = MemberMetrics.objects.filter(orders=1).exclude(member_id__in=list(valued)).first().member

    publish_campaign()
    page.goto(entry_link(collector.uid, "/h5/c/cd-fair/"))
    page.get_by_role("button", name="Check in Check in today").first.click()
    page.get_by_role("link", name="Go Music quiz").first.click()
    answer_quiz(page)
    order_file = tmp_path / "order.csv"
    paid_at = datetime.now(UTC).isoformat()
    order_file.write_text(f"order_id,uid,paid_at,amount,currency\nM999999,{collector.uid},{paid_at},21.50,USD\n")
    run("import_data", "orders", str(order_file))
    # The workers follow the order; nobody else moves the task.
    wait_until(lambda: collector.enrolments.get().completions.filter(task_key="buy").exists(), seconds=60)
    page.goto(f"{live_server.url}/h5/c/cd-fair/draw/")
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_role("link", name="My prizes").first).to_be_visible(timeout=10_000)
    assert Draw.objects.get().version.pool.slug == "high-value"

    page.goto(entry_link(one_timer.uid, "/h5/c/cd-fair/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("CD fair")
    assert pool_of(collector.uid, client) == "high-value"
    assert pool_of(one_timer.uid, client) == "everyone"
    explained = run("explain_segment", "high-value", one_timer.uid)
    assert explained.startswith("✗")
    assert "RFM" in explained
    call_command("check_books", stdout=StringIO())

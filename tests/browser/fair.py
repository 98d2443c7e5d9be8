"""A campaign in the manner of the real ones: a chain of check-in, quiz and purchase, and a wheel."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from campaigns.models import Campaign
from members import ingest
from members.models import Member
from members.rows import OrderRow
from operations import jobs
from operations.models import Job
from rewards.codes import add_codes
from rewards.models import Gift
from tests.campaigns import scenes

QUESTIONS = [
    {"text": "How fresh is the milk?", "choices": ["Two hours", "Two weeks"], "answer": 0},
    {"text": "Who keeps the cows?", "choices": ["A robot", "The Lis", "Nobody"], "answer": 1},
    {"text": "Where is it kept?", "choices": ["In the sun", "In the cold"], "answer": 1},
]
RIGHT = ["Two hours", "The Lis", "In the cold"]
WRONG = ["Two weeks", "A robot", "In the sun"]


def open_fair(*, now: datetime, **changes: Any) -> Campaign:
    """Publish a campaign that is open at `now`, in which all but two draws in a million win a coupon."""
    _gifts()
    Member.objects.create(uid="ann", name="Ann")
    return scenes.publish(
        slug="fair",
        name="Milk fair",
        tagline="Finish tasks, turn the wheel",
        opens_at=(now - timedelta(days=1)).isoformat(),
        closes_at=(now + timedelta(days=9)).isoformat(),
        rules="One draw a chance.",
        **{"tasks": _tasks(), "chains": _chains(), "pools": [pool()]} | changes,
    )


def order(order_id: str, *, now: datetime) -> None:
    """Let an order come in, and the workers do what follows from it."""
    ingest.ingest_orders([OrderRow(order_id, "ann", now, Decimal("30.00"))], now=now)
    for job in Job.objects.filter(state=Job.State.QUEUED).order_by("id"):
        jobs.run(job.pk)


def _gifts() -> None:
    coupon = Gift.objects.create(slug="milk", name="Milk for nothing", kind="coupon", face_value=20, valid_days=30)
    add_codes(coupon.pk, [f"MILK-{number}" for number in range(9)])
    scenes.make_gifts()


def _tasks() -> list[dict[str, Any]]:
    return [
        scenes.task("sign", title="Check in today", period="daily", reward={"points": 10, "chances": 1}),
        scenes.task("quiz", "quiz", title="Milk quiz", config={"questions": QUESTIONS, "pass": 2}),
        scenes.task("buy", "purchase", title="Two orders", config={"orders": 2}, reward={"chances": 1}),
        scenes.task(
            "extra", "quiz", title="One more", config={"questions": QUESTIONS[:1], "pass": 1}, claim_mode="by_hand"
        ),
    ]


def _chains() -> list[dict[str, Any]]:
    return [scenes.chain("path", "sign", "quiz", "buy", title="Three steps", reward={"points": 100})]


def pool() -> dict[str, Any]:
    prizes = [
        {"key": "milk", "gift": "milk", "odds": 999_998, "stock": 5, "consolation": False},
        {"key": "points", "gift": "hundred-points", "odds": 1, "stock": None, "consolation": False},
        {"key": "thanks", "gift": "thanks", "odds": 1, "stock": None, "consolation": True},
    ]
    return {"slug": "wheel", "name": "Wheel", "audience": {}, "prizes": prizes}

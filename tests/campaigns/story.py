"""Stories of members in a campaign, as tables tell them (`tests/cases/kinds/*.json`), played against the real thing.

A story is {"name", "task": the task's file, "steps": […]} with the options "campaign" (changes of the campaign's file),
"tasks" (further ones), "chains", "chance" (the numbers that chance gives, in turn; 0 when they run out). A step is
{"at", "do", "who", "payload", "key", "expect"}: "do" is enter, accept, submit, claim, look, order, items, refund or
event; "who" a uid ("ann" unless told), "key" the task's ("task" unless told). "expect" names what is told: state,
count, completed, refused (the code), bad (the fields), result and reward (parts of them), points, growth, chances,
score.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from campaigns import playing, published
from campaigns.definition import Reward
from campaigns.eligibility import decide
from campaigns.models import Enrolment
from campaigns.refusals import BadSubmission, Refused
from campaigns.subjects import load_subject
from members import ingest
from members.event_rows import EventRow
from members.models import Member
from members.rows import OrderItemRow, OrderRow, RefundRow
from operations import jobs
from operations.models import Job
from rewards.chances import chances_left
from rewards.ledger import balances
from tests.campaigns import scenes

CASES = Path(__file__).parents[1] / "cases" / "kinds"
Story = Mapping[str, Any]


def stories(kind: str) -> list[Story]:
    """The stories of a table; for `pytest.mark.parametrize("story", stories("checkin"), ids=name_of)`."""
    told: list[Story] = json.loads((CASES / f"{kind}.json").read_text())
    return told


def name_of(story: Story) -> str:
    return str(story["name"])


def play(story: Story) -> None:
    """Play a story; raises AssertionError at the first step that does not come out as told."""
    tasks = [scenes.task("task", **story["task"]), *story.get("tasks", ())]
    scenes.publish(tasks=tasks, chains=list(story.get("chains", ())), **story.get("campaign", {}))
    chance = iter(story.get("chance", ()))
    for number, step in enumerate(story["steps"], 1):
        told = _told(step, lambda n: min(next(chance, 0), n - 1))
        for name, expected in step.get("expect", {}).items():
            found = told.get(name)
            if isinstance(expected, dict) and isinstance(found, dict):
                found = {key: found.get(key) for key in expected}
            assert found == expected, f"step {number} ({step['do']} at {step['at']}): {name} is {found!r}, {told}"


def _told(step: Story, chance: Any) -> dict[str, Any]:
    now = datetime.fromisoformat(step["at"])
    member, _ = Member.objects.get_or_create(uid=step.get("who", "ann"))
    told: dict[str, Any] = {"refused": None, "bad": None}
    try:
        told |= _done(step, member, now, chance)
    except Refused as refused:
        told["refused"] = refused.refusal.value
    except BadSubmission as bad:
        told["bad"] = sorted(bad.fields)
    return told | _standing(step, member, now) | _held(member)


def _done(step: Story, member: Member, now: datetime, chance: Any) -> dict[str, Any]:
    key, payload = step.get("key", "task"), step.get("payload", {})
    match step["do"]:
        case "submit":
            moved = playing.submit(member, "autumn", key, payload, now=now, chance=chance)
        case "enter":
            moved = playing.enter_task(member, "autumn", key, now=now, chance=chance)
        case "accept":
            moved = playing.accept(member, "autumn", key, now=now, chance=chance)
        case "claim":
            moved = playing.claim(member, "autumn", key, now=now, chance=chance)
        case fact:
            _bring(fact, member.uid, payload, now)
            return {}
    reward = {name: getattr(moved.reward, name) for name in Reward.__slots__} if moved.reward else None
    return {"completed": moved.completed, "result": dict(moved.result), "reward": reward}


def _bring(fact: str, uid: str, payload: Story, now: datetime) -> None:
    if fact == "order":
        amount = Decimal(payload.get("amount", "100"))
        fields = {name: value for name, value in payload.items() if name in {"quantity", "channel", "status"}}
        at = datetime.fromisoformat(payload.get("paid_at", now.isoformat()))
        ingest.ingest_orders([OrderRow(payload["order"], uid, at, amount, currency="CNY", **fields)], now=now)
    elif fact == "items":
        rows = [OrderItemRow(*row[:-1], Decimal(row[-1])) for row in payload["rows"]]
        ingest.ingest_order_items(rows, now=now)
    elif fact == "refund":
        at, fields = now, {name: payload[name] for name in payload.keys() - {"refund", "order", "amount"}}
        row = RefundRow(payload["refund"], payload["order"], at, Decimal(payload["amount"]), **fields)
        ingest.ingest_refunds([row], now=now)
    elif fact == "event":
        at = datetime.fromisoformat(payload.get("occurred_at", now.isoformat()))
        fields = {name: value for name, value in payload.items() if name not in {"id", "type", "occurred_at"}}
        ingest.ingest_events([EventRow(payload["id"], uid, payload["type"], at.astimezone(UTC), **fields)], now=now)
    elif fact != "look":
        raise ValueError(f"nobody can do {fact}")
    run_jobs()


def run_jobs() -> None:
    """Run what campaigns have to do, until there is nothing more."""
    for job in _waiting():
        jobs.run(job.pk)
        job.refresh_from_db()
        assert job.state == "done", job.error


def _waiting() -> Iterator[Job]:
    while job := Job.objects.filter(state="queued", function__startswith="campaigns.").order_by("id").first():
        yield job


def _standing(step: Story, member: Member, now: datetime) -> dict[str, Any]:
    definition = published.definition_of("autumn")
    assert definition is not None
    found = decide(definition, load_subject(member, definition, now=now)).task(step.get("key", "task"))
    assert found is not None, "there is no such task"
    reason = found.refusal.value if found.refusal else None
    return {"state": found.state.value, "count": found.count, "reason": reason, "target": found.target}


def _held(member: Member) -> dict[str, Any]:
    held = balances(member.pk)
    score = Enrolment.objects.filter(member=member).values_list("score", flat=True).first()
    return {
        "points": held.get("points", 0),
        "growth": held.get("growth", 0),
        "chances": chances_left(member.pk, "campaign:autumn"),
        "score": score or 0,
    }

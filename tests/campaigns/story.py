"""Stories of members in a campaign, as tables tell them (`tests/cases/kinds/*.json`), played against the real thing.

A story is {"name", "task": the task's file, "steps": […]} with the options "campaign" (changes of the campaign's file),
"levels" (paid ones that are sold), "units" (of the ledger), "tasks" (further ones), "chains", and "chance" (the numbers
that chance gives, in turn; 0 when they run out). A step is {"at", "do", "who", "payload", "key", "expect"}: "do" is
enter, accept, submit, claim, make_up, look, order, items, refund, event, profile, buy_level or earn, or what the
tests of a kind add; "who" a uid ("ann" unless told), "key" the task's ("task" unless told). A payload {"link_of": uid}
is the link that this member was told last. "expect" names what is told: state, count, completed, refused (the code),
bad (the fields), result and reward (parts of them), points, growth, chances, score, balances.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import time_machine

from campaigns import making_up, playing, published, touched
from campaigns.completing import TaskMoved
from campaigns.definition import Reward
from campaigns.eligibility import decide
from campaigns.models import Enrolment
from campaigns.refusals import BadSubmission, Refused
from campaigns.subjects import load_subject
from members import ingest, paid_levels
from members.event_rows import EventRow
from members.ingest_events import ingest_events
from members.models import Level, Member
from members.rows import MemberRow, OrderItemRow, OrderRow, RefundRow
from operations import jobs
from operations.models import Job
from rewards import ledger
from rewards.chances import chances_left
from rewards.ledger import balances
from rewards.models import Unit
from tests.campaigns import scenes

CASES = Path(__file__).parents[1] / "cases" / "kinds"
Story = Mapping[str, Any]
# What else may happen, by its name in "do": tests of a kind add what only their kind knows, as a function of the uid,
# the task's key, the payload and the time, which may tell how the task moved.
OTHERS: dict[str, Callable[[str, str, Story, datetime], TaskMoved | None]] = {}


def stories(kind: str) -> list[Story]:
    """The stories of a table; for `pytest.mark.parametrize("story", stories("checkin"), ids=name_of)`."""
    told: list[Story] = json.loads((CASES / f"{kind}.json").read_text())
    return told


def name_of(story: Story) -> str:
    return str(story["name"])


def play(story: Story) -> None:
    """Play a story; raises AssertionError at the first step that does not come out as told."""
    for rank, slug in enumerate(story.get("levels", ()), 1):
        Level.objects.create(slug=slug, name=slug, kind="paid", rank=rank, valid_months=12)
    for unit in story.get("units", ()):
        Unit.objects.create(slug=unit, name=unit)
    tasks = [scenes.task("task", **story["task"]), *story.get("tasks", ())]
    scenes.publish(tasks=tasks, chains=list(story.get("chains", ())), **story.get("campaign", {}))
    chance = iter(story.get("chance", ()))
    links: dict[str, str] = {}
    for number, step in enumerate(story["steps"], 1):
        told = _told(_with_link(step, links), lambda n: min(next(chance, 0), n - 1))
        if link := (told.get("result") or {}).get("link"):
            links[step.get("who", "ann")] = link.strip("/").rpartition("/")[2]
        for name, expected in step.get("expect", {}).items():
            found = told.get(name)
            if isinstance(expected, dict) and isinstance(found, dict):
                found = {key: found.get(key) for key in expected}
            assert found == expected, f"step {number} ({step['do']} at {step['at']}): {name} is {found!r}, {told}"


def _with_link(step: Story, links: Mapping[str, str]) -> Story:
    sharer = step.get("payload", {}).get("link_of")
    return {**step, "payload": {"link": links[sharer]}} if sharer else step


def _told(step: Story, chance: Any) -> dict[str, Any]:
    now = datetime.fromisoformat(step["at"])
    member, _ = Member.objects.get_or_create(uid=step.get("who", "ann"))
    told: dict[str, Any] = {"refused": None, "bad": None}
    try:
        # Jobs look at the clock: what came in at midnight is worked off at midnight.
        with time_machine.travel(now, tick=False):
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
        case "make_up":
            moved = making_up.make_up(member, "autumn", key, payload, now=now, chance=chance)
        case other if other in OTHERS:
            moved = OTHERS[other](member.uid, key, payload, now)
        case fact:
            _bring(fact, member.uid, payload, now)
            touched.follow_touched(now=now)
            run_jobs()
            moved = None
    if moved is None:
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
        ingest_events([EventRow(payload["id"], uid, payload["type"], at.astimezone(UTC), **fields)], now=now)
    elif fact == "profile":
        fields = dict(payload) | (
            {"birthday": date.fromisoformat(payload["birthday"])} if "birthday" in payload else {}
        )
        ingest.ingest_members([MemberRow(uid, **fields)], now=now)
    elif fact == "buy_level":
        level, member = Level.objects.get(slug=payload["level"]), Member.objects.get(uid=uid)
        paid_levels.buy_level(member, level, key=payload["order"], order_id=payload["order"], now=now)
    elif fact == "earn":
        key = f"earned:{uid}:{now.isoformat()}"
        member_id = Member.objects.get(uid=uid).pk
        ledger.post_entry(member_id, payload["unit"], amount=payload["amount"], key=key, reason="earned", now=now)
    elif fact != "look":
        raise ValueError(f"nobody can do {fact}")


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
        "balances": held,
        "points": held.get("points", 0),
        "growth": held.get("growth", 0),
        "chances": chances_left(member.pk, "campaign:autumn"),
        "score": score or 0,
    }

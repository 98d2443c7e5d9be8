"""The table of cases of earning: each step tells of an order, and says what is kept of every order after it."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from django.db import transaction

from members.models import Member
from rewards import ledger
from rewards.models import Account
from tests.rewards import earned
from tests.rewards.build import NOW, books_are_right

CASES = json.loads((Path(__file__).parent.parent / "cases" / "earning.json").read_text())
FACT = ("order", "amount", "refunded", "items", "items_refunded", "status", "currency")


def make_rule(fields):
    times = {name: datetime.fromisoformat(fields[name]) for name in ("starts_at", "ends_at") if name in fields}
    return earned.rule(**(fields | times))


def tell(step, member):
    fields = {name: step[name] for name in FACT if name in step}
    if "at" in step:
        fields["paid_at"] = datetime.fromisoformat(step["at"])
    order = earned.put_order(member, fields.pop("order"), fields.pop("amount"), **fields)
    earned.settle(order)
    # Told again, it changes nothing.
    earned.settle(order)


def take(step, people, rule):
    if "spend" in step:
        with transaction.atomic():
            ledger.post_entry(people["m"].pk, "points", amount=-step["spend"], key="spent", reason="test", now=NOW)
    elif "mature" in step:
        ledger.mature_due(now=datetime.fromisoformat(step["mature"]), limit=100)
    elif "enabled" in step:
        rule.enabled = step["enabled"]
        rule.save()
    else:
        tell(step, people[step.get("member", "m")])


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case, settings):
    settings.TIME_ZONE = case.get("time_zone", "Asia/Shanghai")
    level = earned.level(case["multiplier"]) if "multiplier" in case else None
    people = {name: Member.objects.create(uid=name, level=level) for name in ("m", "other")}
    rule = make_rule(case["rule"])
    for number, step in enumerate(case["steps"], start=1):
        take(step, people, rule)
        if "kept" in step:
            assert earned.kept() == step["kept"], f"after step {number}"
        account = Account.objects.filter(member=people["m"], unit__slug="points").first()
        for name in {"balance", "pending", "debt"} & step.keys():
            assert getattr(account, name) == step[name], f"{name} after step {number}"
    assert books_are_right()

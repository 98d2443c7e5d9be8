"""What docs/en/integrators/callbacks.md tells others to run, run as it stands there."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from campaigns import callback_secrets, playing
from campaigns.models import Completion
from operations.standard_webhooks import Fault
from rewards.receipts import ReceiptRefusal
from tests.campaigns import scenes
from tests.rewards.receipt_calls import ADDRESS, Sender

pytestmark = pytest.mark.django_db
GUIDE = (Path(__file__).parents[2] / "docs" / "en" / "integrators" / "callbacks.md").read_text()
# In curl's place: what it was given, an argument a line.
CURL = '#!/bin/sh\nfor each in "$@"; do printf "%s\\n" "$each"; done\n'


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return found


def posted(arguments: list[str]):
    """Post what curl was given."""
    headers = [arguments[place + 1].split(": ", 1) for place, each in enumerate(arguments) if each == "-H"]
    address = next(each for each in arguments if each.startswith("https://")).removeprefix("https://shop.example")
    body = arguments[arguments.index("--data-raw") + 1]
    return Client().post(address, body.encode(), content_type="application/json", headers=dict(headers))


def test_the_shells_example_confirms_a_task(tmp_path):
    window = {"opens_at": "2020-01-01T00:00:00Z", "closes_at": "2099-01-01T00:00:00Z"}
    config = {"action": "wecom", "confirm": ["callback"]}
    campaign, now = scenes.publish(tasks=[scenes.task("follow", "callback", config=config)], **window), timezone.now()
    playing.enrol(scenes.make_member("u-1001"), "autumn", now=now)
    secret = callback_secrets.issue(campaign, "follow", earlier_until=now, by=None, now=now)
    curl = tmp_path / "curl"
    curl.write_text(CURL)
    curl.chmod(0o700)
    told = {"SECRET": secret, "SHOP": "https://shop.example", "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ran = subprocess.run(["sh", "-euc", block("sh")], env=told, capture_output=True, text=True, check=True)
    answer = posted(ran.stdout.splitlines())
    assert (answer.status_code, answer.json()["completed"]) == (200, True)
    assert Completion.objects.count() == 1


def test_the_example_in_python_is_signed_as_we_check_it():
    warehouse = Sender(Client())
    made = {"SECRET": warehouse.secret}
    exec(block("python"), made)
    answer = Client().post(ADDRESS, made["body"].encode(), content_type="application/json", headers=made["headers"])
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_parcel")


def test_the_guide_names_every_refusal_of_a_receipt_and_of_a_signature():
    named = set(re.findall(r"`(\w+)`", GUIDE))
    assert {each.value for each in ReceiptRefusal} | {each.value for each in Fault} <= named

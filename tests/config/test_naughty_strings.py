"""Texts that break programs, in every place of the API that takes one: an answer that is documented, never a failure.

The places are those of the OpenAPI document, so an operation that is new is asked too.
"""

import json
import unicodedata
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from campaigns import callback_secrets, campaign_files, publishing
from campaigns.models import Campaign
from members.models import Attribute
from operations.api_keys import create_api_key
from operations.models import ApiKey
from operations.standard_webhooks import signature
from rewards import ledger, receipt_secrets
from rewards.models import Gift, MallItem
from segmentation import recomputing
from segmentation.models import Segment, Tag, TagGroup
from tests.campaigns.offer_stories import offer
from tests.campaigns.scenes import campaign_file, make_gifts, make_level, make_member, task
from tests.config.api_operations import Operation, Place, operations, read_texts

pytestmark = pytest.mark.django_db
TEXTS = read_texts(Path(__file__).parents[1] / "cases" / "naughty_strings.json")
# Servers refuse longer addresses before we see them.
LONGEST_IN_AN_ADDRESS = 4_000
RULE = {"version": 1, "combinator": "and", "rules": [{"field": "orders.count", "operator": ">=", "value": 0}]}
# An address that a text has led elsewhere is nobody's, or another's that takes other methods.
ELSEWHERE = {404, 405}


@pytest.fixture
def shop():
    """Something of everything that made-up requests name."""
    now = timezone.now()
    ann = make_member("ann")
    make_gifts()
    make_level("plus")
    Attribute.objects.create(slug="city", label="City", kind="text")
    Tag.objects.create(group=TagGroup.objects.create(slug="taste", name="Taste"), slug="milk", name="Milk")
    recomputing.recompute(Segment.objects.create(slug="autumn", name="Everyone", rule=RULE), now=now)
    MallItem.objects.create(slug="autumn", gift=Gift.objects.get(slug="thanks"), price=1, state="on_sale")
    ledger.post_entry(ann.pk, "points", amount=10_000, key="start", reason="test", now=now)
    window = {"opens_at": (now - timedelta(days=9)).isoformat(), "closes_at": "2099-01-01T00:00:00Z"}
    tasks = [task("one", "callback", config={"action": "wecom", "confirm": ["callback"]}), task("check-in")]
    made = campaign_file(tasks=tasks, offers=[offer(key="one", per_member=9, stock=1_000)], **window)
    campaign = campaign_files.load(made, by=None, now=now)
    publishing.publish(campaign, by=None, now=now)


class Caller:
    """An API client with every scope, which is also every sender that signs."""

    def __init__(self):
        self.key = create_api_key("shop", ApiKey.Scope.values)[1]
        now = timezone.now()
        campaign = Campaign.objects.get()
        self.of_task = callback_secrets.issue(campaign, "one", earlier_until=now, by=None, now=now)
        self.of_parcels = receipt_secrets.issue("warehouse", provider="", by=None, now=now)[1]
        self.client = Client(raise_request_exception=False)
        self.number = 0

    def ask_all(self, operation: Operation, place: Place):
        """Yield (text, status) of all texts; one request asks them all where it takes rows."""
        if operation.address.endswith("/bulk/"):
            yield "all", self.ask(operation, place, "", [row for each in TEXTS for row in place.filled(each)])
            return
        for text in texts_for(place, self.number):
            # What a request has done or broken is undone: the next finds the shop as it was.
            before = transaction.savepoint()
            yield text, self.ask(operation, place, text, place.filled(text))
            transaction.savepoint_rollback(before)

    def ask(self, operation: Operation, place: Place, text: str, said: object) -> int:
        self.number += 1
        body = json.dumps(said).encode() if operation.method != "get" else b""
        headers = {"Authorization": f"Api-Key {self.key}", "Idempotency-Key": f"n{self.number}"}
        if operation.is_signed:
            headers |= self.signed(operation, body)
        if place.where == "header":
            # As bytes of UTF-8 stand in a header; what ends a line no server lets through.
            headers[place.path[0]] = text.encode(errors="replace").decode("latin-1").translate(dict.fromkeys(b"\r\n\0"))
        ask = getattr(self.client, operation.method)
        url = operation.url(place, text)
        sent = {"data": body, "content_type": "application/json"} if body else {}
        return ask(url, headers=headers, **sent).status_code

    def signed(self, operation: Operation, body: bytes) -> dict[str, str]:
        secret = self.of_parcels if operation.address.endswith("/deliveries/") else self.of_task
        moment, message = int(timezone.now().timestamp()), f"msg_{self.number}"
        return {
            "webhook-id": message,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(secret, message, moment, body),
        }


def texts_for(place: Place, turn: int) -> list[str]:
    """Return what is sent to a place: all texts, of those that hardly any gets past an address or header each sixth."""
    if place.where == "body":
        return TEXTS
    short = [each for each in TEXTS if len(each) <= LONGEST_IN_AN_ADDRESS]
    return short if place.where == "query" or place.path == ("uid",) else short[turn % 6 :: 6]


@pytest.mark.slow
@pytest.mark.usefixtures("shop")
def test_every_operation_answers_every_text_in_every_place_as_documented():
    caller, undocumented = Caller(), []
    for operation in operations():
        for place in operation.places():
            expected = operation.statuses | (ELSEWHERE if place.where == "path" else set())
            for text, status in caller.ask_all(operation, place):
                if status not in expected:
                    undocumented.append((operation.method, operation.address, place.path, text[:40], status))
    assert undocumented == []
    assert caller.number > 5_000


def printable(text: str) -> bool:
    return not any(unicodedata.category(each) in {"Cc", "Cs"} for each in text)


@pytest.mark.usefixtures("shop")
def test_what_is_taken_comes_back_as_it_was_sent():
    caller = Caller()
    api = Client(headers={"Authorization": f"Api-Key {caller.key}"})
    # An empty text is none, and what stands around a text is no part of it.
    sent = {f"n{number}": text for number, text in enumerate(TEXTS) if text.strip()}
    rows = [{"uid": uid, "name": text, "region": text, "attribute.city": text} for uid, text in sent.items()]
    rejected = post(api, "members", rows)
    taken = [row for number, row in enumerate(rows) if number not in rejected]
    assert {row["uid"] for row in taken} >= {uid for uid, text in sent.items() if len(text) <= 20 and printable(text)}
    for row in taken:
        told = api.get(f"/api/v1/members/{row['uid']}/").json()
        assert (told["name"], told["region"], told["attributes"]["city"]) == (row["name"].strip(),) * 3


@pytest.mark.usefixtures("shop")
def test_who_is_taken_is_found_by_the_same_uid_in_every_address():
    api = Client(headers={"Authorization": f"Api-Key {Caller().key}"})
    # No address can name a uid with a slash: %2F is one to every web server.
    rows = [{"uid": text} for text in TEXTS if text.strip() and "/" not in text]
    rejected = post(api, "members", rows)
    taken = [row["uid"].strip() for number, row in enumerate(rows) if number not in rejected]
    assert len(taken) > 70
    lost = []
    for uid in taken:
        for ending in ("", "tags/", "segments/", "levels/", "points/", "awards/", "eligibility/", "mall-orders/"):
            answer = api.get(f"/api/v1/members/{quote(uid, safe='')}/{ending}")
            if answer.status_code != 200 or answer.json()["uid"] != uid:
                lost.append((uid, ending, answer.status_code))
    assert lost == []
    tags = [{"uid": uid, "group": "taste", "tag": "milk"} for uid in taken]
    assert post(api, "tags", tags) == set()


def post(api, kind: str, rows: list) -> set[int]:
    """Post rows of facts; return the indexes of those that were refused."""
    answer = api.post(f"/api/v1/{kind}/bulk/", json.dumps(rows), content_type="application/json")
    assert answer.status_code == 200, answer.content
    return {each["index"] for each in answer.json()["rejected"]}

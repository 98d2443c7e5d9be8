"""Whatever a client sends to a task of any kind is taken or refused by name: it never breaks the server."""

import json
from itertools import count

import pytest

from campaigns import kinds
from operations.api_keys import create_api_key
from tests.campaigns.scenes import NOW, make_member, publish
from tests.campaigns.scenes import task as task_file
from tests.campaigns.story import CASES

pytestmark = pytest.mark.django_db

ODD = [None, True, -1, 10**30, "x", "\x00", "\ud800", "a" * 20_000, [[]], ["\x00"], [10**30], {"a": "\x00"}]


def _task(kind):
    """The task of the kind's first story, without what else must be there."""
    told = json.loads((CASES / f"{kind}.json").read_text())
    given = next(story["task"] for story in told if story["task"].get("kind", "checkin") == kind)
    return {"config": {name: value for name, value in given.get("config", {}).items() if name != "pools"}}


@pytest.mark.parametrize("kind", sorted(path.stem for path in CASES.glob("*.json") if path.stem in kinds.names()))
def test_an_odd_payload_is_refused_and_never_breaks_the_server(kind, client, time_machine):
    time_machine.move_to(NOW, tick=False)
    client.raise_request_exception = False
    given = _task(kind)
    publish(tasks=[task_file("task", kind, config=given["config"])])
    make_member("ann")
    key = create_api_key("shop", ["play"])[1]
    number = count()

    def post(move, payload):
        return client.post(
            f"/api/v1/campaigns/autumn/members/ann/tasks/task/{move}/",
            json.dumps(payload),
            content_type="application/json",
            headers={"Authorization": f"Api-Key {key}", "Idempotency-Key": str(next(number)), "Accept-Language": "en"},
        ).status_code

    fields = [*list(kinds.find(kind).takes(given["config"]))[:6], "link", "unknown", "\ud800"]
    sent = [*({field: odd} for field in fields for odd in ODD), *ODD]
    answers = [("accept", {}, post("accept", {}))] + [("submit", odd, post("submit", odd)) for odd in sent]
    assert [each for each in answers if each[2] >= 500] == []

"""The manual says of webhooks what the house does: its table is the registry's, its checks of signatures work."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone, translation

from operations import standard_webhooks, webhook_api, webhook_delivery_api, webhook_kinds, webhook_messages
from operations.webhook_endpoints import TEST
from operations.webhook_refusals import Fault, Off
from operations.webhook_retries import DELAYS, TRIED_FOR

DOCUMENT = Path(settings.BASE_DIR, "docs/en/integrators/webhooks.md").read_text()
SECRET = standard_webhooks.new_secret(bytes(range(32)))
BODY = webhook_messages.body_of("draw.made", timezone.now(), '{"uid": "千面"}')


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)


def signed(*secrets):
    return webhook_messages.headers_of("msg_1", BODY, secrets, now=timezone.now())


def test_the_table_of_events_is_the_registry():
    table = DOCUMENT.split("## Kinds of events")[1].strip().splitlines()[2:]
    with translation.override("en"):
        wanted = [
            f"| `{kind.name}` | `{kind.scope}` | {kind.words} | {', '.join(f'`{name}`' for name in kind.example)} |"
            for kind in webhook_kinds.all_kinds()
        ]
    assert table[:-1] == wanted
    assert table[-1].startswith(f"| `{TEST}` |")


def test_every_call_and_every_code_is_told():
    for route in [*webhook_api.urlpatterns, *webhook_delivery_api.urlpatterns]:
        last = str(route.pattern).removeprefix("webhooks/").rpartition("<int:")[2].partition(">/")[2]
        assert last in DOCUMENT
    for code in [*Fault, *Off]:
        assert f"`{code}" in DOCUMENT


def test_the_delays_are_those_that_are_kept():
    seconds = [int(delay.total_seconds()) for delay in DELAYS]
    assert seconds == [5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200]
    assert "after 5 and 30 seconds, 2, 10 and 30 minutes, 1, 3, 6 and then each 12 hours" in DOCUMENT
    assert TRIED_FOR.days == 3


def test_the_package_takes_what_is_sent_with_either_secret():
    other = standard_webhooks.new_secret(bytes(32))
    for secret in (SECRET, other):
        found = {"SECRET": secret, "body": BODY, "headers": signed(SECRET, other)}
        exec(blocks("python")[0], found)  # our own document
        assert found["event"]["data"] == {"uid": "千面"}


def test_ten_lines_of_python_take_it_and_nothing_else():
    found = {}
    exec(blocks("python")[1], found)  # our own document
    headers = signed(SECRET, standard_webhooks.new_secret(bytes(32)))
    assert found["is_ours"](SECRET, headers, BODY)
    assert not found["is_ours"](SECRET, headers, BODY + b" ")
    assert not found["is_ours"](SECRET, headers | {"webhook-timestamp": "1795262400"}, BODY)
    assert not found["is_ours"](standard_webhooks.new_secret(bytes(31) + b"x"), headers, BODY)


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here")
def test_the_shell_reckons_the_same_signature(tmp_path):
    (tmp_path / "body.json").write_bytes(BODY)
    headers = signed(SECRET)
    given = {"SECRET": SECRET, "ID": headers["webhook-id"], "TIMESTAMP": headers["webhook-timestamp"]}
    said = subprocess.run(["sh", "-c", blocks("sh")[1]], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"} | given,
                          capture_output=True, check=True, text=True)  # fmt: skip
    assert headers["webhook-signature"] == f"v1,{said.stdout.strip()}"

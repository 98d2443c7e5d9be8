"""What README and manual let integrators paste does what they say, against a live server with the demo shop."""

import json
import re
import subprocess
from io import StringIO

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.test import Client

from operations.api_keys import create_api_key
from tests.campaigns import scenes
from tests.config import manual

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
README = (site.BASE_DIR / "README.md").read_text(encoding="utf-8")
HOST = "http://127.0.0.1:8000"
# In the order in which the guide has them pasted.
GUIDE = ("keys", "facts", "eligibility", "play", "errors")


def quickstart(name):
    return (site.BASE_DIR / "docs" / name).read_text(encoding="utf-8").strip()


def blocks(language):
    return [found.strip() for found in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)]


def test_the_readme_the_reference_page_and_the_files_show_the_same():
    assert quickstart("quickstart.sh") in blocks("sh")
    assert blocks("python") == [quickstart("quickstart.py")]


def pasted(lines, environment):
    how = {"env": environment, "cwd": site.BASE_DIR, "capture_output": True, "text": True, "timeout": 120}
    ran = subprocess.run(["bash", "-e"], input=lines, check=False, **how)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_what_is_pasted_posts_asks_checks_in_and_draws(live_server, process_environment, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    call_command("load_demo", members=200, language="en", stdout=StringIO(), stderr=StringIO())
    python = tmp_path / "quickstart.py"
    python.write_text(blocks("python")[0].replace(HOST, live_server.url), encoding="utf-8")
    shell = quickstart("quickstart.sh").replace(HOST, live_server.url)
    said = pasted(f"{shell}\nexport KEY\n.venv/bin/python {python}\n", process_environment)

    member, order, eligibility, moved, drawn, order_of_bob, *tasks, prize = said.splitlines()
    assert '"created":1' in member.replace(" ", "")
    assert '"created":1' in order.replace(" ", "")
    assert '"state":"open"' in eligibility
    assert '"completed":true' in moved.replace(" ", "")
    assert '"chances_left":0' in drawn.replace(" ", "")
    assert order_of_bob == "{'created': 1, 'updated': 0, 'unchanged': 0, 'rejected': []}"
    assert any(line.startswith("Check in each day open") or " open None" in line for line in tasks), tasks
    assert prize.startswith("{'key': ")

    guide = "\n".join(
        block for page in GUIDE for block in manual.blocks(manual.pages("en")[f"integrators/{page}.md"], "sh")
    )
    lines = pasted(guide.replace(HOST, live_server.url), process_environment).splitlines()
    answers = [json.loads(line) for line in lines if line.startswith("{")]
    assert len(answers) == guide.count("\ncall ")
    assert not [answer for answer in answers if "code" in answer or answer.get("rejected")]
    first, again = (answer for answer in answers if "draw" in answer)
    assert first == again
    assert lines[-1].lower().startswith("etag: w/")


def test_a_link_made_as_the_manual_says_signs_a_member_in():
    scenes.make_member("ann")
    key, _plain, secret = create_api_key("app", ["play"])
    [block] = manual.blocks(manual.pages("en")["integrators/play.md"], "python")
    made = {}
    exec(block, made)  # our own manual
    link = made["link_for"]("ann", "/h5/me/", prefix=key.prefix, signing_secret=secret, site="")
    visitor = Client()
    assert visitor.get(link).headers["Location"] == "/h5/me/"
    assert visitor.get("/h5/me/").status_code == 200

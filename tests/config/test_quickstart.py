"""What the README lets integrators paste does what it says, against a live server with the demo shop."""

import re
import subprocess
from io import StringIO

import pytest
from django.conf import settings as site
from django.core.management import call_command

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
README = (site.BASE_DIR / "README.md").read_text(encoding="utf-8")
HOST = "http://127.0.0.1:8000"


def quickstart(name):
    return (site.BASE_DIR / "docs" / name).read_text(encoding="utf-8").strip()


def blocks(language):
    return [found.strip() for found in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)]


def test_the_readme_the_reference_page_and_the_files_show_the_same():
    assert quickstart("quickstart.sh") in blocks("sh")
    assert blocks("python") == [quickstart("quickstart.py")]


def test_what_is_pasted_posts_asks_checks_in_and_draws(live_server, process_environment, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    call_command("load_demo", members=200, language="en", stdout=StringIO(), stderr=StringIO())
    python = tmp_path / "quickstart.py"
    python.write_text(blocks("python")[0].replace(HOST, live_server.url), encoding="utf-8")
    shell = quickstart("quickstart.sh").replace(HOST, live_server.url)

    pasted = f"{shell}\nexport KEY\n.venv/bin/python {python}\n"
    how = {"env": process_environment, "cwd": site.BASE_DIR, "capture_output": True, "text": True, "timeout": 120}
    ran = subprocess.run(["bash", "-e"], input=pasted, check=False, **how)

    assert ran.returncode == 0, ran.stderr
    member, order, eligibility, moved, drawn, order_of_bob, *tasks, prize = ran.stdout.splitlines()
    assert '"created":1' in member.replace(" ", "")
    assert '"created":1' in order.replace(" ", "")
    assert '"state":"open"' in eligibility
    assert '"completed":true' in moved.replace(" ", "")
    assert '"chances_left":0' in drawn.replace(" ", "")
    assert order_of_bob == "{'created': 1, 'updated': 0, 'unchanged': 0, 'rejected': []}"
    assert any(line.startswith("Check in each day open") or " open None" in line for line in tasks), tasks
    assert prize.startswith("{'key': ")

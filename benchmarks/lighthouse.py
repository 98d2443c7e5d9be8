"""Lighthouse over the participants' pages, on its mobile settings: python -m benchmarks.lighthouse

Needs node, a Chromium (CHROMIUM names one) and `make lighthouse` once, which installs what package-lock.json locks.
Each page is measured three times; the median counts. Requests and bytes are those of the first view, empty cache.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
os.environ["LOCAL_HTTP"] = "1"

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "frontend" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
CATEGORIES = ("performance", "accessibility", "best-practices")
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """One run: scores of 100, requests and bytes on the wire, and the audits that cost points."""

    scores: dict[str, int]
    requests: int
    bytes: int
    failed: tuple[str, ...]


def main() -> int:
    if not PROGRAM.exists():
        sys.exit("Lighthouse is not installed: make lighthouse")
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from benchmarks import campaign_page, database, server
    from members.models import Member
    from members.participants import COOKIE, cookie_value

    database.create_empty()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    member = Member.objects.create(uid="lighthouse", name="Li")
    campaign_page.make_campaign(now=timezone.localtime())
    slug = campaign_page.SLUG
    paths = [f"/h5/c/{slug}/", f"/h5/c/{slug}/t/task-0/", f"/h5/c/{slug}/t/task-1/", f"/h5/c/{slug}/draw/", "/h5/me/"]
    with server.running() as (port, _pid):
        for path in sys.argv[1:] or paths:
            cookie = f"{COOKIE}={cookie_value(member.pk)}; django_language=zh-hans"
            _say(path, [look(f"http://127.0.0.1:{port}{path}", cookie) for _ in range(ROUNDS)])
    return 0


def look(address: str, cookie: str) -> Seen:
    """Let Lighthouse look at a page once."""
    browser = os.environ.get("CHROMIUM") or next((found for name in BROWSERS if (found := shutil.which(name))), "")
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            str(PROGRAM), address, "--quiet", "--output=json", f"--output-path={report}", f"--chrome-flags={FLAGS}",
            f"--only-categories={','.join(CATEGORIES)}", f"--extra-headers={json.dumps({'Cookie': cookie})}",
        ]  # fmt: skip
        subprocess.run(command, check=True, env=os.environ | {"CHROME_PATH": browser}, timeout=180)
        return _read(json.loads(report.read_text(encoding="utf-8")))


def _read(told: dict[str, Any]) -> Seen:
    sent = told["audits"]["network-requests"]["details"]["items"]
    scores = {name: round(told["categories"][name]["score"] * 100) for name in CATEGORIES}
    costly = [
        audit["id"]
        for name in CATEGORIES
        for part in told["categories"][name]["auditRefs"]
        if part["weight"] and (audit := told["audits"][part["id"]])["score"] not in (None, 1)
    ]
    return Seen(scores, len(sent), sum(each.get("transferSize", 0) for each in sent), tuple(costly))


def _say(path: str, runs: list[Seen]) -> None:
    scores = "  ".join(f"{name} {median(run.scores[name] for run in runs):.0f}" for name in CATEGORIES)
    size = f"{median(run.requests for run in runs):.0f} requests, {median(run.bytes for run in runs) / 1000:.1f} kB"
    failed = sorted({each for run in runs for each in run.failed})
    sys.stdout.write(f"{path:<32} {scores}  {size}  {' '.join(failed)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

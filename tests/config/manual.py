"""The manual as it is written and as it is built, for the tests that read it."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

from django.conf import settings

DOCS = settings.BASE_DIR / "docs"
LANGUAGES = ("en", "zh")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def build(site: Path, *, root: Path = settings.BASE_DIR) -> subprocess.CompletedProcess[str]:
    """Build the manual below `root` into `site`; every warning is an error. (Under --quiet, no warning would count.)"""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=120)


def pages(language: str) -> dict[str, str]:
    """Return the text of every page of one language, by its path below the language."""
    below = DOCS / language
    return {str(path.relative_to(below)): path.read_text("utf-8") for path in sorted(below.rglob("*.md"))}


def without_examples(text: str) -> str:
    """Return the text without its fenced blocks."""
    return FENCED.sub("", text)


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks that are in `language`."""
    return [body for name, body in FENCED.findall(text) if name == language]


class Html(HTMLParser):
    """What a built page names and leads to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.language = ""
        self.twin = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if "id" in found:
            assert found["id"] not in self.ids, f"{found['id']} stands twice on a page"
            self.ids.add(found["id"])
        if tag == "a":
            self.links.append(found["href"])
            if found.get("rel") == "alternate":
                self.twin = found["href"]
        elif tag == "html":
            self.language = found["lang"]
        elif tag in ("img", "script", "link", "iframe", "source", "video"):
            self.loaded.append(found.get("src") or found["href"])
            assert tag != "img" or found.get("alt"), f"{self.loaded[-1]} has no words for who cannot see it"

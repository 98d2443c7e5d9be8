"""The Chromium that browser tests drive: CHROMIUM, the machine's own, or the one that playwright installed."""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET_ONE = """\
The browser tests need a Chromium, and there is none. One of these gets it:
    apt-get install chromium fonts-noto-cjk     (Debian, Ubuntu; as root)
    .venv/bin/playwright install chromium
    make test CHROMIUM=/path/to/chromium
To run everything else: make test BROWSER=no"""


def find() -> str | None:
    """Return the path of a Chromium, or None."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    return next(filter(None, map(shutil.which, NAMES)), None) or _of_playwright()


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None


if __name__ == "__main__":
    sys.exit(None if find() else HOW_TO_GET_ONE)

"""Pictures of the pages, kept where whoever looks at a run finds them: in PICTURES, else in .data/pictures."""

import os
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page


def folder() -> Path:
    return Path(os.environ.get("PICTURES") or Path(settings.BASE_DIR) / ".data" / "pictures")


def keep(page: Page, name: str) -> None:
    """Keep the whole page as NAME.jpg, in place of an earlier run's."""
    page.screenshot(path=folder() / f"{name}.jpg", full_page=True, type="jpeg", quality=70)

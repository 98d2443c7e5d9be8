"""The bundle of the rule editor that is kept in the repository is the one that its sources make."""

import hashlib
import re
import shutil
import subprocess

import pytest
from django.conf import settings

SOURCES = settings.BASE_DIR / "frontend" / "rule-editor"
BUNDLE = settings.BASE_DIR / "static" / "admin" / "rule-editor.js"


def sources_hash() -> str:
    """The hash that frontend/rule-editor/build.mjs writes into the bundle."""
    sources = [f"src/{each.name}" for each in (SOURCES / "src").iterdir() if ".test." not in each.name]
    found = hashlib.sha256()
    for name in sorted([*sources, "build.mjs", "package-lock.json"]):
        found.update(f"{name}\n".encode() + (SOURCES / name).read_bytes())
    return found.hexdigest()


def test_the_bundle_was_built_from_these_sources():
    head = BUNDLE.read_text()[:1000]
    assert f"Sources: {sources_hash()}" in head, "run make editor"


def test_the_sources_make_the_bundle_to_the_letter():
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on this machine")
    if not (SOURCES / "node_modules").is_dir():
        pytest.skip("the editor's packages are not installed: make editor")
    assert subprocess.run([node, "build.mjs", "--check"], cwd=SOURCES, check=False).returncode == 0
    assert subprocess.run([node, "--test", "src/"], cwd=SOURCES, stdout=subprocess.DEVNULL, check=False).returncode == 0


def test_the_bundle_runs_under_the_policy_and_names_its_licences():
    code = BUNDLE.read_text()
    assert not re.search(r"\beval\(|new Function\b|document\.write", code)
    licences = BUNDLE.with_name("rule-editor.licences.txt").read_text()
    assert all(name in licences for name in ("react-querybuilder", "preact", "immer", "Permission is hereby granted"))


def test_no_address_of_a_registry_is_kept():
    lock = (SOURCES / "package-lock.json").read_text()
    assert '"resolved"' not in lock

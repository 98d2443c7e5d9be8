"""What the manual names is there: commands, settings, addresses; and no setting is left untold."""

import re

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve

from operations.api_errors import unknown_address
from tests.config import manual

EVERY_PAGE = [(language, name) for language in manual.LANGUAGES for name in manual.pages(language)]
CHINESE = re.compile(r"[\u3400-\u9fff]")
# Terms of the trade beside their English, and the Chinese console of WeChat as it has to be found.
CHINESE_IN_ENGLISH = {"glossary.md", "running/wechat.md"}
# Where settings are told.
TOLD = ("running/install.md", "running/wechat.md")
SETTING = re.compile(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`")
ADDRESS = re.compile(r"`(GET|POST|PATCH|DELETE) (?:/api/v1/)?([a-z][\w{}/:_-]*/)(?:\?[^`]*)?`")
CALLED = re.compile(r"^call \"?([\w/{}-]+/)", re.MULTILINE)
PAGE = re.compile(r"`/(h5/[\w/]*)`")


def settings_in_code() -> set[str]:
    """Return the environment variables that the settings read, and those of the programs beside them."""
    read = re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", (settings.BASE_DIR / "config" / "settings.py").read_text("utf-8"))
    own = re.compile(r"environ\.get\(\"([A-Z_]+)\"")
    programs = ("config/run.py", "config/postgres_software.py", "demo/management/commands/load_demo.py")
    return {*read, *(name for each in programs for name in own.findall((settings.BASE_DIR / each).read_text("utf-8")))}


def text_of(language: str, name: str) -> str:
    return manual.pages(language)[name]


@pytest.mark.parametrize(("language", "name"), EVERY_PAGE)
def test_every_command_is_there(language, name):
    text = text_of(language, name)
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= set(get_commands())
    targets = set(re.findall(r"^([a-z-]+):", (settings.BASE_DIR / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^|&& |=no |\d )make ([a-z-]+)", text, re.MULTILINE)) <= targets


@pytest.mark.parametrize(("language", "name"), EVERY_PAGE)
def test_every_setting_is_there(language, name):
    assert set(SETTING.findall(text_of(language, name))) <= settings_in_code()


@pytest.mark.parametrize("language", manual.LANGUAGES)
def test_no_setting_is_left_untold(language):
    first_cells = re.compile(r"^\| `[A-Z].*?\|", re.MULTILINE)
    rows = "".join("".join(first_cells.findall(text_of(language, name))) for name in TOLD)
    assert settings_in_code() == set(re.findall(r"`([A-Z_]+)`", rows))


@pytest.mark.parametrize("language", manual.LANGUAGES)
def test_both_languages_say_what_unset_settings_are(language):
    def columns(text: str) -> list[list[str]]:
        rows = [row.split(" | ") for row in re.findall(r"^\| (`[A-Z].*) \|$", text, re.MULTILINE)]
        return [re.findall(r"`[^`]+`", " ".join(row[:2])) for row in rows]

    for name in TOLD:
        assert columns(text_of(language, name)) == columns(text_of("en", name))


@pytest.mark.parametrize(("language", "name"), [each for each in EVERY_PAGE if each[1].startswith("integrators/")])
def test_every_address_leads_to_a_view_that_takes_the_method(language, name):
    text = text_of(language, name)
    for method, path in [*ADDRESS.findall(text), *(("", path) for path in CALLED.findall(text))]:
        below = "webhooks/" if path.startswith(("{id}/", "kinds/")) else ""
        view = resolve("/api/v1/" + below + re.sub(r"{\w+}|[A-Z]+", "1", path)).func
        assert view is not unknown_address, path
        assert not method or hasattr(view.view_class, method.lower()), (method, path)
    for path in PAGE.findall(text):
        assert resolve(f"/{path.replace('SLUG', 'autumn').replace('KEY', 'quiz')}")


def test_the_addresses_are_looked_at():
    named = {path for name in manual.pages("en") for _, path in ADDRESS.findall(text_of("en", name))}
    assert {"members/bulk/", "eligibility/", "awards/{award_id}/redeem/", "callbacks/deliveries/"} <= named


@pytest.mark.parametrize("name", sorted(manual.pages("en")))
def test_an_english_page_is_in_english(name):
    assert name in CHINESE_IN_ENGLISH or not CHINESE.search(text_of("en", name))


@pytest.mark.parametrize("name", sorted(manual.pages("en")))
def test_examples_are_the_same_but_for_their_comments(name):
    def bare(language: str) -> list[tuple[str, str]]:
        found = manual.FENCED.findall(text_of(language, name))
        return [(kind, re.sub(r"(^|\s+)# .*", "", body, flags=re.MULTILINE)) for kind, body in found]

    assert bare("en") == bare("zh")

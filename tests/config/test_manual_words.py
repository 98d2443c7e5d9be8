"""The operator's guide names what stands on the screen: its bold words are the catalogue's, in both languages alike."""

import re
from collections.abc import Iterator
from pathlib import Path

import django
import polib
import pytest
from django.conf import settings

GUIDE = Path(settings.BASE_DIR) / "docs"
BOLD = re.compile(r"\*\*([^*]+)\*\*")
# Of a picture, in bytes.
LARGEST = 120_000
# Printed bold to say what bold means.
MEANT = {"en": {"bold"}, "zh": {"粗体"}}
LIBRARY = Path(django.__file__).parent / "contrib"
CATALOGUES = [
    *sorted(LIBRARY.glob("*/locale/zh_Hans/LC_MESSAGES/django.po")),
    Path(settings.BASE_DIR) / "locale_unfold" / "zh_Hans" / "LC_MESSAGES" / "django.po",
    Path(settings.BASE_DIR) / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po",
]


def pages() -> list[str]:
    return sorted(path.name for path in (GUIDE / "en" / "operators").glob("*.md"))


def bold(language: str, name: str) -> set[str]:
    text = (GUIDE / language / "operators" / name).read_text("utf-8")
    return set(BOLD.findall(text)) - MEANT[language]


def capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]


@pytest.fixture(scope="module")
def shown() -> dict[str, set[str]]:
    """Return for each English text of the screens, as a label begins, what Chinese screens show in its place."""
    found: dict[str, set[str]] = {}
    for english, chinese in _entries():
        found.setdefault(capitalised(english), set()).add(capitalised(chinese))
    return found


def _entries() -> Iterator[tuple[str, str]]:
    for path in CATALOGUES:
        for entry in polib.pofile(str(path)):
            if entry.translated() and not entry.obsolete:
                yield entry.msgid, entry.msgstr or entry.msgstr_plural[0]


def test_the_guide_has_pages_with_words_of_the_screen():
    assert len(pages()) >= 17
    assert all(bold("en", name) for name in pages())


@pytest.mark.parametrize("name", pages())
def test_english_words_in_bold_stand_on_the_screen(name, shown):
    assert sorted(words for words in bold("en", name) if capitalised(words) not in shown) == []


@pytest.mark.parametrize("name", pages())
def test_chinese_words_in_bold_are_those_of_the_same_screens(name, shown):
    chinese = {capitalised(words) for words in bold("zh", name)}
    named = {words: shown.get(capitalised(words), set()) for words in bold("en", name)}
    assert [words for words, said in named.items() if not said & chinese] == []
    assert sorted(chinese - set().union(*named.values())) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_guide_shows_the_pictures_that_are_kept(language):
    """`make manual-pictures` makes them."""
    kept = {path.name: path.stat().st_size for path in (GUIDE / "pictures" / "manual" / language).iterdir()}
    shown = re.compile(rf"\]\(\.\./\.\./pictures/manual/{language}/([^)\s]+)\)")
    pages_of = (GUIDE / language / "operators").glob("*.md")
    assert set(kept) == {name for page in pages_of for name in shown.findall(page.read_text("utf-8"))}
    assert max(kept.values()) <= LARGEST

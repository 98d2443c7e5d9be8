"""Tables of the manual that stand in the code too: the same in both languages. WRITE_MANUAL=1 writes them anew."""

import os
import re
from collections.abc import Callable, Iterable

import pytest
from django.utils.translation import override

from campaigns.glossary import TERMS
from config.api_reference import SHARED_CODES
from members import privacy
from operations import webhook_kinds
from operations.webhook_endpoints import TEST
from tests.config import manual

Rows = list[tuple[str, ...]]
CODES = {"en": "en", "zh": "zh-hans"}
COMMA = {"en": ", ", "zh": "、"}


def terms(language: str) -> Rows:
    words = [(term.en, term.zh) for term in TERMS]
    return [
        (*(pair if language == "en" else reversed(pair)), str(term.told))
        for pair, term in zip(words, TERMS, strict=True)
    ]


def codes(_language: str) -> Rows:
    ordered = sorted(SHARED_CODES, key=lambda code: (code.status, code.name))
    rows = [(str(code.status), f"`{code.name}`", str(code.words), str(code.remedy)) for code in ordered]
    return list(dict.fromkeys(rows))


def fates(_language: str) -> Rows:
    sections = (each.section for each in privacy.registered())
    return [(str(section.title), str(section.fate)) for section in sections]


def events(language: str) -> Rows:
    def fields(names: Iterable[str]) -> str:
        return COMMA[language].join(f"`{name}`" for name in names)

    return [
        (f"`{kind.name}`", f"`{kind.scope}`", str(kind.words), fields(kind.example))
        for kind in webhook_kinds.all_kinds()
    ]


TABLES: list[tuple[str, str, Callable[[str], Rows]]] = [
    ("glossary.md", r"\| (?:English|中文) \|.*", terms),
    ("integrators/errors.md", r"\| (?:status|状态码) \| (?:code|错误码) \|.*", codes),
    ("running/privacy.md", r"\| (?:what is held|保存的内容) \|.*", fates),
    ("integrators/webhooks.md", r"\| (?:event|事件) \|.*", events),
]


def written(rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in rows]


@pytest.mark.parametrize("language", manual.LANGUAGES)
@pytest.mark.parametrize(("name", "head", "rows_of"), TABLES, ids=[name for name, _, _ in TABLES])
def test_a_table_is_what_the_code_says(name, head, rows_of, language):
    with override(CODES[language]):
        wanted = written(rows_of(language))
    text = manual.pages(language)[name]
    found = re.search(rf"^{head}\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert found, f"{name} has no such table"
    rows = found[1].splitlines()
    kept = [row for row in rows if row.startswith(f"| `{TEST}`")]  # Not one of the registry: operators send it.
    if os.environ.get("WRITE_MANUAL"):
        table = "\n".join([*wanted, *kept]) + "\n"
        (manual.DOCS / language / name).write_text(text[: found.start(1)] + table + text[found.end(1) :], "utf-8")
    else:
        assert rows == [*wanted, *kept]


def test_the_terms_of_the_house_are_the_same_in_both_languages():
    pairs = {}
    for language in manual.LANGUAGES:
        house = manual.pages(language)["glossary.md"].split("\n## ")[2]
        rows = [line.strip("| ").split(" | ") for line in house.splitlines() if line.startswith("|")][2:]
        assert all(len(row) == 3 and all(row) for row in rows)
        pairs[language] = [tuple(row[:2]) for row in rows]
    assert pairs["en"] == [(english, chinese) for chinese, english in pairs["zh"]]


def test_a_term_stands_once():
    house = manual.pages("en")["glossary.md"].split("\n## ")[2]
    english = [*(term.en for term in TERMS), *re.findall(r"^\| (.+?) \|", house, re.MULTILINE)]
    assert len(english) == len(set(english))

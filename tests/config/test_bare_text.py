"""No template holds text that only one language has: what people read goes through the catalogues."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.config.test_catalogues import APPS, ROOT, tracked

READ_ATTRIBUTES = {"title", "placeholder", "alt", "aria-label", "aria-description", "aria-roledescription", "label"}
BUTTONS = {"submit", "button", "reset"}
# What is the same in every language: code, keys, addresses, names of things.
NOT_READ = {"script", "style", "code", "pre", "kbd", "samp", "svg"}
# Names and units that are written alike in Chinese and English.
NAMES = {
    "Qianmian",
    "千面",
    "UTC",
    "JSON",
    "CSV",
    "XLSX",
    "API",
    "QR",
    "RFM",
    "OpenAPI",
    "WeChat",
    "GET",
    "POST",
    "URL",
}
NAMES |= {
    "html",
    "zh",
    "en",
    "English",
    "简体中文",
    "中文",
    "https",
    "nbsp",
    "px",
    "vs",
    "Excel",
    "Python",
    "curl",
    "id",
    "uid",
}
WORD = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]+")

LEFT_OUT = re.compile(
    r"\{#.*?#\}"
    r"|\{%\s*comment.*?endcomment\s*%\}"
    # Blocks that hold classes of <body>, not text.
    r"|\{%\s*block \w*class\s*%\}.*?\{%\s*endblock.*?%\}"
    r"|\{%\s*verbatim.*?endverbatim\s*%\}"
    r"|\{%-?\s*(?:blocktranslate|blocktrans)\b.*?\{%\s*end(?:blocktranslate|blocktrans)\s*%\}",
    re.DOTALL,
)
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
HTML = [":(glob)templates/**/*.html", *(f":(glob){app}/**/*.html" for app in APPS)]


class Reader(HTMLParser):
    """Collects the words that people would read of a template whose tags are blanked out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read: list[tuple[int, str]] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name, value in attrs:
            shown = name in READ_ATTRIBUTES or (name == "value" and tag == "input" and given.get("type") in BUTTONS)
            if shown and value:
                self._note(value)
        # An icon's name stands where its picture comes.
        if tag in NOT_READ or "material-symbols" in (given.get("class") or ""):
            self._unread.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._unread and self._unread[-1] == tag:
            self._unread.pop()

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._note(data)

    def _note(self, text: str) -> None:
        words = [word for word in WORD.findall(text) if word not in NAMES]
        if words:
            self.read.append((self.getpos()[0], " ".join(words)))


def blank(found: re.Match[str]) -> str:
    """As many lines as there were, so that a line number is the file's."""
    return "\n" * found[0].count("\n") or " "


def bare_text(source: str) -> Iterator[tuple[int, str]]:
    reader = Reader()
    reader.feed(TAG.sub(blank, LEFT_OUT.sub(blank, source)))
    reader.close()
    yield from reader.read


def templates() -> list[Path]:
    return [path for pattern in HTML for path in tracked(pattern)]


def test_no_template_holds_bare_text():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {words}"
        for path in templates()
        for line, words in bare_text(path.read_text(encoding="utf-8"))
    ]
    assert not found, "Wrap it in {% translate %}: " + "; ".join(found)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Save it</p>", ["Save it"]),
        ("<p>{% translate 'Save it' %}</p>", []),
        ("<p>{% blocktranslate count n=3 %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}</p>", []),
        ('<input type="submit" value="Send">', ["Send"]),
        ('<input type="text" value="send" placeholder="Your name">', ["Your name"]),
        ('<a title="{% if a %}Open{% endif %}">{{ b }}</a>', ["Open"]),
        ("<code>curl it</code> {# a comment #}<b>保存</b>", ["保存"]),
    ],
)
def test_the_search_for_bare_text_finds_it(source, words):
    assert [found for _line, found in bare_text(source)] == words

"""The catalogues hold every string of the source, translated; the compiled files are what the sources say."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
CHINESE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
LIBRARIES = ROOT / "locale_unfold/zh_Hans/LC_MESSAGES/django.po"
SCRIPTS = ROOT / "locale_unfold/zh_Hans/LC_MESSAGES/djangojs.po"
ENGLISH = ROOT / "locale/en/LC_MESSAGES/django.po"
TRANSLATED = {"ours": CHINESE, "libraries": LIBRARIES, "scripts": SCRIPTS}
CATALOGUES = TRANSLATED | {"English": ENGLISH}
APPS = ["config", "demo", "operations", "members", "segmentation", "rewards", "campaigns"]

# Function → the places of (context, message, plural) among its arguments.
CALLS = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"], (None, 0, None)),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (None, 0, 1)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], (0, 1, None)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], (0, 1, 2)),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[-+ #0-9.]*[a-zA-Z]|%[sdf%]|\{\w*\}")

HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?(]|[,;:!?)][\u4e00-\u9fff]")
NOT_SENTENCES = {"是,否", "✓ 是,✗ 否", "预计还需 %(time)s（时:分:秒），可以离开此页面。"}

Message = tuple[str | None, str, str | None]


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", "--", pattern], cwd=ROOT, capture_output=True, check=False)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    # Without git, from a source archive.
    paths = [ROOT / name for name in names] or list(ROOT.glob(pattern.replace(":(glob)", "")))
    return sorted(path for path in paths if path.exists())


def messages_of(source: str, path: Path) -> Iterator[Message]:
    """Yield what each call of gettext in some Python asks for."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in CALLS:
            continue
        context, message, plural = (None if place is None else argument(node, place, path) for place in CALLS[name])
        if message is not None:
            yield context, message, plural


def argument(call: ast.Call, place: int, path: Path) -> str | None:
    """Return the literal at this place; a variable was marked as a message elsewhere."""
    value = call.args[place] if place < len(call.args) else None
    if isinstance(value, ast.JoinedStr | ast.BinOp):
        pytest.fail(f"{path}:{call.lineno}: a message is one literal, or no catalogue can hold it")
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def template_messages(path: Path) -> Iterator[Message]:
    """Yield the messages of a template: templatize writes its tags as calls of gettext, and blanks out the rest."""
    written = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    for start in re.finditer(r"(?<!\w)(?:_|n?p?gettext)\(", written):
        yield from messages_of(call_at(written, start.start()), path)


def call_at(text: str, start: int) -> str:
    """Return the call that begins here: up to the first bracket at which it is whole."""
    for end in re.finditer(r"\)", text[start:]):
        call = text[start : start + end.end()]
        try:
            ast.parse(call)
        except SyntaxError:
            continue
        return call
    pytest.fail(f"no whole call in {text[start : start + 80]!r}")


def source_messages() -> Iterator[tuple[Path, Message]]:
    for app in APPS:
        for path in tracked(f":(glob){app}/**/*.py"):
            yield from ((path, message) for message in messages_of(path.read_text(encoding="utf-8"), path))
    for pattern in [":(glob)templates/**/*.html", *(f":(glob){app}/**/*.html" for app in APPS)]:
        for path in tracked(pattern):
            yield from ((path, message) for message in template_messages(path))


def in_the_source() -> set[Message]:
    return {message for _path, message in source_messages()}


def entries(path: Path) -> dict[Message, polib.POEntry]:
    return {(each.msgctxt, each.msgid, each.msgid_plural or None): each for each in polib.pofile(str(path))}


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.mark.parametrize("path", TRANSLATED.values(), ids=TRANSLATED)
def test_everything_is_translated(path):
    catalogue = polib.pofile(str(path))
    assert len(catalogue) > 0
    assert [each.msgid for each in catalogue.untranslated_entries()] == []
    assert [each.msgid for each in catalogue.fuzzy_entries()] == []
    assert [each.msgid for each in catalogue.obsolete_entries()] == []


@pytest.mark.parametrize("path", TRANSLATED.values(), ids=TRANSLATED)
def test_a_translation_has_the_placeholders_of_its_message(path):
    for entry in polib.pofile(str(path)):
        asked = sorted(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for each in translations(entry):
            assert sorted(PLACEHOLDER.findall(each)) == asked, entry.msgid
            assert (each[:1] == "\n", each[-1:] == "\n") == (entry.msgid[:1] == "\n", entry.msgid[-1:] == "\n")


@pytest.mark.parametrize("path", TRANSLATED.values(), ids=TRANSLATED)
def test_chinese_has_its_own_punctuation(path):
    texts = [text for entry in polib.pofile(path) for text in (entry.msgstr, *entry.msgstr_plural.values())]
    # Choices that Django parts at the comma are no sentences; clocks are written alike everywhere.
    assert [text for text in texts if HALF_WIDTH.search(text) and text not in NOT_SENTENCES] == []


def test_so_have_the_templates_of_campaigns():
    files = sorted((ROOT / "campaigns/blueprints").glob("*.json"))
    assert files
    assert [file.name for file in files if HALF_WIDTH.search(file.read_text("utf-8"))] == []


@pytest.mark.parametrize("path", CATALOGUES.values(), ids=CATALOGUES)
def test_the_compiled_catalogue_is_what_its_source_compiles_to(path):
    compiled = {
        (each.msgctxt, each.msgid, each.msgid_plural or None): translations(each)
        for each in polib.mofile(str(path.with_suffix(".mo")))
    }
    usable = {key: translations(each) for key, each in entries(path).items() if each.translated()}
    assert compiled == usable


@pytest.mark.parametrize("path", [CHINESE, ENGLISH], ids=["Chinese", "English"])
def test_no_string_of_the_source_is_left_out(path):
    # As gettext does, one entry serves a message with and without its plural.
    known = {(context, message) for context, message, _plural in entries(path)}
    missing = [
        f"{source.relative_to(ROOT)}: {message[1]!r}"
        for source, message in source_messages()
        if message[:2] not in known
    ]
    assert not missing, "Run `make messages`, then translate: " + "; ".join(missing)


def test_the_catalogue_holds_nothing_that_the_source_has_not():
    asked = {message[:2] for message in in_the_source()}
    assert [key for key in entries(CHINESE) if key[:2] not in asked] == []


def test_the_search_finds_what_is_in_the_source():
    found = in_the_source()
    assert ("RFM class", "important: value", None) in found
    assert ("button", "Draw", None) in found
    assert (None, "%(count)d job is queued again.", "%(count)d jobs are queued again.") in found
    assert (None, "<b>%(n)s</b> chance left", "<b>%(n)s</b> chances left") in found
    assert (None, "That is exactly 100 %%.", None) in found


def test_chinese_is_served():
    with translation.override("zh-hans"):
        assert translation.gettext("draw chances") == "抽奖机会"
        assert translation.pgettext("RFM class", "important: win back") == "重要挽留"
        assert translation.ngettext("%d point", "%d points", 5) % 5 == "5 积分"
        assert translation.gettext("Search apps and models...") == "搜索菜单…"
    with translation.override("en"):
        assert translation.ngettext("%d point", "%d points", 1) % 1 == "1 point"

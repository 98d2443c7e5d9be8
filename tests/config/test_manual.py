"""The manual builds without a warning, says the same in both languages, and every way in it leads somewhere."""

import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.conf import settings

from tests.config import manual

# Where a reader may be sent to: whose rules or consoles the text speaks of, no more.
OTHERS = {"www.standardwebhooks.com", "mp.weixin.qq.com"}
# What a page shows as somebody's own address: a reader's machine.
HERE = "http://127.0.0.1:8000/"
CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    built = tmp_path_factory.mktemp("manual")
    ended = manual.build(built)
    assert ended.returncode == 0, ended.stderr
    return built


@pytest.fixture(scope="module")
def built(site) -> dict[Path, manual.Html]:
    return {path: manual.Html(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def headings(text: str) -> list[int]:
    """Return the level of each heading, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", manual.without_examples(text), re.MULTILINE)]


def test_both_languages_have_the_same_pages():
    assert set(manual.pages("en")) == set(manual.pages("zh"))


@pytest.mark.parametrize("name", sorted(manual.pages("en")))
def test_a_page_has_the_same_shape_in_both_languages(name):
    english, chinese = manual.pages("en")[name], manual.pages("zh")[name]
    assert headings(english) == headings(chinese)
    assert headings(english).count(1) == 1
    shown = [[language for language, _ in manual.FENCED.findall(text)] for text in (english, chinese)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("name", sorted(manual.pages("zh")))
def test_a_chinese_page_is_in_chinese(name):
    for paragraph in manual.without_examples(manual.pages("zh")[name]).split("\n\n"):
        words = re.sub(r"`[^`]*`|\]\([^)]*\)|https?://\S+|^#+ ", "", paragraph, flags=re.MULTILINE)
        latin = re.findall(r"[A-Za-z]{2,}", words)
        assert CHINESE.search(words) or len(latin) < 4, paragraph


@pytest.mark.parametrize("name", sorted(manual.pages("zh")))
def test_a_chinese_sentence_is_not_broken_in_the_middle(name):
    # A line's end is a space on the page.
    text = manual.without_examples(manual.pages("zh")[name])
    assert not re.findall(r".{0,20}[\u3000-\u9fff\uff00-\uffef]\n[\u3000-\u9fff\uff00-\uffef“].{0,20}", text)


def test_every_way_leads_somewhere(site, built):
    for path, page in built.items():
        for target in page.links + page.loaded:
            parts = urlsplit(target)
            if parts.scheme:
                assert target.startswith(HERE) or (parts.scheme, parts.hostname in OTHERS) == ("https", True), target
                assert target in page.links, f"{path.name} loads {target} from elsewhere"
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert there.is_file(), f"{path.relative_to(site)} → {target}"
            if parts.fragment:
                assert unquote(parts.fragment) in built[there].ids, f"{path.relative_to(site)} → {target}"


def test_the_readme_leads_somewhere():
    readme = (settings.BASE_DIR / "README.md").read_text("utf-8")
    for target in re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", readme):
        path = "".join(target)
        assert path.startswith("http://127.0.0.1:8000") or (settings.BASE_DIR / path).is_file(), path


def test_every_page_names_its_language_and_leads_to_the_other(site, built):
    for language, other, code in (("en", "zh", "en"), ("zh", "en", "zh-Hans")):
        for path, page in built.items():
            name = path.relative_to(site)
            if name.parts[0] == language:
                assert page.language == code
                assert (path.parent / page.twin).resolve() == site / other / name.relative_to(language)


def test_every_picture_is_shown(site, built):
    shown = {(path.parent / unquote(each)).resolve() for path, page in built.items() for each in page.loaded}
    pictures = {path for path in (site / "pictures" / "manual").rglob("*") if path.is_file()}
    assert pictures <= shown


def test_nothing_is_fetched_from_elsewhere(site):
    for path in (*site.rglob("*.css"), *site.rglob("*.js")):
        assert not re.search(r"@import|url\(|https?:", path.read_text("utf-8")), path


@pytest.mark.parametrize(
    "mistake", ["[gone](gone.md)", "[gone](keys.md#nowhere)", "![gone](../../pictures/gone.jpg)", "[gone](/api/)"]
)
def test_a_way_to_nowhere_stops_the_build(mistake, tmp_path):
    shutil.copytree(manual.DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns("pictures"))
    shutil.copy(settings.BASE_DIR / "mkdocs.yml", tmp_path)
    page = tmp_path / "docs" / "en" / "integrators" / "index.md"
    page.write_text(page.read_text("utf-8") + f"\n{mistake}\n", "utf-8")
    ended = manual.build(tmp_path / "site", root=tmp_path)
    assert ended.returncode != 0
    assert mistake.partition("(")[2].rstrip(")").partition("#")[0] in ended.stdout + ended.stderr

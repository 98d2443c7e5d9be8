"""What other packages show on our screens is Chinese too: by their own catalogues, or by ours in their place."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from django.utils import translation
from django.utils.translation import trans_real

from tests.config.test_catalogues import CALLS, template_messages

# Packages whose words an operator, a participant or an integrator can meet.
PACKAGES = ["unfold", "axes", "rest_framework", "rest_framework_api_key", "django_q", "django_filters"]
# Parts of them that this project does not use.
UNUSED = re.compile(
    r"/(tests|management|contrib|migrations)/"
    r"|rest_framework/templates/|rest_framework/(authtoken|renderers|filters|pagination)"
    r"|django_filters/(rest_framework/)?templates/|locale/"
)


def files(package: str) -> Iterator[Path]:
    root = Path(str(import_module(package).__file__)).parent
    yield from (
        path for path in sorted(root.rglob("*")) if path.suffix in {".py", ".html"} and not UNUSED.search(str(path))
    )


def asked_by(path: Path) -> set[tuple[str | None, str]]:
    if path.suffix == ".html":
        return {(context, message) for context, message, _plural in template_messages(path)}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {asked for node in ast.walk(tree) if isinstance(node, ast.Call) for asked in asked_in(node)}


def asked_in(call: ast.Call) -> Iterator[tuple[str | None, str]]:
    """Yield the context and message of a call of gettext; others' calls with anything but a literal ask for nothing."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name in CALLS:
        context, message, _plural = (
            each.value if place is not None and isinstance(each := at(call, place), ast.Constant) else None
            for place in CALLS[name]
        )
        if isinstance(message, str):
            yield context if isinstance(context, str) else None, message


def at(call: ast.Call, place: int) -> ast.expr | None:
    return call.args[place] if place < len(call.args) else None


def untranslated(package: str) -> list[str]:
    with translation.override("zh-hans"):
        known = trans_real.catalog()._catalog
        return sorted(
            message
            for context, message in {each for path in files(package) for each in asked_by(path)}
            if message.strip() and not has(known, f"{context}\x04{message}" if context else message)
        )


def has(known: trans_real.TranslationCatalog, message: str) -> bool:
    missing = object()
    return any(known.get(key, missing) is not missing for key in (message, (message, 0), (message, 1)))


def test_every_string_of_a_package_has_its_chinese():
    assert {package: found for package in PACKAGES if (found := untranslated(package))} == {}


def test_the_search_finds_strings_of_packages():
    asked = {message for path in files("unfold") for _context, message in asked_by(path)}
    assert "Search apps and models..." in asked
    with translation.override("zh-hans"):
        assert not has(trans_real.catalog()._catalog, "A string that no package asks for")

"""No Python holds text for people that only one language has: labels, help, messages and errors go through gettext."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.config.test_catalogues import APPS, ROOT, tracked

# Arguments by name that people read, whatever takes them.
READ = {"verbose_name", "verbose_name_plural", "help_text", "short_description", "empty_label", "description"}
# Functions whose texts people read → the places of these texts.
READ_BY_PLACE = {
    "ValidationError": (0,), "message_user": (1,), "success": (1,), "info": (1,), "warning": (1,), "error": (1,),
    "Refusal": (1,), "Http404": (0,), "PermissionDenied": (0,), "APIException": (0,),
}  # fmt: skip
LOGS = {"logger", "logging", "log"}
# Developers read these, in the terminal, where Python's own words are English too.
FOR_DEVELOPERS = {"ArgumentParser", "add_parser"}
WORDS = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]")


def is_bare(value: ast.expr) -> bool:
    if isinstance(value, ast.JoinedStr):
        return any(is_bare(part) for part in value.values)
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and WORDS.search(value.value) is not None


def bare_python(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and is_bare(node.value):
            names = [
                target.id if isinstance(target, ast.Name) else getattr(target, "attr", "") for target in node.targets
            ]
            if READ.intersection(names):
                yield node.lineno, ast.unparse(node.value)
        if isinstance(node, ast.Call) and not is_log(node.func):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in FOR_DEVELOPERS:
                continue
            places = READ_BY_PLACE.get(name, ())
            by_place = [node.args[place] for place in places if place < len(node.args)]
            by_name = [each.value for each in node.keywords if each.arg in READ]
            yield from ((value.lineno, ast.unparse(value)) for value in [*by_place, *by_name] if is_bare(value))


def is_log(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in LOGS


def test_no_python_holds_text_for_people_outside_gettext():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for app in APPS
        for path in tracked(f":(glob){app}/**/*.py")
        if "migrations" not in path.parts
        for line, text in bare_python(path.read_text(encoding="utf-8"))
    ]
    assert not found, "Wrap it in gettext: " + "; ".join(found)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("raise ValidationError('Not a day')", ["'Not a day'"]),
        ("raise ValidationError(_('Not a day'))", []),
        ("messages.error(request, f'{n} rows')", ["f'{n} rows'"]),
        ("logger.error(request, 'A row')", []),
        ("CharField(help_text='Of the shop', verbose_name=_('name'))", ["'Of the shop'"]),
        ("column.short_description = 'Level'", ["'Level'"]),
    ],
)
def test_the_search_for_bare_python_finds_it(source, found):
    assert [text for _line, text in bare_python(source)] == found

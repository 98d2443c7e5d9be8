"""What the page of a quiz needs beside `tasks`."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import template
from django.http import QueryDict

from campaigns.quizzes.steps import Step, step_of

register = template.Library()


@register.filter
def ticked(given: QueryDict, field: str) -> list[str]:
    """Every value that was sent in a field, for checkboxes that are shown again."""
    return given.getlist(field)


@register.simple_tag
def quiz_step(questions: Sequence[Mapping[str, Any]], given: QueryDict, wrong: Collection[str], sheet: str) -> Step:
    """The question that a page without scripts shows; `sheet` is the id of what was begun, "" for nothing."""
    return step_of(questions, dict(given.lists()), wrong, sheet)

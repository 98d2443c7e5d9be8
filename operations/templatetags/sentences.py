"""Lists in templates, by the marks of the reader's language."""

from collections.abc import Iterable

from django import template

from operations import sentences

register = template.Library()


@register.filter
def listed(names: Iterable[object]) -> str:
    return sentences.listed(names)

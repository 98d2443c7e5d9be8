"""What the page of a quiz needs beside `tasks`."""

from django import template
from django.http import QueryDict

register = template.Library()


@register.filter
def ticked(given: QueryDict, field: str) -> list[str]:
    """Every value that was sent in a field, for checkboxes that are shown again."""
    return given.getlist(field)

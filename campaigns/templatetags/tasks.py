"""What templates of task pages need beside Django's own."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def lookup(values: Mapping[str, Any], key: str) -> Any:
    """What `values` hold under a key that is itself a variable; "" for none."""
    return values.get(key, "")

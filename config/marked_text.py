"""The little Markdown that the words of the OpenAPI document use: `code`, [links](https://…) and paragraphs."""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[([^\]]+)\]\((https://[^\s)]+|[/#][^\s)]*)\)")


def as_html(text: object) -> SafeString:
    """Return the text as HTML: escaped, and code and links as elements. Paragraphs are separate by a line break."""
    told = str(escape(str(text)))
    told = _CODE.sub(r"<code>\1</code>", told)
    told = _LINK.sub(r'<a href="\2">\1</a>', told)
    return mark_safe(told.replace("\n\n", "<br>"))  # noqa: S308 escaped above

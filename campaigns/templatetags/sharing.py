"""What templates of links to friends need: the whole address, and its QR code."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from rewards.qr_codes import svg_of

register = template.Library()


@register.simple_tag(takes_context=True)
def whole_address(context: Any, path: str) -> str:
    """The address as friends need it, with the host under which the page was opened."""
    address: str = context["request"].build_absolute_uri(path)
    return address


@register.simple_tag
def qr_code(text: str) -> SafeString:
    return svg_of(text)

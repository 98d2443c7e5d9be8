"""Stored pictures in templates: sized, so that nothing moves when they come, and asked of nobody.

A reference that names no picture shows nothing: no page breaks over one.
"""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from operations.picture_reference import Reference, read
from operations.undone import remembered

register = template.Library()

# A page of many pictures is made of the same few over and over: 120 µs each to write, less than one to remember.
# By type as well: a text that is marked safe is another than the same text that is not. What a preview shows has the
# preview's addresses, to which no member may be led.
KNOWN = 2_000
# A size for browsers that choose none themselves: of a phone's width, or the next below.
PLAIN = 360


@register.simple_tag
@remembered(KNOWN)
def picture(reference: str, alt: str = "", sizes: str = "100vw", lazy: bool = True) -> SafeString:
    """The picture; `sizes` says how wide it will stand. What is on the first screen is not lazy, and comes first."""
    attributes = _attributes(reference)
    if not attributes:
        return attributes
    when = 'loading="lazy" decoding="async"' if lazy else 'fetchpriority="high"'
    return format_html('<img {} sizes="{}" alt="{}" {}>', attributes, sizes, alt, SafeString(when))


@register.simple_tag
@remembered(KNOWN)
def framed_picture(reference: str, frame: str, sizes: str, lazy: bool = True) -> SafeString:
    """The picture as an ornament in a frame of its own, which is in its colour until it comes."""
    named = read(reference or "")
    if named is None:
        return SafeString("")
    tint = format_html('<svg aria-hidden="true"><rect width="100%" height="100%" fill="#{}"/></svg>', named.colour)
    return format_html('<span class="pictured {}">{}{}</span>', frame, tint, picture(reference, "", sizes, lazy))


def _attributes(reference: str) -> SafeString:
    named = read(reference or "")
    if named is None:
        return SafeString("")
    widths = named.widths
    plain = max(width for width in widths if width <= max(PLAIN, widths[0]))
    srcset = ", ".join(f"{address(named, width)} {width}w" for width in widths)
    html = 'src="{}" srcset="{}" width="{}" height="{}"'
    return format_html(html, address(named, plain), srcset, named.width, named.height)


def address(named: Reference, width: int) -> str:
    return reverse("h5-picture", args=[named.digest, width])

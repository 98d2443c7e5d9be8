"""What the frame of the participants' pages asks for: whether this house has pages for who is offline."""

from django import template
from django.conf import settings
from django.urls import reverse

register = template.Library()


@register.simple_tag
def offline_worker() -> str:
    """Return the address of the service worker, "" where OFFLINE_PAGES is off: then pages take theirs away."""
    return reverse("h5-worker") if settings.OFFLINE_PAGES else ""

"""What the participants' pages ask for: a page for who is offline, and names in sentences that keep to themselves."""

from django import template
from django.conf import settings
from django.urls import reverse

from members.isolated import isolated

register = template.Library()
register.filter("isolated", isolated)


@register.simple_tag
def offline_worker() -> str:
    """Return the address of the service worker, "" where OFFLINE_PAGES is off: then pages take theirs away."""
    return reverse("h5-worker") if settings.OFFLINE_PAGES else ""

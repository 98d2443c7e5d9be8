"""What templates of links to friends need: the whole address, its QR code and poster, and what friends get."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import resolve, reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from campaigns import presenting
from campaigns.definition import Reward
from rewards.published_prizes import gift_names
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


@register.simple_tag
def poster_of(path: str) -> str:
    """The path of the poster of a link, in the language of the page."""
    token = resolve(path).kwargs["token"]
    return reverse("h5-share-poster", args=[token, get_language() or settings.LANGUAGE_CODE])


@register.simple_tag
def chips_of(reward: Reward | None) -> tuple[presenting.Chip, ...]:
    """What a reward gives. One query where it gives a gift."""
    if reward is None:
        return ()
    return presenting.chips(reward, gift_names({reward.gift} if reward.gift else ()))

"""What a page of a campaign looks like when it is sent on within WeChat: the member's own link, or the campaign's."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from campaigns import kinds
from campaigns.shared_kind import Linked, shown_name
from members.isolated import isolated
from members.participants import participant_of
from members.wechat import account, offering

register = template.Library()

# WeChat shows pictures of points, not of paths: no SVG.
PICTURE = "h5/share.png"


@dataclass(frozen=True, slots=True)
class Card:
    """What WeChat shows of a page: two lines, and where they lead."""

    title: str
    description: str
    path: str


@register.inclusion_tag("h5/parts/wechat_share.html", takes_context=True)
def wechat_share(context: Any) -> dict[str, str]:
    """Let the page be shared as a card, where WeChat shows it. It signs later, by itself: here nothing is queried."""
    request: HttpRequest = context["request"]
    sdk = offering.let_sdk_in(request)
    if not sdk:
        return {}
    shown = _card(context, request)
    return {
        "sdk": sdk,
        "title": shown.title,
        "description": shown.description,
        "link": request.build_absolute_uri(shown.path),
        "picture": request.build_absolute_uri(static(PICTURE)),
    }


@register.inclusion_tag("h5/parts/wechat_hint.html", takes_context=True)
def wechat_hint(context: Any) -> dict[str, bool]:
    """Where to tap in WeChat: shown by the script once the card is there."""
    return {"wechat": account.met_by(context["request"]) is not None}


def _card(context: Any, request: HttpRequest) -> Card:
    definition, card = context["definition"], context.get("card")
    campaign = reverse("h5-campaign", args=[definition.slug])
    if "preview" in context:
        # A friend who sends the link on sends the same one.
        return Card(context["preview"].title, _line(definition.name, context["task"].title), request.path)
    kind = kinds.find(card.task.kind) if card else None
    member = participant_of(request)
    if card and member and isinstance(kind, Linked) and context.get("link"):
        asks = kind.ASKS % {"name": isolated(shown_name(member.name))}
        return Card(asks, _line(definition.name, card.task.title), context["link"])
    return Card(definition.name, definition.tagline or definition.organiser, campaign)


def _line(*texts: str) -> str:
    return " · ".join(texts)

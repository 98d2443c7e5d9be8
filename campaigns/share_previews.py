"""How a link looks before it is opened: who asks, in words, and what chats show beside it (Open Graph)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.posters.drawing import CARD
from campaigns.share_links import Shared, address
from campaigns.shared_kind import Linked
from members.isolated import isolated
from operations.sentences import listed


@dataclass(frozen=True, slots=True)
class Preview:
    """The picture needs no cookie: whoever has the link may see it, and it names nobody."""

    title: str
    text: str
    site: str
    link: str
    picture: str
    width: int = CARD[0]
    height: int = CARD[1]


def asks(kind: Linked, name: str) -> SafeString:
    """Who asks for what, with the name isolated from the sentence."""
    sentence = escape(str(kind.ASKS)) % {"name": format_html("<bdi>{}</bdi>", name)}
    return mark_safe(sentence)  # noqa: S308 both parts are escaped


def preview(request: HttpRequest, shared: Shared, kind: Linked, name: str, gets: Sequence[str]) -> Preview:
    definition, language = shared.definition, get_language() or settings.LANGUAGE_CODE
    parts: list[str | Promise] = [kind.about(shared.task)]
    if gets:
        parts.append(_("You get: %s") % listed(gets))
    parts.append(definition.tagline)
    return Preview(
        title=str(kind.ASKS) % {"name": isolated(name)},
        text=" · ".join(str(part) for part in parts if part),
        site=definition.name,
        link=request.build_absolute_uri(address(shared.token)),
        picture=request.build_absolute_uri(reverse("h5-share-card", args=[shared.token, language])),
    )

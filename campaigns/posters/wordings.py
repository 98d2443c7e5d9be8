"""What the poster of a link says, in the language that is active and the characters that the typeface has."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns import presenting, sharing_config
from campaigns.definition import Campaign
from campaigns.posters.drawing import EDITION, Card, Poster
from campaigns.posters.fonts import Typeface
from campaigns.share_links import Shared
from campaigns.shared_kind import Linked, shown_name
from campaigns.theming import colour_key
from campaigns.zones import zone_of
from rewards.published_prizes import gift_names

LONGEST_NAME = 60
Cleaned = Callable[[str], str]


def poster_of(shared: Shared, kind: Linked, link: str, typeface: Typeface | None) -> Poster:
    """The poster of a member's link, whose whole address is `link`."""
    clean = _cleaner(typeface)
    definition, config = shared.definition, shared.task.config
    name = clean(shown_name(shared.sharer.name))
    # A name of which nothing can be drawn but its mask.
    name = name if name.strip("* ") else shown_name("")
    reward = sharing_config.reward_in(config, kind.FRIEND_REWARD) if kind.FRIEND_REWARD else None
    gifts = presenting.chips(reward, gift_names({reward.gift} if reward.gift else ())) if reward else ()
    price = kind.poster_price(shared)
    # The last minute of it: "midnight" does not say of which day.
    ends = timezone.localtime(shared.expires_at - timedelta(minutes=1), zone_of(definition))
    return Poster(
        link=link,
        colour=colour_key(definition.colour),
        organiser=clean(definition.organiser),
        campaign=clean(definition.name),
        tagline=clean(definition.tagline),
        asks=clean(str(kind.ASKS) % {"name": name}),
        initial=name[0] if name.endswith("*") else "",
        about=clean(kind.about(shared.task)),
        price=(_("down to"), *price) if price else None,
        gets=_("You get"),
        gifts=tuple(clean(chip.text) for chip in gifts),
        terms=clean(str(kind.friend_terms(config))),
        scan=(_("Press and hold"), _("or scan the code")),
        until=(_("Good until"), date_format(ends, "DATETIME_FORMAT")),
        banner=definition.banner,
    )


def card_of(definition: Campaign, typeface: Typeface | None) -> Card:
    clean = _cleaner(typeface)
    return Card(
        colour=colour_key(definition.colour),
        organiser=clean(definition.organiser),
        campaign=clean(definition.name),
        tagline=clean(definition.tagline),
        banner=definition.banner,
    )


def digest(words: Poster | Card, typeface: Typeface | None) -> str:
    """Names a picture before it is drawn: the same words in the same typeface are the same picture."""
    return hashlib.sha256(repr((EDITION, words, typeface)).encode()).hexdigest()[:32]


def _cleaner(typeface: Typeface | None) -> Cleaned:
    return typeface.cleaned if typeface else lambda _text: ""

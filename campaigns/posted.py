"""What a shop's own pages need to show a campaign: its picture, its colour, its texts, its time, where it leads.

It is the same for every member whom the campaign is shown to, so it is worked out once for each revision.
"""

import orjson
from django.urls import reverse

from campaigns.definition import Campaign
from campaigns.theming import colour_key
from operations.picture_pages import address

MOST_KEPT = 1024

# Keeping the definition with its poster keeps its id from being given to another.
_kept: dict[tuple[int, str], tuple[Campaign, orjson.Fragment]] = {}


def poster(definition: Campaign, site: str) -> orjson.Fragment:
    """The campaign's poster as JSON. `site` comes before the addresses, such as "https://shop.example"."""
    key = (id(definition), site)
    kept = _kept.get(key)
    if kept is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        kept = _kept[key] = (definition, orjson.Fragment(orjson.dumps(_poster(definition, site))))
    return kept[1]


def _poster(definition: Campaign, site: str) -> dict[str, object]:
    banner = address(definition.banner)
    return {
        "banner": banner and f"{site}{banner}",
        "colour": f"#{colour_key(definition.colour)}",
        "tagline": definition.tagline,
        "organiser": definition.organiser,
        "address": f"{site}{reverse('h5-campaign', args=[definition.slug])}",
        "opens_at": definition.opens_at,
        "closes_at": definition.closes_at,
    }

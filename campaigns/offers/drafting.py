"""Offers between the draft's rows, the published terms and the campaign's file."""

from typing import Any

from campaigns import pool_files
from campaigns.checked_json import Node, slug_of
from campaigns.definition import audience_as_json, parse_audience, parse_offers
from campaigns.models import Campaign
from campaigns.models import Offer as DraftOffer
from campaigns.offers.terms import DEFAULTS, Offer
from rewards.money import as_amount, as_cents

# What a row has under the same name.
PLAIN = tuple(key for key in DEFAULTS if key not in {"skus", "gift", "leader_gift"})


def terms_of(row: DraftOffer) -> Offer:
    """A row as an offer. Raises DefinitionError for an audience that cannot be read."""
    return Offer(
        key=row.key,
        kind=row.kind,
        title=row.title,
        price=as_cents(row.price),
        offer_price=as_cents(row.offer_price),
        audience=parse_audience(row.audience),
        skus=tuple(row.skus),
        gift=row.gift.slug if row.gift else None,
        leader_gift=row.leader_gift.slug if row.leader_gift else None,
        **{key: getattr(row, key) for key in PLAIN},
    )


def write(campaign: Campaign, nodes: Node | None) -> None:
    """Make the draft's offers those of the file's list, in its order. Raises DefinitionError."""
    offers = parse_offers(nodes) if nodes else ()
    places = nodes.each() if nodes else ()
    for position, (offer, node) in enumerate(zip(offers, places, strict=True)):
        DraftOffer.objects.update_or_create(
            campaign=campaign, key=slug_of(node.at("key")), defaults=_columns(offer, node) | {"position": position}
        )
    campaign.offers.exclude(key__in=[offer.key for offer in offers]).delete()


def _columns(offer: Offer, node: Node) -> dict[str, Any]:
    gifts = {key: pool_files.gift_of(node.at(key)) if getattr(offer, key) else None for key in ("gift", "leader_gift")}
    return gifts | {
        "kind": offer.kind,
        "title": offer.title,
        "price": as_amount(offer.price),
        "offer_price": as_amount(offer.offer_price),
        "audience": audience_as_json(offer.audience),
        "skus": list(offer.skus),
        **{key: getattr(offer, key) for key in PLAIN},
    }

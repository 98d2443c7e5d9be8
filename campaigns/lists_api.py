"""The API of published campaigns: all of them, and one with what its participants may read.

Who may take part, the answers of a quiz and the configuration of tasks are nobody's business but the house's.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import DateTimeField, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import Http404, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from campaigns import api_schema, api_words, features, published
from campaigns.definition import Campaign as Definition
from campaigns.definition import Chain, Task, reward_as_json
from campaigns.models import Campaign
from campaigns.offers.terms import Offer
from campaigns.states import OPEN, OVER, RUNNING
from operations import etags
from operations.api_schema import ANY_CALL, ONE_OBJECT
from operations.filtering import Contains, Filters, Moment, filtered, order_asked, parameters_of
from operations.models import ApiKey
from operations.paging import NEWEST, OLDEST, Order, asked, page_of
from operations.picture_pages import whole_address
from rewards.published_prizes import PublishedPool, PublishedPrize, published_pool

STATES = [(state.value, state.label) for state in (*RUNNING, *OVER)]


class CampaignFilters(Filters):
    orders = {
        "-id": NEWEST,
        "id": OLDEST,
        "opens_at": Order(("window_from", "id")),
        "-opens_at": Order(("window_from", "id"), descending=True),
        "closes_at": Order(("window_until", "id")),
        "-closes_at": Order(("window_until", "id"), descending=True),
    }
    state = ChoiceFilter(choices=STATES, help_text=_("One that is scheduled opens to the second, whatever its state."))
    open_at = Moment(method="open_then", help_text=_("Those that are open at that time, and neither paused nor over."))
    feature = ChoiceFilter(
        choices=[(name, name) for name in features.names()], method="having", help_text=_("Those that have this.")
    )
    name = Contains("current__definition__name", _("A part of its name."))

    def open_then(self, campaigns: QuerySet[Any], _name: str, moment: Any) -> QuerySet[Any]:
        return campaigns.filter(state__in=OPEN, window_from__lte=moment, window_until__gt=moment)

    def having(self, campaigns: QuerySet[Campaign], _name: str, feature: str) -> QuerySet[Campaign]:
        return campaigns.filter(current__definition__features__has_key=feature)


class Campaigns(APIView):
    """`GET campaigns/`: the campaigns that were ever published, as they are now, the newest first."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.CAMPAIGNS
    @extend_schema(
        operation_id="campaigns",
        parameters=[*parameters_of(CampaignFilters), etags.HELD],
        responses={200: api_schema.CAMPAIGNS, **etags.UNCHANGED, **ANY_CALL},
    )
    def get(self, request: Request) -> HttpResponse:
        page, order = asked(request), order_asked(request, CampaignFilters)
        rows = filtered(request, CampaignFilters, _published())

        def render() -> dict[str, Any]:
            campaigns, following = page_of(rows, order, page)
            edition = ",".join(f"{each.current_id}:{each.state}" for each in campaigns)
            definitions = published.definitions_of(edition)
            told = [_in_short(*each) for each in zip(campaigns, definitions, strict=True)]
            return {"campaigns": told, "next": following}

        return etags.answer(request, etags.edition_of(Campaign), render)


class OneCampaign(APIView):
    """`GET campaigns/{slug}/`: one published campaign with its tasks, and its pools with prizes and odds."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.CAMPAIGN_WHOLE
    @extend_schema(
        operation_id="campaign",
        parameters=[etags.HELD],
        responses={200: api_schema.CAMPAIGN, **etags.UNCHANGED, **ONE_OBJECT},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        campaign = Campaign.objects.filter(slug=slug, current__isnull=False).first()
        if campaign is None or campaign.current_id is None:
            raise Http404
        definition = published.definition_of_revision(campaign.current_id, campaign.state)
        return etags.answer(request, None, lambda: _in_full(campaign, definition, request))


def _published() -> QuerySet[Campaign]:
    """The campaigns with the window of what is published: the draft may say another time by now."""
    return Campaign.objects.filter(current__isnull=False).annotate(
        window_from=Cast(KeyTextTransform("opens_at", "current__definition"), DateTimeField()),
        window_until=Cast(KeyTextTransform("closes_at", "current__definition"), DateTimeField()),
    )


def _in_short(campaign: Campaign, definition: Definition) -> dict[str, Any]:
    return {
        "slug": campaign.slug,
        "name": definition.name,
        "revision": definition.revision,
        "state": campaign.state,
        "opens_at": definition.opens_at,
        "closes_at": definition.closes_at,
        "features": sorted(features.of(definition.features)),
        "tasks": [{"key": task.key, "kind": task.kind, "title": task.title} for task in definition.tasks],
        "pools": [pool.slug for pool in definition.pools],
    }


def _in_full(campaign: Campaign, definition: Definition, request: Request) -> dict[str, Any]:
    return _in_short(campaign, definition) | {
        "time_zone": definition.time_zone,
        "tagline": definition.tagline,
        "rules": definition.rules,
        "organiser": definition.organiser,
        "colour": definition.colour,
        "banner": whole_address(request, definition.banner),
        "tasks": [_task_as_json(task) for task in definition.tasks],
        "chains": [_chain_as_json(chain) for chain in definition.chains],
        "pools": [
            {"key": pool.slug, "name": pool.name, **_pool_as_json(published_pool(pool.slug, pool.version), request)}
            for pool in definition.pools
        ],
        "offers": [_offer_as_json(offer) for offer in definition.offers],
    }


def _task_as_json(task: Task) -> dict[str, Any]:
    return {
        "key": task.key,
        "kind": task.kind,
        "title": task.title,
        "guide": task.guide,
        "period": task.period,
        "times": task.times,
        "claim_mode": task.claim_mode,
        "target": task.target,
        "finish_within": task.finish_within,
        "claim_within": task.claim_within,
        "reward": reward_as_json(task.reward),
    }


def _chain_as_json(chain: Chain) -> dict[str, Any]:
    return {
        "key": chain.key,
        "title": chain.title,
        "steps": list(chain.steps),
        "within": chain.within,
        "reward": reward_as_json(chain.reward),
    }


def _pool_as_json(pool: PublishedPool | None, request: Request) -> Mapping[str, Any]:
    if pool is None:
        return {"version": 0, "price": None, "stage": "", "rules": [], "claiming": [], "prizes": []}
    return {
        "version": pool.version,
        "price": pool.price,
        "stage": pool.stage,
        "rules": list(pool.rules),
        "claiming": list(pool.claiming),
        "prizes": [_prize_as_json(prize, request) for prize in pool.prizes],
    }


def _prize_as_json(prize: PublishedPrize, request: Request) -> dict[str, Any]:
    return {
        "key": prize.key,
        "name": prize.name,
        "kind": prize.kind,
        "description": prize.description,
        "picture": whole_address(request, prize.picture),
        "face_value": f"{prize.face_value:.2f}",
        "odds": prize.odds,
        "percent": prize.percent,
        "stock": prize.stock,
        "limits": list(prize.limits),
        "consolation": prize.consolation,
        "invited": prize.invited,
        "valid_days": prize.valid_days,
        "valid_until": prize.valid_until,
    }


def _offer_as_json(offer: Offer) -> dict[str, Any]:
    return {
        "key": offer.key,
        "kind": offer.kind,
        "title": offer.title,
        "guide": offer.guide,
        "price": f"{offer.price / 100:.2f}",
        "offer_price": f"{offer.offer_price / 100:.2f}",
        "opens_at": offer.opens_at,
        "closes_at": offer.closes_at,
        "per_member": offer.per_member,
        "size": offer.size,
    }


urlpatterns: list[URLPattern] = [
    path("campaigns/", Campaigns.as_view(), name="campaigns"),
    path("campaigns/<slug:slug>/", OneCampaign.as_view(), name="campaign"),
]

"""The API's lists of what was given: awards, draws and the entries of the ledger. Codes are in none of them."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from members.member_filter import OfMember
from members.models import Member
from operations.api_schema import ANY_CALL, ONE_OBJECT
from operations.filtering import Exact, Filters, Named, Since, Until, filtered, order_asked, parameters_of
from operations.models import ApiKey
from operations.paging import Order, asked, page_of
from rewards import api_schema, api_words
from rewards.awards import given_awards, state_at
from rewards.models import Award, Draw, Entry, Gift, PrizePool, Unit

CAMPAIGN = "campaign:"
UID = _("The uid of a member.")
SCOPE = _("Where it was given: `campaign:SLUG`, `pool:SLUG` or `mall`.")


def _by_time(column: str) -> dict[str, Order]:
    return {
        f"-{column}": Order((column, "id"), descending=True),
        column: Order((column, "id")),
    }


class OfCampaign(Exact):
    """What was given in the campaign with this key."""

    def __init__(self) -> None:
        super().__init__("scope", help_text=_("The key of a campaign: what was given in it."))

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows.filter(scope=f"{CAMPAIGN}{value}") if value else rows


class AwardFilters(Filters):
    orders = _by_time("granted_at")
    uid = OfMember("member", help_text=UID)
    gift = Named("gift", Gift, _("The key of a gift."))
    state = ChoiceFilter(choices=Award.State.choices, method="in_state", help_text=_("Its state now."))
    campaign = OfCampaign()
    scope = Exact("scope", help_text=SCOPE)
    since = Since("granted_at", _("Granted then or later."))
    until = Until("granted_at", _("Granted before."))

    def in_state(self, awards: QuerySet[Award], _name: str, state: str) -> QuerySet[Award]:
        """By `state_at`: one that was granted and not used expires by itself."""
        over = Q(state=Award.State.GRANTED, expires_at__lte=timezone.now())
        if state == Award.State.EXPIRED:
            return awards.filter(Q(state=state) | over)
        found = awards.filter(state=state)
        return found.exclude(over) if state == Award.State.GRANTED else found


class DrawFilters(Filters):
    orders = _by_time("drawn_at")
    uid = OfMember("member", help_text=UID)
    campaign = OfCampaign()
    scope = Exact("scope", help_text=SCOPE)
    pool = Named("version__pool", PrizePool, _("The key of a prize pool."))
    prize = Exact("prize", help_text=_("The key of the prize that was given."))
    since = Since("drawn_at", _("Drawn then or later."))
    until = Until("drawn_at", _("Drawn before."))


class EntryFilters(Filters):
    orders = _by_time("posted_at")
    unit = Named("account__unit", Unit, _("The key of a unit, such as points."))
    kind = ChoiceFilter(choices=Entry.Kind.choices, help_text=_("What kind of movement it is."))
    reference = Exact("reference", help_text=_("What it is for, such as `order:A-1`."))
    since = Since("posted_at", _("Posted then or later."))
    until = Until("posted_at", _("Posted before."))


class AnyonesEntryFilters(EntryFilters):
    uid = OfMember("account__member", help_text=UID)


class Awards(APIView):
    """`GET awards/`: what was given to members, the newest first. Words of thanks are no award."""

    scope: ClassVar = ApiKey.Scope.REWARDS

    @api_words.GIVEN
    @extend_schema(
        operation_id="awards", parameters=parameters_of(AwardFilters), responses={200: api_schema.GIVEN, **ANY_CALL}
    )
    def get(self, request: Request) -> Response:
        page, order, now = asked(request), order_asked(request, AwardFilters), timezone.now()
        awards, following = page_of(filtered(request, AwardFilters, given_awards()), order, page)
        return Response({"awards": [_award_as_json(each, now) for each in awards], "next": following})


class Draws(APIView):
    """`GET draws/`: draws and what they won, the newest first."""

    scope: ClassVar = ApiKey.Scope.PLAY

    @api_words.DRAWS
    @extend_schema(
        operation_id="draws", parameters=parameters_of(DrawFilters), responses={200: api_schema.DRAWS, **ANY_CALL}
    )
    def get(self, request: Request) -> Response:
        page, order = asked(request), order_asked(request, DrawFilters)
        known = Draw.objects.select_related("member", "version__pool", "award__gift")
        draws, following = page_of(filtered(request, DrawFilters, known), order, page)
        return Response({"draws": [_draw_as_json(each) for each in draws], "next": following})


class Entries(APIView):
    """`GET entries/`: the movements of members' accounts, the newest first."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.ENTRIES
    @extend_schema(
        operation_id="entries",
        parameters=parameters_of(AnyonesEntryFilters),
        responses={200: api_schema.ENTRIES, **ANY_CALL},
    )
    def get(self, request: Request) -> Response:
        return Response(_entries(request, AnyonesEntryFilters, Entry.objects.all()))


class MemberEntries(APIView):
    """`GET members/{uid}/entries/`: the movements of one member's accounts, the newest first."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.MEMBER_ENTRIES
    @extend_schema(
        operation_id="member_entries",
        parameters=parameters_of(EntryFilters),
        responses={200: api_schema.MEMBER_ENTRIES, **ONE_OBJECT},
    )
    def get(self, request: Request, uid: str) -> Response:
        member = get_object_or_404(Member, uid=uid)
        return Response(
            {"uid": uid, **_entries(request, EntryFilters, Entry.objects.filter(account__member=member.pk))}
        )


def _entries(request: Request, filters: type[EntryFilters], known: QuerySet[Entry]) -> dict[str, Any]:
    page, order = asked(request), order_asked(request, filters)
    rows = filtered(request, filters, known.select_related("account__member", "account__unit"))
    entries, following = page_of(rows, order, page)
    return {"entries": [_entry_as_json(each) for each in entries], "next": following}


def _campaign_of(scope: str) -> str | None:
    return scope.removeprefix(CAMPAIGN) if scope.startswith(CAMPAIGN) else None


def _award_as_json(award: Award, now: datetime) -> dict[str, Any]:
    return {
        "id": award.pk,
        "uid": award.member.uid,
        "gift": award.gift.slug,
        "name": award.gift.name,
        "kind": award.gift.kind,
        "amount": award.gift.amount,
        "state": state_at(award, now),
        "campaign": _campaign_of(award.scope),
        "scope": award.scope,
        "source": award.source,
        "granted_at": award.granted_at,
        "usable_from": award.usable_from,
        "expires_at": award.expires_at,
        "changed_at": award.changed_at,
    }


def _draw_as_json(draw: Draw) -> dict[str, Any]:
    return {
        "draw": draw.pk,
        "uid": draw.member.uid,
        "campaign": _campaign_of(draw.scope),
        "scope": draw.scope,
        "pool": draw.version.pool.slug,
        "version": draw.version.number,
        "bucket": draw.bucket,
        "prize": draw.prize,
        "fallback": draw.fallback,
        "gift": draw.award.gift.slug,
        "kind": draw.award.gift.kind,
        "award": draw.award_id,
        "price": draw.price,
        "drawn_at": draw.drawn_at,
    }


def _entry_as_json(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "uid": entry.account.member.uid,
        "unit": entry.account.unit.slug,
        "kind": entry.kind,
        "amount": entry.amount,
        "to_balance": entry.to_balance,
        "to_pending": entry.to_pending,
        "to_debt": entry.to_debt,
        "to_earned": entry.to_earned,
        "balance": entry.balance_after,
        "of_entry": entry.original_id,
        "reason": entry.reason,
        "reference": entry.reference,
        "posted_at": entry.posted_at,
    }


urlpatterns: list[URLPattern] = [
    path("awards/", Awards.as_view(), name="awards"),
    path("draws/", Draws.as_view(), name="draws-made"),
    path("entries/", Entries.as_view(), name="entries"),
    path("members/<str:uid>/entries/", MemberEntries.as_view(), name="member-entries"),
]

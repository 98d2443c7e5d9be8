"""The API of eligibility: what members get in campaigns and why not the rest. It moves nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, cast

import orjson
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from campaigns import answers, api_schema, api_words, eligibility, explained_answers, explaining, subjects
from campaigns.api_moves import invalid, json_answer, object_sent, refused, unknown_member
from campaigns.definition import Campaign
from campaigns.refusals import Refusal
from campaigns.subjects import Facts
from operations.api_schema import ANY_POST, ONE_OBJECT
from operations.models import ApiKey

MOST_UIDS = 1000
# Of what is long: every clause explained, or all running campaigns of each member.
MOST_AT_LENGTH = 50
FLAGS = {"1": True, "true": True, "0": False, "false": False, "": False}
ASKED = frozenset({"uids", "campaign", "explain", "default"})
PARAMETERS = [
    OpenApiParameter("campaign", str, description=gettext_lazy("The key of one campaign; else all that run.")),
    OpenApiParameter(
        "explain", bool, description=gettext_lazy("Also name every clause, with what is needed and the member's value.")
    ),
    OpenApiParameter(
        "default",
        bool,
        description=gettext_lazy("Answer for an unknown uid too, by what is there for everyone (`known`: false)."),
    ),
]

Told = dict[str, Any] | orjson.Fragment


class EligibilityView(APIView):
    """What one member gets, in one SQL query for all running campaigns."""

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.ELIGIBILITY
    @extend_schema(
        operation_id="member_eligibility",
        parameters=PARAMETERS,
        responses={200: api_schema.ELIGIBILITY, **ONE_OBJECT},
    )
    def get(self, request: Request, uid: str) -> HttpResponse:
        slug = request.GET.get("campaign")
        explain, default = _flag(request, "explain"), _flag(request, "default")
        now = timezone.now()
        definitions, found = subjects.load_many([uid], slug, now=now)
        facts = found.get(uid)
        if facts is None:
            if not default:
                raise unknown_member()
            definitions, facts = subjects.load_nobody(slug, now=now)
        _refuse_unpublished(slug, definitions)
        telling = _Telling.of(request, explain=explain)
        told = telling.all(_open(definitions, slug, now), facts)
        return json_answer({"uid": uid, "known": uid in found, "campaigns": told})


class EligibilityOfManyView(APIView):
    """What up to 1,000 members get in one campaign, in one SQL query.

    Up to 50 get every running campaign where none is named, or every clause explained.
    """

    scope: ClassVar = ApiKey.Scope.ELIGIBILITY

    @api_words.ELIGIBILITY_OF_MANY
    @extend_schema(
        operation_id="members_eligibility",
        request={"application/json": api_schema.ELIGIBILITY_REQUEST},
        responses={200: api_schema.MANY, **ONE_OBJECT, **ANY_POST},
    )
    def post(self, request: Request) -> HttpResponse:
        asked = _asked(request.data)
        now = timezone.now()
        definitions, found = subjects.load_many(asked.uids, asked.slug, now=now)
        unknown = [uid for uid in asked.uids if uid not in found]
        nobody: Facts | None = None
        if unknown and (asked.default or not found):
            definitions, nobody = subjects.load_nobody(asked.slug, now=now)
        _refuse_unpublished(asked.slug, definitions)
        telling = _Telling.of(request, explain=asked.explain)
        if asked.default and nobody is not None:
            found = found | dict.fromkeys(unknown, nobody)
        running = _open(definitions, asked.slug, now)
        members = [
            telling.member(uid, running[0], found[uid], known=found[uid] is not nobody)
            if asked.slug is not None
            else {"uid": uid, "known": found[uid] is not nobody, "campaigns": telling.all(running, found[uid])}
            for uid in asked.uids
            if uid in found
        ]
        return json_answer({"campaign": asked.slug, "members": members, "unknown": unknown})


@dataclass(frozen=True, slots=True)
class _Telling:
    """How decisions are told to one request: in its language, with addresses of the site, explained or not."""

    site: str
    language: str
    known: explained_answers.Known | None

    @classmethod
    def of(cls, request: Request, *, explain: bool) -> "_Telling":
        site = request.build_absolute_uri("/")[:-1]
        return cls(site, get_language() or "", explained_answers.Known(site) if explain else None)

    def all(self, definitions: Iterable[Campaign], facts: Facts) -> list[Told]:
        if self.known is not None:
            return [self._explained(definition, facts.for_campaign(definition)) for definition in definitions]
        blank, known = facts.subject, facts.slugs_known()
        language, site = self.language, self.site
        return [
            answers.campaign(definition, eligibility.decide(definition, facts.for_campaign(definition)), site)
            if definition.slug in known
            else answers.campaign_again(definition, eligibility.decide(definition, blank), language, site).fragment
            for definition in definitions
        ]

    def member(self, uid: str, definition: Campaign, facts: Facts, *, known: bool) -> Told:
        """One campaign for one of many."""
        before = {"uid": uid, "known": known}
        if self.known is not None:
            return before | self._explained(definition, facts.for_campaign(definition))
        if facts.knows(definition.slug):
            decision = eligibility.decide(definition, facts.for_campaign(definition))
            return before | answers.campaign(definition, decision, self.site)
        decision = eligibility.decide(definition, facts.subject)
        again = answers.campaign_again(definition, decision, self.language, self.site)
        return answers.member_before(uid, again.told, known=known)

    def _explained(self, definition: Campaign, subject: eligibility.Subject) -> dict[str, Any]:
        told = answers.campaign(definition, eligibility.decide(definition, subject), self.site)
        why = explained_answers.explanation(explaining.explain(definition, subject), cast(Any, self.known))
        return told | {"explanation": why}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the body asks: uids, each once, and the campaign, None for all that run."""

    uids: list[str]
    slug: str | None
    explain: bool
    default: bool


def _asked(data: Any) -> _Asked:
    """Read the body. Raises ApiError, which names each field that cannot be used."""
    body = object_sent(data, ASKED)
    uids, slug = body.get("uids"), body.get("campaign")
    explain, default = body.get("explain", False), body.get("default", False)
    faults: dict[str, str] = {}
    if not (slug is None or isinstance(slug, str)):
        faults["campaign"] = _("Name one campaign by its key, or leave it out for all that run.")
    flags = {"explain": explain, "default": default}
    faults |= {name: _("This must be true or false.") for name, flag in flags.items() if not isinstance(flag, bool)}
    if not isinstance(uids, list) or not 0 < len(uids) <= MOST_UIDS or not all(isinstance(uid, str) for uid in uids):
        faults["uids"] = _("List 1 to 1,000 uids, each as text.")
    elif len(uids) > MOST_AT_LENGTH and (slug is None or explain is True):
        faults["uids"] = _("With “explain”, or without a campaign, list at most %(most)d uids at once.") % {
            "most": MOST_AT_LENGTH
        }
    if faults:
        raise invalid(faults)
    return _Asked(list(dict.fromkeys(cast(list[str], uids))), slug, explain, default)


def _flag(request: Request, name: str) -> bool:
    said = request.GET.get(name, "")
    if said not in FLAGS:
        raise invalid({name: _("This must be 1 or 0.")})
    return FLAGS[said]


def _open(definitions: Sequence[Campaign], slug: str | None, now: datetime) -> list[Campaign]:
    """Those that are not over; one that was asked for by name is told of in any case."""
    return [each for each in definitions if slug is not None or each.closes_at > now]


def _refuse_unpublished(slug: str | None, definitions: Sequence[Campaign]) -> None:
    if slug is not None and not definitions:
        raise refused(Refusal.NOT_PUBLISHED)

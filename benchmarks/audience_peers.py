"""The same audiences asked by others' evaluators, behind the same view: GrowthBook's and json-logic's.

Each campaign's audience, or each of its tasks' too, is translated into a GrowthBook condition and a json-logic rule,
and each member's facts into attributes. All answers are compared first: whoever answers something else is not measured.
Of GrowthBook the bare evaluator of conditions is taken, without the SDK's bookkeeping of features and experiments,
which costs it more. The view is the floor's: the same authentication, the query of the member's facts, then one answer
for each audience, as JSON. `make bench-peers` installs the two; without them the figures are left out.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.views import APIView

from benchmarks import load
from benchmarks.report import Figure
from campaigns import subjects
from campaigns.admission import Subject, compiled
from campaigns.definition import Audience, Campaign

PEERS = ("growthbook", "json-logic")
AIM = 1.5
ROUNDS = 3
COMPARED = 1_000
# Which audiences are asked: each campaign's, or those of its tasks, chain and pool too.
PARTS = ("campaigns", "everything")
_PLACE = Path(f".venv-bench/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages")

Attributes = dict[str, Any]
Headers = Mapping[str, str]


def measure(
    port: int, headers: Mapping[str, str], uids: Sequence[str], *, clients: int, seconds: float
) -> list[Figure]:
    """Requests per second with compiled audiences, against each of the others in turn."""
    if not is_there():
        sys.stderr.write("Audiences against GrowthBook and json-logic: skipped, `make bench-peers` installs them\n")
        return []
    _compare(uids[:COMPARED])
    figures = []
    for part in PARTS:
        rates = _rates(port, headers, uids, part, clients=clients, seconds=seconds)
        name = f"{len(_asked(part, _definitions()))} audiences asked in a view, against"
        figures += [Figure(f"{name} {peer}", rates["ours"], rates[peer], AIM, "higher", "requests/s") for peer in PEERS]
    return figures


def is_there() -> bool:
    if _PLACE.exists() and str(_PLACE.resolve()) not in sys.path:
        # Behind our own packages: what both have is ours.
        sys.path.append(str(_PLACE.resolve()))
    try:
        import growthbook  # type: ignore[import-not-found]  # noqa: F401
        import json_logic  # type: ignore[import-not-found]  # noqa: F401
    except ImportError:
        return False
    return True


def _rates(  # noqa: PLR0913 what is asked, and how hard
    port: int, headers: Headers, uids: Sequence[str], part: str, *, clients: int, seconds: float
) -> dict[str, float]:
    """Requests per second of each, in turn, so that whatever else the machine does falls on all."""

    def asking(name: str) -> load.RequestMaker:
        def make(client_number: int, number: int) -> bytes:
            uid = uids[(client_number * 7919 + number) % len(uids)]
            return load.request("GET", f"/bench/audiences/{name}/{part}/{uid}/", headers=dict(headers))

        return make

    results: dict[str, list[float]] = {name: [] for name in ("ours", *PEERS)}
    for _round in range(ROUNDS):
        for name, taken in results.items():
            run = load.drive(port, asking(name), clients=clients, seconds=seconds)
            if run.failures:
                raise RuntimeError(f"{run.failures} of {run.requests} requests to {name} failed")
            taken.append(run.per_second)
    return {name: median(taken) for name, taken in results.items()}


class AudiencesView(APIView):
    """Whether the member is in each audience, by the evaluator of this name."""

    scope = "eligibility"

    def get(self, request: Request, name: str, part: str, uid: str) -> HttpResponse:
        loaded = subjects.load_running(uid, now=timezone.now())
        if loaded is None:
            return HttpResponse(status=404)
        definitions, facts = loaded
        told = evaluator(name, part, definitions)(facts.subject)
        return HttpResponse(orjson.dumps({"uid": uid, "admitted": told}), content_type="application/json")


Evaluator = Callable[[Subject], list[bool]]
_evaluators: dict[tuple[str, str, int], tuple[tuple[Campaign, ...], Evaluator]] = {}


def evaluator(name: str, part: str, definitions: tuple[Campaign, ...]) -> Evaluator:
    """The audiences as this evaluator takes them, translated once for these very definitions."""
    key = (name, part, id(definitions))
    if key not in _evaluators:
        made = {"ours": _ours, "growthbook": _growthbook, "json-logic": _json_logic}[name]
        _evaluators[key] = (definitions, made(_asked(part, definitions)))
    return _evaluators[key][1]


def _asked(part: str, definitions: Sequence[Campaign]) -> list[Audience]:
    if part == "campaigns":
        return [definition.audience for definition in definitions]
    return [each.audience for definition in definitions for each in definition.asking]


def _ours(audiences: Sequence[Audience]) -> Evaluator:
    checks = [compiled(audience) for audience in audiences]
    return lambda subject: [check(subject) is None for check in checks]


def _growthbook(audiences: Sequence[Audience]) -> Evaluator:
    is_there()
    from growthbook.core import evalCondition

    conditions = [_as_condition(audience) for audience in audiences]

    def answers(subject: Subject) -> list[bool]:
        attributes = attributes_of(subject)
        return [evalCondition(attributes, condition) for condition in conditions]

    return answers


def _json_logic(audiences: Sequence[Audience]) -> Evaluator:
    is_there()
    from json_logic import jsonLogic

    rules = [_as_rule(audience) for audience in audiences]

    def answers(subject: Subject) -> list[bool]:
        attributes = attributes_of(subject)
        return [bool(jsonLogic(rule, attributes)) for rule in rules]

    return answers


def attributes_of(subject: Subject) -> Attributes:
    return {
        "level": subject.level,
        "tags": sorted(subject.tags),
        "groups": sorted(subject.tag_groups or ()),
        "segments": sorted(subject.segments),
        "score": subject.score,
    }


def _as_condition(audience: Audience) -> dict[str, Any]:
    """A condition of GrowthBook; several on one attribute are joined by $and."""
    asked = [
        ({"level": {"$in": sorted(audience.levels)}}, audience.levels),
        ({"groups": {"$in": sorted(audience.tag_groups)}}, audience.tag_groups),
        ({"tags": {"$in": sorted(audience.tags_any)}}, audience.tags_any),
        ({"tags": {"$all": sorted(audience.tags_all)}}, audience.tags_all),
        ({"tags": {"$nin": sorted(audience.tags_none)}}, audience.tags_none),
        ({"segments": {"$in": sorted(audience.segments_in)}}, audience.segments_in),
        ({"segments": {"$nin": sorted(audience.segments_not_in)}}, audience.segments_not_in),
        ({"score": {"$gte": audience.score_from}}, audience.score_from is not None),
        ({"score": {"$lt": audience.score_below}}, audience.score_below is not None),
    ]
    parts: list[dict[str, Any]] = [condition for condition, is_asked in asked if is_asked]
    names = [name for part in parts for name in part]
    if len(set(names)) < len(names):
        return {"$and": parts}
    return {name: condition for part in parts for name, condition in part.items()}


def _as_rule(audience: Audience) -> dict[str, Any] | bool:
    def one_of(attribute: str, keys: frozenset[str]) -> dict[str, Any]:
        return {"some": [{"var": attribute}, {"in": [{"var": ""}, sorted(keys)]}]}

    parts: list[dict[str, Any]] = []
    if audience.levels:
        parts.append({"in": [{"var": "level"}, sorted(audience.levels)]})
    if audience.tag_groups:
        parts.append(one_of("groups", audience.tag_groups))
    if audience.tags_any:
        parts.append(one_of("tags", audience.tags_any))
    parts += [{"in": [tag, {"var": "tags"}]} for tag in sorted(audience.tags_all)]
    if audience.tags_none:
        parts.append({"!": [one_of("tags", audience.tags_none)]})
    if audience.segments_in:
        parts.append(one_of("segments", audience.segments_in))
    if audience.segments_not_in:
        parts.append({"!": [one_of("segments", audience.segments_not_in)]})
    if audience.score_from is not None:
        parts.append({">=": [{"var": "score"}, audience.score_from]})
    if audience.score_below is not None:
        parts.append({"<": [{"var": "score"}, audience.score_below]})
    return {"and": parts} if parts else True


@cache
def _definitions() -> tuple[Campaign, ...]:
    from benchmarks.shop import some_uids

    loaded = subjects.load_running(some_uids(1)[0], now=timezone.now())
    if loaded is None:
        raise RuntimeError("there is no member")
    return loaded[0]


def _compare(uids: Sequence[str]) -> None:
    """Raise RuntimeError unless all evaluators give the same answers for all of these members."""
    definitions = _definitions()
    _, found = subjects.load_many(list(uids), None, now=timezone.now())
    if len(found) < len(uids):
        raise RuntimeError("not all members are there")
    for part in PARTS:
        ours = evaluator("ours", part, definitions)
        for name in PEERS:
            theirs = evaluator(name, part, definitions)
            for uid, facts in found.items():
                if ours(facts.subject) != theirs(facts.subject):
                    raise RuntimeError(f"{name} answers something else for {uid}")

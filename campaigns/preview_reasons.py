"""Why a face is as it is, in the words of a preview: each task, chain, pool and offer, shown or hidden."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from campaigns import explained_answers, kinds
from campaigns.explained_answers import Known
from campaigns.explaining import Explained
from campaigns.offers.standing import Standing, State
from campaigns.shared_kind import Linked
from campaigns.trying_out import Face
from campaigns.why import STATES
from campaigns.wordings import wording


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that was asked of the member: in words, what they have of it, and whether it holds."""

    words: str
    told: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    shown: bool
    state: str
    reason: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    parts: tuple[Part, ...]


def reasons(face: Face) -> list[Group]:
    """All parts of the campaign, those of a kind together; kinds of which there is none are left out."""
    told, explained = explained_answers.explanation(face.explanation, Known("")), face.explanation
    campaign = _part(explained.campaign, told["campaign"], shown=True, state="")
    groups = [
        (_("Campaign"), [campaign]),
        (_("Tasks"), [_task(*each, face) for each in zip(explained.tasks, told["tasks"], strict=True)]),
        (_("Chains"), [_chain(*each) for each in zip(explained.chains, told["chains"], strict=True)]),
        (_("Prize pools"), [_pool(*each, face) for each in zip(explained.pools, told["pools"], strict=True)]),
        (_("Offers"), [_offer(each) for each in face.offers]),
        (_("Posters"), list(_posters(face))),
    ]
    return [Group(title, tuple(parts)) for title, parts in groups if parts]


def _part(explained: Explained, told: Mapping[str, Any], *, shown: bool, state: str) -> Part:
    title = getattr(explained.part, "title", "") or getattr(explained.part, "name", "")
    reason = wording(explained.refusal) if explained.refusal else ""
    return Part(title, shown, state, reason, tuple(_asked(told["clauses"])))


def _asked(clauses: Sequence[Mapping[str, Any]]) -> Iterator[Asked]:
    for each in clauses:
        told = each["told"] if each["asked"] else _("not asked any more: the member has begun")
        yield Asked(each["words"], told, each["held"] or not each["asked"])


def _task(explained: Explained, told: Mapping[str, Any], face: Face) -> Part:
    shown = getattr(explained.part, "key", "") in face.listed
    state = str(STATES[explained.state]) if explained.state else ""
    return _part(explained, told, shown=shown, state=state)


def _chain(explained: Explained, told: Mapping[str, Any]) -> Part:
    return _part(explained, told, shown=explained.refusal is None, state="")


def _pool(explained: Explained, told: Mapping[str, Any], face: Face) -> Part:
    own = getattr(explained.part, "slug", "") == face.pool
    return _part(explained, told, shown=explained.refusal is None, state=_("the next draw") if own else "")


def _offer(standing: Standing) -> Part:
    reason = wording(standing.refusal) if standing.refusal else ""
    shown = not standing.foreign
    return Part(standing.offer.title, shown, _("can be taken") if standing.state is State.OPEN else "", reason, ())


def _posters(face: Face) -> Iterator[Part]:
    """A poster comes with the task that it spreads: invitations, bargains and the like."""
    for task in face.definition.tasks:
        if isinstance(kinds.find(task.kind), Linked):
            shown = task.key in face.listed
            yield Part(task.title, shown, "", "" if shown else _("Its task is not shown to this member."), ())

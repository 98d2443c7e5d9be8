"""Pools and choices of pools in the words of operators: of what kind a pool is, and why a draw is from it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns import audience_faults, pool_faults
from campaigns.audience_field import LABELS, AudienceChoices, audience_words
from campaigns.drafts import Draft
from campaigns.pool_choice import DrawChoice, PoolKind, Why, in_choosing_order, kind_of
from campaigns.pool_faults import Offer
from campaigns.wordings import wording
from operations.sentences import clauses, labelled, listed

KINDS: dict[PoolKind, str | Promise] = {
    PoolKind.IDENTITY: pgettext_lazy("kind of a prize pool", "by identity"),
    PoolKind.SCORE: pgettext_lazy("kind of a prize pool", "by campaign score"),
    PoolKind.EVERYONE: pgettext_lazy("kind of a prize pool", "for everyone"),
    PoolKind.NAMED_ONLY: pgettext_lazy("kind of a prize pool", "only by name"),
}
WHY: dict[Why, Promise] = {
    Why.IDENTITY: gettext_lazy("by identity, which comes before the score"),
    Why.SCORE: gettext_lazy("by campaign score"),
    Why.EVERYONE: gettext_lazy("for everyone"),
    Why.NAMED_ONLY: gettext_lazy("only by name"),
    Why.TASK: gettext_lazy("named by a task or a chain"),
    Why.RESULT: gettext_lazy("named by the result of a quiz or a game"),
    Why.STAGE: gettext_lazy("named by the stage reached in a game"),
}
SHOWN_AS_WARNINGS = frozenset({"pool_shadowed", "pool_unreachable"})


@dataclass(frozen=True, slots=True)
class Line:
    """A pool of the draft: `place` is when the ordinary choice asks it, None for one that only a name leads to."""

    place: int | None
    name: str
    kind: PoolKind
    kind_words: str
    audience: str
    named_by: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The pools in the order in which they are asked; `gate` is the lowest campaign score that may draw."""

    lines: tuple[Line, ...]
    warnings: tuple[str, ...]
    gate: int | None


def panel(draft: Draft, choices: AudienceChoices) -> Panel | None:
    offers = pool_faults.offers_of(draft)
    if not offers:
        return None
    asked = in_choosing_order(offers)
    named_only = [offer for offer in offers if offer.named_only]
    shadowed = [message for code, message in audience_faults.of(draft) if code in SHOWN_AS_WARNINGS]
    return Panel(
        lines=(
            *(_line(offer, draft, choices, place) for place, offer in enumerate(asked, start=1)),
            *(_line(offer, draft, choices, None) for offer in named_only),
        ),
        warnings=(*shadowed, *pool_faults.warnings(draft)),
        gate=pool_faults.gate(offers),
    )


def _line(offer: Offer, draft: Draft, choices: AudienceChoices, place: int | None) -> Line:
    kind = kind_of(offer)
    whom = audience_words(offer.audience, choices) or _("everyone")
    naming = [str(row) for row in pool_faults.giving(draft) if offer.slug in pool_faults.names_of(row)]
    return Line(place, offer.name, kind, str(KINDS[kind]), whom, listed(naming))


def why_words(choice: DrawChoice, choices: AudienceChoices) -> str:
    """Why the draw is from that pool, or why there is none."""
    return clauses(_why(choice, choices))


def _why(choice: DrawChoice, choices: AudienceChoices) -> Iterator[str]:
    if choice.passed_over:
        words = {"pool": choice.named, "reason": wording(choice.passed_over).rstrip(".。")}
        yield _("“%(pool)s” was named, but: %(reason)s") % words
    if choice.refusal:
        yield wording(choice.refusal)
    if choice.score_needed is not None:
        yield _("from a campaign score of %(score)d on") % {"score": choice.score_needed}
    if choice.why:
        yield str(WHY[choice.why])
    for part, key in choice.by:
        yield labelled(LABELS[part], dict(choices.of(part)).get(key, key))


def bucket_words(bucket: str) -> str:
    """Whose the chances are, in a few words."""
    source, _colon, pool = bucket.partition(":")
    words = {
        "task": _("for “%(pool)s”, named by a task"),
        "score": _("for “%(pool)s”, named by a result"),
        "stage": _("for “%(pool)s”, named by a stage"),
    }.get(source)
    return words % {"pool": pool} if words else _("for the member's own pool")

"""What is wrong with the audiences of a draft: keys that do not exist, and audiences that nobody can be in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import features, pool_faults
from campaigns.definition import Audience, DefinitionError, parse_audience
from campaigns.drafts import Draft, audience_of
from campaigns.models import Task
from campaigns.pool_choice import in_choosing_order
from campaigns.reach import Contradiction, contradictions, covers
from members.models import Level
from operations.sentences import listed
from segmentation.models import Segment, Tag, TagGroup

Named = tuple[str, str]
_UNREADABLE = gettext_lazy("The audience of %(part)s cannot be read: %(error)s.")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the campaign that asks for an audience, and the audiences around it."""

    name: str
    audience: Audience
    around: tuple[Audience, ...] = ()
    is_pool: bool = False
    # Of a pool: chances may be for it whatever its audience leaves to it (`campaigns.pool_choice`).
    named_only: bool = False
    named: bool = False


def of(draft: Draft) -> Iterator[Named]:
    """(code, message) of each fault."""
    parts: list[Part] = []
    for part in _parts(draft):
        if isinstance(part, Part):
            parts.append(part)
        else:
            yield part
    yield from _unknown(parts)
    for part in parts:
        yield from _unreachable(part)
    yield from _shadowed(in_choosing_order([part for part in parts if part.is_pool]))


def _parts(draft: Draft) -> Iterator[Part | Named]:
    """Each part, or what is wrong with the JSON of its audience."""
    outer = (_part(_("the campaign"), draft.campaign),)
    yield outer[0]
    around = tuple(part.audience for part in outer if isinstance(part, Part))
    chained: dict[int, tuple[Audience, ...]] = {}
    for chain in draft.chains:
        part = _part(_("chain “%(name)s”") % {"name": chain}, chain, around)
        yield part
        inner = (*around, part.audience) if isinstance(part, Part) else around
        chained |= {step.task_id: inner for step in draft.steps[chain.pk]}
        for step in draft.steps[chain.pk]:
            if step.skip:
                yield _read(_("step “%(name)s”, for whom it falls away") % {"name": step.task}, step.skip, inner)
    for task in draft.tasks:
        around_task = chained.get(task.pk, around)
        yield _part(_("task “%(name)s”") % {"name": task}, task, around_task)
        yield from _quotas(task, around_task)
    yield from _beside(draft)
    named = pool_faults.named_in(draft)
    for offer in draft.pools:
        part = _part(_("prize pool “%(name)s”") % {"name": offer}, offer, around, is_pool=True)
        if isinstance(part, Part):
            part = replace(part, named_only=offer.named_only, named=offer.pool.slug in named)
        yield part
    for sold in draft.offers:
        yield _part(_("offer “%(name)s”") % {"name": sold}, sold, around)


def _quotas(task: Task, around: tuple[Audience, ...]) -> Iterator[Part | Named]:
    for quota in task.quotas if isinstance(task.quotas, list) else ():
        if isinstance(quota, dict) and quota.get("audience"):
            yield _read(_("a quota of task “%(name)s”") % {"name": task}, quota["audience"], around)


def _beside(draft: Draft) -> Iterator[Part]:
    """The audiences of features whose configuration has no fault of its own."""
    configured = draft.campaign.features if isinstance(draft.campaign.features, dict) else {}
    for name, feature in features.of(configured).items():
        if not feature.faults(configured[name]):
            for audience in feature.audiences(configured[name]):
                yield Part(str(feature.LABEL), audience)


def _read(name: str, data: object, around: tuple[Audience, ...]) -> Part | Named:
    try:
        return Part(name, parse_audience(data), around)
    except DefinitionError as error:
        return "audience_invalid", _UNREADABLE % {"part": name, "error": error}


def _part(name: str, row: object, around: tuple[Audience, ...] = (), *, is_pool: bool = False) -> Part | Named:
    try:
        return Part(name, audience_of(row), around, is_pool)
    except DefinitionError as error:
        return "audience_invalid", _UNREADABLE % {"part": name, "error": error}


def unknown_in(audience: Audience, name: str) -> Iterator[str]:
    """What one audience names that does not exist, in words; `name` is the part that asks for it."""
    yield from (message for _code, message in _unknown([Part(name, audience)]))


def _unknown(parts: list[Part]) -> Iterator[Named]:
    known = _Known()
    for part in parts:
        for code, message, missing in known.missing_from(part.audience):
            words = {"part": part.name, "keys": listed(sorted(missing))}
            yield code, message % words


class _Known:
    """The keys that exist."""

    def __init__(self) -> None:
        self.levels = frozenset(Level.objects.values_list("slug", flat=True))
        self.groups = frozenset(TagGroup.objects.values_list("slug", flat=True))
        pairs = Tag.objects.values_list("group__slug", "slug")
        self.tags = frozenset(f"{group}.{tag}" for group, tag in pairs)
        self.segments: Mapping[str, int | None] = dict(Segment.objects.values_list("slug", "members_id"))

    def missing_from(self, audience: Audience) -> Iterator[tuple[str, str, frozenset[str]]]:
        tags = audience.tags_any | audience.tags_all | audience.tags_none
        segments = audience.segments_in | audience.segments_not_in
        computed = frozenset(slug for slug, set_id in self.segments.items() if set_id is not None)
        found = (
            (
                "level_unknown",
                _("The audience of %(part)s names unknown levels: %(keys)s."),
                audience.levels - self.levels,
            ),
            (
                "tag_group_unknown",
                _("The audience of %(part)s names unknown tag groups: %(keys)s."),
                audience.tag_groups - self.groups,
            ),
            ("tag_unknown", _("The audience of %(part)s names unknown tags: %(keys)s."), tags - self.tags),
            (
                "segment_unknown",
                _("The audience of %(part)s names unknown segments: %(keys)s."),
                segments - self.segments.keys(),
            ),
            (
                "segment_not_computed",
                _("The audience of %(part)s names segments that were never computed: %(keys)s."),
                (segments & self.segments.keys()) - computed,
            ),
        )
        yield from (each for each in found if each[2])


def _unreachable(part: Part) -> Iterator[Named]:
    own = contradictions(part.audience)
    wordings = {
        Contradiction.LEVELS: _("no level is in all of them"),
        Contradiction.TAGS: _("a tag is both asked for and excluded"),
        Contradiction.SEGMENTS: _("a segment is both asked for and excluded"),
        Contradiction.SCORE: _("the range of the score is empty"),
    }
    code = "pool_unreachable" if part.is_pool else "audience_unreachable"
    for each in own:
        yield (
            code,
            _("Nobody can be in the audience of %(part)s: %(why)s.") % {"part": part.name, "why": wordings[each]},
        )
    around = contradictions(*part.around)
    for each in contradictions(part.audience, *part.around):
        if each not in own and each not in around:
            message = _("Nobody can be in the audience of %(part)s and in those around it: %(why)s.")
            yield code, message % {"part": part.name, "why": wordings[each]}


def _shadowed(pools: list[Part]) -> Iterator[Named]:
    """Pools in the order in which they are asked: one that a reward or a result names is reached by that."""
    for place, pool in enumerate(pools):
        if pool.named:
            continue
        for earlier in pools[:place]:
            if covers(earlier.audience, pool.audience, *pool.around):
                message = _("Nobody reaches %(part)s: %(earlier)s before it takes all of its audience.")
                yield "pool_shadowed", message % {"part": pool.name, "earlier": earlier.name}
                break

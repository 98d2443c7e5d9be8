"""Who the members of a set are: by level, region and RFM class, in common with segments, and some of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

import numpy
from pyroaring import BitMap

from members.models import Level
from segmentation import member_sets
from segmentation.facts.tables import Column, Words
from segmentation.models import RfmModel, RfmSet, Segment
from segmentation.wording import RFM_CLASS_NAMES
from segmentation.world import World

SHOWN_VALUES = 8
SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Share:
    """`members` of the audience have the value `key` ("" for those without one), shown as `label` ("" with it)."""

    key: str
    label: str
    members: int


@dataclass(frozen=True, slots=True)
class MakeUp:
    """The audience by one thing: the largest shares, largest first, and how many have other values than these."""

    shares: tuple[Share, ...] = ()
    others: int = 0


NOBODY = MakeUp()


@dataclass(frozen=True, slots=True)
class Overlap:
    """`both` are in the audience, which has `count` members, and in the segment, which has `size`."""

    slug: str
    name: str
    size: int
    both: int
    count: int

    @property
    def of_audience(self) -> float:
        """The share of the audience that the segment has, from 0 to 1."""
        return self.both / self.count if self.count else 0.0

    @property
    def of_segment(self) -> float:
        """The share of the segment that is in the audience, from 0 to 1."""
        return self.both / self.size if self.size else 0.0

    @property
    def jaccard(self) -> float:
        """What both have, of what either has: from 0 to 1."""
        either = self.count + self.size - self.both
        return self.both / either if either else 0.0


def by_level_and_region(members: BitMap, world: World) -> tuple[MakeUp, MakeUp]:
    """Count the members by level, named in the reader's language, and by region."""
    ids = numpy.array(members, dtype=numpy.int64)
    levels: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    for part in world.parts:
        people = part.people
        rows = numpy.flatnonzero(numpy.isin(people.member, ids))
        levels.update(_counted(people.level[rows], people.levels))
        regions.update(_counted(people.region[rows], people.regions))
    names = {level.slug: str(level) for level in Level.objects.all()}
    return _largest(levels, names), _largest(regions, {})


def by_rfm_class(members: BitMap) -> MakeUp:
    """Count the members by class of the default RFM model; those who have no order have no class."""
    sets = dict(
        RfmSet.objects.filter(
            dimension="class",
            version__in=RfmModel.objects.filter(is_default=True, current__isnull=False).values("current"),
        ).values_list("value", "members_id")
    )
    if not sets:
        return NOBODY
    loaded = member_sets.load_all(sets.values())
    counts = Counter({value: members.intersection_cardinality(loaded[each]) for value, each in sets.items()})
    counts[""] = len(members) - counts.total()
    return _largest(counts, {key: str(name) for key, name in RFM_CLASS_NAMES.items()})


def overlaps(members: BitMap, *, but: str = "") -> tuple[Overlap, ...]:
    """Compare the members with each segment that has some, the largest common part first; not with `but` itself."""
    rows = Segment.objects.filter(members__size__gt=0).exclude(slug=but).values_list("slug", "name", "members_id")
    segments = list(rows)
    sets = member_sets.load_all(members_id for _, _, members_id in segments)
    found = (
        Overlap(slug, name, len(sets[each]), members.intersection_cardinality(sets[each]), len(members))
        for slug, name, each in segments
    )
    return tuple(sorted(found, key=lambda each: (-each.both, each.slug)))


def sample(members: BitMap) -> tuple[int, ...]:
    """Return up to SAMPLE of the members by id, spread over all of them; the same ones for the same set."""
    size = len(members)
    places = range(size) if size <= SAMPLE else sorted(Random(size).sample(range(size), SAMPLE))  # noqa: S311 - no secret
    return tuple(members[place] for place in places)


def _counted(codes: Column, words: Words) -> dict[str, int]:
    # The code of no text is -1; here it is the last place, and such a member has none.
    counts = numpy.bincount(codes.astype(numpy.int64) + 1, minlength=len(words.texts) + 1).tolist()
    found = Counter(dict(zip(words.texts, counts[1:], strict=True)))
    found[""] += counts[0]
    return found


def _largest(counts: Counter[str], names: Mapping[str, str]) -> MakeUp:
    there = sorted(((key, number) for key, number in counts.items() if number), key=lambda each: (-each[1], each[0]))
    shares = tuple(Share(key, names.get(key, key), number) for key, number in there[:SHOWN_VALUES])
    return MakeUp(shares, sum(number for _, number in there[SHOWN_VALUES:]))

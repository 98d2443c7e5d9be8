"""`rfm.MODEL.r|f|m|class`: scores and classes by the cut points and means of a model's current version.

Few members are scored from their orders. Everyone's scores are the sets that the version stored, with those scored
anew whose orders have changed since it read them. Both say the same, because both go by the version's cut points and
count the days before the version's own day; nobody's score fades with time alone, until all are scored again.
"""

from typing import Any

from django.utils.translation import gettext as _
from pyroaring import BitMap

from members import touches
from segmentation import member_sets, rfm_facts, rfm_scale
from segmentation.columns import bitmap_of
from segmentation.facts.measures import Measure
from segmentation.facts.parts import Part
from segmentation.facts.tables import Words
from segmentation.fields import COMPLEMENT_OF, RFM_CLASSES
from segmentation.models import RfmModel, RfmSet, RfmVersion
from segmentation.rfm_facts import Scored
from segmentation.rules import Leaf
from segmentation.sources.base import ColumnSource, SetSource, SourceError
from segmentation.sources.comparing import Comparison
from segmentation.world import World

CLASSES = Words(rfm_scale.CLASS_BY_LOWS)


class RfmSource(ColumnSource):
    families = rfm_facts.FAMILIES

    def names(self):
        models = frozenset(RfmModel.objects.values_list("slug", flat=True))
        return {"rfm_model": models, "rfm_class": frozenset(RFM_CLASSES)}

    def measure(self, leaf: Leaf, part: Part, world: World) -> Measure:
        version = version_of(leaf)
        return _measure(leaf, version, rfm_facts.of_orders(rfm_facts.terms_of(version), part.orders))

    def members_of(self, leaf: Leaf, world: World) -> BitMap:
        if world.only is not None:
            return super().members_of(leaf, world)
        version = version_of(leaf)
        touched = touches.touched_since(version.as_of, self.families) if version.as_of else None
        if touched is None:
            return _all_scored_anew(leaf, version, world)
        again = BitMap(touched) if rfm_facts.terms_of(version).ends else BitMap(touched) | _ahead(version)
        stored = _STORED.members_of(leaf, world)
        return stored - again | super().members_of(leaf, world.narrowed(again)) if again else stored


class _Stored(SetSource):
    """The sets that the current version stored."""

    def sets(self, leaf: Leaf) -> dict[Any, int]:
        _slug, dimension = leaf.parts
        sets = RfmSet.objects.filter(version=version_of(leaf), dimension=dimension).values_list("value", "members_id")
        return {value if dimension == "class" else int(value): set_id for value, set_id in sets}


_STORED = _Stored()


def version_of(leaf: Leaf) -> RfmVersion:
    """Return the version that answers the clause. Raises SourceError where the model was not computed yet."""
    slug = leaf.parts[0]
    version = RfmVersion.objects.filter(current_of__slug=slug).select_related("model").defer("summary").first()
    if version is None:
        told = _("%(path)s: RFM model %(model)s has not been computed yet")
        raise SourceError(told % {"path": leaf.path, "model": slug})
    return version


def _ahead(version: RfmVersion) -> BitMap:
    stored = (
        RfmSet.objects.filter(version=version, dimension=rfm_facts.AHEAD).values_list("members_id", flat=True).first()
    )
    return BitMap() if stored is None else member_sets.load(stored)


def _all_scored_anew(leaf: Leaf, version: RfmVersion, world: World) -> BitMap:
    """Answer for everyone where nobody knows any more whose orders have changed since the version read them."""
    measured = _measure(leaf, version, rfm_facts.read_facts(rfm_facts.terms_of(version)))
    operator = COMPLEMENT_OF.get(leaf.operator, leaf.operator)
    found = bitmap_of(measured.ids[Comparison(leaf, operator, world).holds(measured)])
    return world.members - found if operator != leaf.operator else found & world.members


def _measure(leaf: Leaf, version: RfmVersion, scored: Scored) -> Measure:
    scores = rfm_scale.score(rfm_scale.from_json(version.scale), scored.facts)
    dimension = leaf.parts[1]
    if dimension == "class":
        return Measure(scored.ids, scores.classes, words=CLASSES)
    return Measure(scored.ids, getattr(scores, dimension))

"""`rfm.MODEL.r|f|m|class`: the scores and classes of a model's current version."""

from typing import Any

from members import touches
from segmentation.fields import RFM_CLASSES
from segmentation.models import RfmModel, RfmSet
from segmentation.rules import Leaf
from segmentation.sources.base import SetSource, SourceError


class RfmSource(SetSource):
    families = frozenset({touches.ORDERS})

    def names(self):
        models = frozenset(RfmModel.objects.values_list("slug", flat=True))
        return {"rfm_model": models, "rfm_class": frozenset(RFM_CLASSES)}

    def sets(self, leaf: Leaf) -> dict[Any, int]:
        slug, dimension = leaf.parts
        version_id = RfmModel.objects.values_list("current_id", flat=True).get(slug=slug)
        if version_id is None:
            raise SourceError(f"{leaf.path}: RFM model {slug} has not been computed yet")
        found = RfmSet.objects.filter(version=version_id, dimension=dimension).values_list("value", "members_id")
        return {value if dimension == "class" else int(value): set_id for value, set_id in found}

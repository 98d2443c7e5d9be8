"""A part of an RFM version's members, by their scores or their class: who they are, and the rule that says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from pyroaring import BitMap

from segmentation import member_sets
from segmentation.fields import RFM_CLASSES, RFM_SCORES
from segmentation.models import RfmModel, RfmSet, RfmVersion
from segmentation.rfm_scale import MOST_PARTS

COLUMNS = (*RFM_SCORES, "class")


@dataclass(frozen=True, slots=True)
class Cell:
    """`wanted` are the values asked for, as {"r": "5", "f": "4"} or {"class": "important_value"}."""

    wanted: Mapping[str, str]

    def members(self, version: RfmVersion) -> BitMap:
        """Return those who had all of these values when the version was computed."""
        sets = RfmSet.objects.filter(version=version).values_list("dimension", "value", "members_id")
        by_value = {(dimension, value): set_id for dimension, value, set_id in sets}
        chosen = [by_value.get(each) for each in self.wanted.items()]
        if None in chosen:
            return BitMap()
        return BitMap.intersection(*(member_sets.load(set_id) for set_id in chosen if set_id is not None))

    def rule(self, model: RfmModel) -> dict[str, Any]:
        """Return the rule that holds for whoever has these values, as a segment keeps it."""
        clauses: list[dict[str, Any]] = [
            {"field": f"rfm.{model.slug}.class", "operator": "in", "value": [value]}
            if column == "class"
            else {"field": f"rfm.{model.slug}.{column}", "operator": "=", "value": int(value)}
            for column, value in self.wanted.items()
        ]
        return {"version": 1, "combinator": "and", "rules": clauses}

    def address(self, model_id: int) -> str:
        """Return where the admin shows these members."""
        return f"{reverse('admin:segmentation_rfmmodel_members', args=[model_id])}?{urlencode(self.wanted)}"


def read_cell(asked: Mapping[str, str]) -> Cell | None:
    """Return the cell that an address asks for; None where it asks for what cannot be."""
    wanted = {column: asked[column] for column in COLUMNS if asked.get(column)}
    scores = {str(score) for score in range(1, MOST_PARTS + 1)}
    possible = all(value in (RFM_CLASSES if column == "class" else scores) for column, value in wanted.items())
    return Cell(wanted) if wanted and possible else None


def page(members: BitMap, *, after: int, size: int) -> tuple[list[int], bool]:
    """Return up to `size` ids above `after`, and whether there are more."""
    ids = list(islice(members.iter_equal_or_larger(after + 1), size + 1))
    return ids[:size], len(ids) > size

"""What operators define about groups of members, and what is computed of it."""

from segmentation.models.rfm import RfmModel, RfmSet, RfmVersion
from segmentation.models.segments import Segment, SegmentRun, SegmentVersion
from segmentation.models.sets import FactsVersion, MemberSet, MemberSetChunk
from segmentation.models.tags import MemberTag, Tag, TagChange, TagGroup

__all__ = [
    "FactsVersion",
    "MemberSet",
    "MemberSetChunk",
    "MemberTag",
    "RfmModel",
    "RfmSet",
    "RfmVersion",
    "Segment",
    "SegmentRun",
    "SegmentVersion",
    "Tag",
    "TagChange",
    "TagGroup",
]

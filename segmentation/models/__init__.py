"""What operators define about groups of members, and what is computed of it."""

from segmentation.models.lifecycle import CategoryCycle, LifecycleModel, LifecycleSet, LifecycleVersion
from segmentation.models.packages import MemberExport, Package, PackageVersion
from segmentation.models.rfm import RfmModel, RfmSet, RfmVersion
from segmentation.models.segments import Segment, SegmentRun, SegmentVersion
from segmentation.models.sets import MemberSet, MemberSetChunk
from segmentation.models.tags import MemberTag, Tag, TagBatch, TagChange, TagGroup
from segmentation.models.uid_lists import UidList
from segmentation.models.value import ValueModel, ValueSet, ValueVersion

__all__ = [
    "CategoryCycle",
    "LifecycleModel",
    "LifecycleSet",
    "LifecycleVersion",
    "MemberExport",
    "MemberSet",
    "MemberSetChunk",
    "MemberTag",
    "Package",
    "PackageVersion",
    "RfmModel",
    "RfmSet",
    "RfmVersion",
    "Segment",
    "SegmentRun",
    "SegmentVersion",
    "Tag",
    "TagBatch",
    "TagChange",
    "TagGroup",
    "UidList",
    "ValueModel",
    "ValueSet",
    "ValueVersion",
]

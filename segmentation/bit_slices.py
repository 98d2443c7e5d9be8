"""Whole numbers of members as sets: one set for each binary digit, which says for whom that digit is 1. Pure.

A number from 0 to 1000 takes ten sets. Who is at or above a bound follows from a few operations on them, and the sets
are stored, cached and read like any others. (O'Neil and Quass, Improved query performance with variant indexes, 1997.)
"""

from collections.abc import Sequence

import numpy
from pyroaring import BitMap

from segmentation.columns import bitmap_of
from segmentation.facts.tables import Column


def slices_of(ids: Column, values: Column, bits: int) -> list[BitMap]:
    """Return the sets of the digits, the lowest first. Values are at least 0 and below 2^bits."""
    return [bitmap_of(ids[(values >> bit) & 1 == 1]) for bit in range(bits)]


def at_least(slices: Sequence[BitMap], bound: int, everyone: BitMap) -> BitMap:
    """Return those of `everyone` whose number is `bound` or more; whoever is in no set has 0."""
    if bound <= 0:
        return everyone
    if bound >> len(slices):
        return BitMap()
    # From the lowest digit up: whose digits so far, read as a number, are not below those of the bound.
    found = everyone
    for bit, members in enumerate(slices):
        found = members & found if bound >> bit & 1 else members | found
    return found & everyone


def among(slices: Sequence[BitMap], wanted: Column, everyone: BitMap) -> BitMap:
    """Return those of `everyone` whose number is wanted; `wanted` says of each number from 0 on whether it is."""
    edges = numpy.flatnonzero(numpy.diff(numpy.concatenate(([0], wanted.astype(numpy.int8), [0]))))
    found = BitMap()
    for low, high in edges.reshape(-1, 2).tolist():
        found |= at_least(slices, low, everyone) - at_least(slices, high, everyone)
    return found

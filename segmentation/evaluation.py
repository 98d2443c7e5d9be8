"""Rules to sets of members: each clause is answered by its source, and and / or / not are set operations."""

from collections.abc import Callable
from functools import reduce
from operator import and_, or_

from pyroaring import BitMap

from segmentation.rules import All, Any, Leaf, Not, Rule
from segmentation.sources import source_of
from segmentation.world import World


def members_of(rule: Rule, world: World, answered: Callable[[], None] = lambda: None) -> BitMap:
    """Return the members for whom `rule` holds. `world` bounds it: everyone, or the few that changed.

    `answered` is called after each clause.
    """
    match rule:
        case All(rules):
            return reduce(and_, (members_of(each, world, answered) for each in rules), world.members)
        case Any(rules):
            return reduce(or_, (members_of(each, world, answered) for each in rules), BitMap())
        case Not(inner):
            return world.members - members_of(inner, world, answered)
        case Leaf():
            found = source_of(rule).members_of(rule, world)
            answered()
            return found

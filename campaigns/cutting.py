"""How much a friend cuts off the price of a bargain (砍价). Pure: whole cents in, whole cents out.

Each cut is random within bounds that the terms alone set: from half of the even share to one and a half times it, and
never less than a cent. What is left always stays within reach of the friends who are still to come, so that the last
cut ends exactly at the floor, whoever comes in which order.
"""

from collections.abc import Callable


def bounds(total: int, helps: int) -> tuple[int, int]:
    """The least and the most that one of `helps` friends cuts, of `total` cents in all. Raises ValueError."""
    if helps < 1 or total < helps:
        raise ValueError(f"{helps} friends cannot cut a cent each off {total} cents")
    return max(1, total // (2 * helps)), -(-3 * total // (2 * helps))


def cut(total: int, helps: int, *, done: int, left: int, chance: Callable[[int], int]) -> int:
    """The cents that the next friend cuts: `done` friends have left `left` of `total`. `chance(n)` is 0 to n - 1.

    Raises ValueError where nobody is left to help, or where the friends to come could not end at the floor.
    """
    coming = helps - done - 1
    if coming < 0:
        raise ValueError(f"{helps} friends have helped already")
    least, most = bounds(total, helps)
    low = max(least, left - coming * most)
    high = min(most, left - coming * least)
    if low > high:
        raise ValueError(f"{left} cents are out of reach of {coming + 1} friends")
    return low + chance(high - low + 1)

"""Who are friends of whom in a campaign: whoever invited or helped whom. Other modules say so; nobody does by default.

A module that knows of friends registers a function in `AppConfig.ready()`. It is given a member and a campaign and
returns the ids of the members who are friends of that member there, in either direction: it is asked once for a page,
so it should be one query by an index.
"""

from collections.abc import Callable, Iterable

Known = Callable[[int, int], Iterable[int]]

# On a board of friends, and among those who can be helped, at most so many.
MOST = 500

_known: list[Known] = []


def register(known: Known) -> None:
    """Have `known(member_id, campaign_id)` asked for friends."""
    if known not in _known:
        _known.append(known)


def of(member_id: int, campaign_id: int) -> list[int]:
    """Return the ids of the member's friends in the campaign, without the member; at most `MOST`, the oldest first."""
    found = {each for known in _known for each in known(member_id, campaign_id)}
    return sorted(found - {member_id})[:MOST]


def are(member_id: int, other_id: int, campaign_id: int) -> bool:
    """Whether the two are friends in the campaign."""
    return any(other_id in known(member_id, campaign_id) for known in _known) and member_id != other_id

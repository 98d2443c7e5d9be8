"""Uids of a member set, in pages or one after another. Whoever was erased since is in none."""

from collections.abc import Iterator
from itertools import islice

from members.models import Member
from segmentation import member_sets

AT_ONCE = 10_000


def uids_of(member_set_id: int) -> Iterator[str]:
    """Yield the uids in the order of the members' ids."""
    ids = iter(member_sets.load(member_set_id))
    while batch := list(islice(ids, AT_ONCE)):
        yield from Member.objects.filter(pk__in=batch, erased_at=None).order_by("pk").values_list("uid", flat=True)


def page_of(member_set_id: int, *, after: int, size: int) -> tuple[list[str], int | None]:
    """Return up to `size` uids of members whose id is above `after`, and the id to go on from if there are more."""
    following = member_sets.load(member_set_id).iter_equal_or_larger(after + 1)
    ids = list(islice(following, size + 1))
    uids = Member.objects.filter(pk__in=ids[:size], erased_at=None).order_by("pk").values_list("uid", flat=True)
    return list(uids), ids[size - 1] if len(ids) > size else None

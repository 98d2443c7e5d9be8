"""Members come in: who they are, how to reach them, where else they are known."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from members import attribute_values, identities, locking, member_states, merging, standing, touches
from members.folding import IngestResult, Rejections, fold
from members.merging import MemberState
from members.rows import MemberRow


def ingest_members(rows: Sequence[MemberRow], *, now: datetime) -> IngestResult:
    """Create or update members. What a row does not give stays as it is.

    Refused is a row that claims the identity of another member, or whose attribute is no longer declared to hold it.
    """
    while True:
        try:
            return _ingest_members(rows, now=now)
        except identities.Taken:
            # Now it can be read whose the identity is.
            continue


@touches.together()
def _ingest_members(rows: Sequence[MemberRow], *, now: datetime) -> IngestResult:
    declared = attribute_values.hold({slug for row in rows for slug in row.attributes})
    accepted, rejected = _that_still_fit(rows, declared)
    accepted, claims_of_others = identities.part(accepted)
    uids = {row.uid for _, row in accepted}
    created = locking.create_missing(uids, now=now)
    locked = {member.uid: member for member in locking.lock_by_uid(uids)}
    held = standing.levels_had([locked[row.uid].pk for _, row in accepted if row.level is not None])
    folded = fold(
        member_states.read({uid: each for uid, each in locked.items() if uid not in created}, accepted, declared),
        ((index, row.uid, row) for index, row in accepted),
        lambda known, row: merging.merged_member(known, row, held.get(locked[row.uid].pk, ())),
    )
    changes = {
        locked[uid].pk: (folded.known.get(uid, MemberState()), now_is) for uid, now_is in folded.written().items()
    }
    member_states.write(changes, declared)
    given = {pk: final.given_level for pk, (_, final) in changes.items() if final.given_level is not None}
    standing.give_imported_levels(given, now=now)
    return folded.result(rejected + claims_of_others)


def _that_still_fit(
    rows: Sequence[MemberRow], declared: Mapping[str, attribute_values.Declared]
) -> tuple[list[tuple[int, MemberRow]], Rejections]:
    """Part the rows into those whose attributes are declared so and those whose declaration changed meanwhile."""
    accepted, rejected = [], []
    for index, row in enumerate(rows):
        if error := attribute_values.misfit(row.attributes, declared):
            rejected.append((index, error))
        else:
            accepted.append((index, row))
    return accepted, rejected

"""Who members are at other providers. An identity belongs to one member; what decides is the unique constraint."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection

from members.faults import Fault, RowError
from members.models import Identity
from members.rows import IDENTITY_PREFIX, MemberRow

# (provider, the id there)
Claim = tuple[str, str]
Numbered = tuple[int, MemberRow]

_CONCERNED = """
    SELECT identity.provider, identity.subject, member.uid
    FROM members_identity identity JOIN members_member member ON member.id = identity.member_id
    WHERE identity.id IN (
        SELECT known.id FROM members_identity known
        JOIN unnest(%s::text[], %s::text[]) AS given (provider, subject) USING (provider, subject)
        UNION
        SELECT own.id FROM members_identity own
        JOIN members_member claimant ON claimant.id = own.member_id AND claimant.uid = ANY(%s)
    )
"""
_DELETE = """
    DELETE FROM members_identity AS known
    USING unnest(%s::bigint[], %s::text[]) AS gone (member_id, provider)
    WHERE known.member_id = gone.member_id AND known.provider = gone.provider
"""
_INSERT = """
    INSERT INTO members_identity (provider, subject, member_id)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[])
    ON CONFLICT DO NOTHING
"""


class Taken(Exception):
    """Another batch wrote an identity for another member since it was asked whose it is."""


def part(rows: Sequence[Numbered]) -> tuple[list[Numbered], list[tuple[int, RowError]]]:
    """Part the rows into those whose identities are free or their own, and those that claim another member's.

    As if the rows came one by one: an identity that an earlier row gives up is free for a later one.
    """
    claims = {claim for _, row in rows for claim in row.identities.items()}
    if not claims:
        return list(rows), []
    owners, held = _concerned(claims, {row.uid for _, row in rows if row.identities})
    accepted, rejected = [], []
    for index, row in rows:
        if error := _claim_of_another(row, owners):
            rejected.append((index, error))
            continue
        accepted.append((index, row))
        for provider, subject in row.identities.items():
            owners.pop((provider, held.get((row.uid, provider), "")), None)
            owners[provider, subject], held[row.uid, provider] = row.uid, subject
    return accepted, rejected


def _concerned(claims: Collection[Claim], uids: Collection[str]) -> tuple[dict[Claim, str], dict[tuple[str, str], str]]:
    """Return the owner's uid of each identity claimed, and what those who claim hold: (uid, provider) → id there."""
    with connection.cursor() as cursor:
        cursor.execute(_CONCERNED, [*map(list, zip(*claims, strict=True)), list(uids)])
        found = cursor.fetchall()
    owners = {(provider, subject): uid for provider, subject, uid in found}
    return owners, {(uid, provider): subject for provider, subject, uid in found}


def _claim_of_another(row: MemberRow, owners: Mapping[Claim, str]) -> RowError | None:
    for provider, subject in row.identities.items():
        if owners.get((provider, subject), row.uid) != row.uid:
            return RowError(Fault.IDENTITY_OF_ANOTHER_MEMBER, f"{IDENTITY_PREFIX}{provider}", value=subject)
    return None


def read(member_ids: Collection[int], providers: Collection[str]) -> dict[int, dict[str, str]]:
    """Return the identities at these providers, by member and provider."""
    found: dict[int, dict[str, str]] = {member_id: {} for member_id in member_ids}
    if found and providers:
        known = Identity.objects.filter(member_id__in=found, provider__in=set(providers))
        for member_id, provider, subject in known.values_list("member_id", "provider", "subject"):
            found[member_id][provider] = subject
    return found


def write(changed: Iterable[tuple[int, str, str]]) -> None:
    """Give members new identities, each as (member, provider, id there), for the ones they had at these providers.

    The members are locked. Raises Taken, having written some: the transaction must be begun anew.
    """
    # In one order, so that two batches with the same new identities wait for each other in one direction.
    claims = sorted((provider, subject, member_id) for member_id, provider, subject in changed)
    if not claims:
        return
    providers, subjects, member_ids = map(list, zip(*claims, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, [member_ids, providers])
        cursor.execute(_INSERT, [providers, subjects, member_ids])
        if cursor.rowcount < len(claims):
            raise Taken

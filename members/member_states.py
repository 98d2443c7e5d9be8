"""What is known of members before a batch of rows, and what they become: their own row, attributes and identities."""

from collections.abc import Mapping, Sequence
from operator import attrgetter

from members import attribute_values, contact, facts, identities, touches
from members.attribute_values import Declared
from members.merging import MemberState
from members.models import Member
from members.rows import MemberRow

# The columns of the member's own row.
OWN = slice(0, MemberState._fields.index("attributes"))
# Those of them that rules ask for.
asked_of = attrgetter("name", "gender", "birthday", "region", "joined_at")
reached_at = attrgetter("phone", "email")


def read(
    members: Mapping[str, Member], rows: Sequence[tuple[int, MemberRow]], declared: Mapping[str, Declared]
) -> dict[str, MemberState]:
    """Return the state of each locked member, by uid. What no row gives of contact and the like is not read."""
    member_ids = [member.pk for member in members.values()]
    values = attribute_values.read(member_ids, declared)
    known_at = identities.read(member_ids, {provider for _, row in rows for provider in row.identities})
    phones = {row.uid for _, row in rows if row.phone is not None}
    emails = {row.uid for _, row in rows if row.email is not None}
    return {
        uid: MemberState(
            name=member.name,
            phone=contact.phone_of(member) if uid in phones else None,
            email=contact.email_of(member) if uid in emails else None,
            gender=member.gender,
            birthday=member.birthday,
            region=member.region,
            joined_at=member.joined_at,
            attributes=values[member.pk],
            identities=known_at[member.pk],
        )
        for uid, member in members.items()
    }


def write(changes: Mapping[int, tuple[MemberState, MemberState]], declared: Mapping[str, Declared]) -> None:
    """Write what became of members, by their ids: (known, final). Raises identities.Taken."""
    identities.write(
        (pk, provider, subject)
        for pk, (known, final) in changes.items()
        for provider, subject in final.identities.items()
        if known.identities.get(provider) != subject
    )
    own = {pk: change for pk, change in changes.items() if change[0][OWN] != change[1][OWN]}
    facts.update_members(own)
    touches.touch(touches.PROFILE, [pk for pk, (known, final) in own.items() if asked_of(known) != asked_of(final)])
    contact_changed = [pk for pk, (known, final) in own.items() if reached_at(known) != reached_at(final)]
    touches.touch(touches.CONTACT, contact_changed)
    values = [
        (pk, slug, value)
        for pk, (known, final) in changes.items()
        for slug, value in final.attributes.items()
        if known.attributes.get(slug) != value
    ]
    attribute_values.write(values, declared)
    touches.touch(touches.ATTRIBUTE, {pk for pk, _, _ in values})

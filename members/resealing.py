"""Moving what is sealed of members to the first key, so that an old key can be thrown away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction

from members import contact, import_rejects
from members.contact import Kind
from members.models import ImportReject, Member

SLICE = 2_000

_WRITE = """
    UPDATE members_member AS member SET sealed_phone = given.sealed_phone, phone_hash = given.phone_hash,
        sealed_email = given.sealed_email, email_hash = given.email_hash
    FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[])
        AS given (id, sealed_phone, phone_hash, sealed_email, email_hash)
    WHERE member.id = given.id
"""

Bytes = bytes | memoryview | None
# sealed, found by
Stored = tuple[Bytes, Bytes]


@dataclass
class Resealed:
    """How many members and rejected rows were looked at, how many were sealed anew, how many values no key opens.

    `others` counts what the apps above have sealed, by its name.
    """

    members: int = 0
    rejected_rows: int = 0
    others: dict[str, int] = field(default_factory=dict)
    resealed: int = 0
    unreadable: int = 0


# Seals anew the rows after this id, in a transaction of its own; adds to `resealed` and `unreadable`, and returns how
# many rows it looked at and the last one's id, None when there was none.
Slicer = Callable[[int, Resealed], tuple[int, int | None]]

_slicers: dict[str, Slicer] = {}


def also(name: str, slicer: Slicer) -> None:
    """Let what an app above has sealed move to the first key too. Apps call this in `AppConfig.ready()`."""
    _slicers[name] = slicer


def reseal() -> Iterator[Resealed]:
    """Seal and hash anew, slice by slice, what another key sealed; yield how far it came after each.

    Each slice is a transaction under the members' locks. Repeating it changes nothing.
    """
    done = Resealed()
    last: int | None = 0
    while last is not None:
        last = _reseal_slice(last, done)
        yield done
    last = 0
    while last is not None:
        last = _reseal_rejects(last, done)
        yield done
    for name, slicer in _slicers.items():
        last, done.others[name] = 0, 0
        while last is not None:
            looked_at, last = slicer(last, done)
            done.others[name] += looked_at
            yield done


@transaction.atomic
def _reseal_slice(after: int, done: Resealed) -> int | None:
    """Reseal the next members; return the last one's id, None when there was none."""
    members = list(Member.objects.select_for_update(no_key=True).filter(pk__gt=after).order_by("pk")[:SLICE])
    changed = []
    for member in members:
        before: tuple[Stored, Stored] = (
            (member.sealed_phone, member.phone_hash),
            (member.sealed_email, member.email_hash),
        )
        after_it = (_by_first_key(Kind.PHONE, before[0], done), _by_first_key(Kind.EMAIL, before[1], done))
        if after_it != before:
            changed.append((member.pk, *after_it[0], *after_it[1]))
    if changed:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, list(map(list, zip(*changed, strict=True))))
    done.members += len(members)
    done.resealed += len(changed)
    return members[-1].pk if members else None


@transaction.atomic
def _reseal_rejects(after: int, done: Resealed) -> int | None:
    """Reseal the next rejected rows, as `_reseal_slice` does members."""
    rejects = list(ImportReject.objects.select_for_update().filter(pk__gt=after).order_by("pk")[:SLICE])
    changed = []
    for reject in rejects:
        if contact.is_of_first_key(reject.sealed):
            continue
        row = import_rejects.opened(reject)
        if row is None:
            done.unreadable += 1
            continue
        for name, value in import_rejects.sealed(row.fields, row.parameters).items():
            setattr(reject, name, value)
        changed.append(reject)
    ImportReject.objects.bulk_update(changed, ["sealed", "found_by"], batch_size=SLICE)
    done.rejected_rows += len(rejects)
    done.resealed += len(changed)
    return rejects[-1].pk if rejects else None


def _by_first_key(kind: Kind, stored: Stored, done: Resealed) -> Stored:
    sealed = stored[0]
    if sealed is None or contact.is_of_first_key(sealed):
        return stored
    text = contact.unseal(kind, sealed)
    if text is None:
        done.unreadable += 1
        return stored
    return contact.seal(kind, text)

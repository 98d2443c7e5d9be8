"""Where gifts are sent: sealed at rest, whole for its owner and in the file for whoever sends it, else masked."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from members import contact
from members.contact import Kind
from members.masking import masked_phone
from members.resealing import Resealed
from operations import audit
from rewards import regions
from rewards.models import Shipment

RESEALED_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Address:
    """`region` is the code of a district, or of a city without districts."""

    recipient: str
    phone: str
    region: str
    street: str
    postcode: str = ""

    @property
    def place(self) -> str:
        """The whole address on one line."""
        return f"{regions.words(self.region)}{self.street}"


@dataclass(frozen=True, slots=True)
class Masked:
    """An address as staff see it who have no need of the whole: the region, and enough to recognise it by."""

    recipient: str
    phone: str
    region: str


def seal(address: Address) -> bytes:
    return contact.seal_text(Kind.ADDRESS, json.dumps(asdict(address), ensure_ascii=False))


def unseal(sealed: bytes | memoryview | None) -> Address | None:
    """Return the address; None where there is none, or where no key of the installation opens it."""
    text = contact.unseal(Kind.ADDRESS, sealed)
    return Address(**json.loads(text)) if text else None


def masked(shipment: Shipment) -> Masked | None:
    address = unseal(shipment.sealed)
    if address is None:
        return None
    return Masked(masked_name(address.recipient), masked_phone(address.phone), regions.words(address.region))


def masked_name(name: str) -> str:
    """Keep the first character: 王**."""
    return name[:1] + "*" * (len(name) - 1)


def last_of(member_id: int) -> Address | None:
    """Return the address that the member gave last, for whatever award."""
    given = Shipment.objects.filter(award__member_id=member_id, sealed__isnull=False)
    sealed = given.order_by("-given_at", "-id").values_list("sealed", flat=True).first()
    return unseal(sealed)


@transaction.atomic
def reveal(shipment: Shipment, *, by: audit.Actor, now: datetime) -> Address | None:
    """Return the address in the clear, and put on record who saw whose."""
    audit.record("shipment.address_revealed", shipment, by=by, now=now)
    return unseal(shipment.sealed)


@transaction.atomic
def reseal_slice(after: int, done: Resealed) -> tuple[int, int | None]:
    """Seal anew what another than the first key sealed, as `members.resealing` asks for it."""
    shipments = Shipment.objects.select_for_update(no_key=True).filter(pk__gt=after, sealed__isnull=False)
    looked_at = list(shipments.order_by("pk")[:RESEALED_AT_ONCE])
    changed = []
    for shipment in looked_at:
        if shipment.sealed is None or contact.is_of_first_key(shipment.sealed):
            continue
        text = contact.unseal(Kind.ADDRESS, shipment.sealed)
        if text is None:
            done.unreadable += 1
            continue
        shipment.sealed = contact.seal_text(Kind.ADDRESS, text)
        changed.append(shipment)
    Shipment.objects.bulk_update(changed, ["sealed"], batch_size=500)
    done.resealed += len(changed)
    return len(looked_at), looked_at[-1].pk if looked_at else None

"""Physical awards and their addresses for tests, each with one call."""

from rewards import giving_addresses
from rewards.addresses import Address
from rewards.awards import grant_award
from rewards.models import Award, Gift, Shipment
from tests.rewards import build
from tests.rewards.build import NOW

# 杭州市西湖区
WEST_LAKE = "330106"
HOME = Address("王芳", "13812345678", WEST_LAKE, "文三路 1 号 2 单元 301", "310012")


def mug(**fields) -> Gift:
    return Gift.objects.filter(slug="mug").first() or build.gift("mug", Gift.Kind.PHYSICAL, **fields)


def won(member, key: str = "mug", now=NOW, **fields) -> Award:
    return grant_award(mug(**fields), member.pk, key=f"{key}:{member.pk}", source="test", now=now)


def addressed(member, address: Address = HOME, now=NOW, **fields) -> Shipment:
    return giving_addresses.give_address(member.pk, won(member, now=now, **fields).pk, address, now=now)

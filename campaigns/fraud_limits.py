"""How much is too much: the installation's limits, and a campaign's own in its feature "fraud". Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

FEATURE = "fraud"
# What a campaign may set for itself.
NUMBERS = ("member_moves", "device_moves", "address_moves", "device_accounts", "device_days")


@dataclass(frozen=True, slots=True)
class Limits:
    """Moves in a window of FRAUD_WINDOW_SECONDS, and accounts on a device within `device_days`. 0 is no limit."""

    member_moves: int
    device_moves: int
    address_moves: int
    device_accounts: int
    device_days: int
    off: bool = False

    def exceeded(self, moves: Mapping[str, int]) -> bool:
        """Whether there were too many moves of a member, a device or an address."""
        allowed = {"member": self.member_moves, "device": self.device_moves, "address": self.address_moves}
        return not self.off and any(0 < allowed[what] < count for what, count in moves.items())


def limits_of(features: Mapping[str, Any]) -> Limits:
    """The limits of a campaign with these features."""
    own = features.get(FEATURE, {})
    numbers = {name: int(own.get(name, getattr(settings, f"FRAUD_{name.upper()}"))) for name in NUMBERS}
    return Limits(**numbers, off=bool(own.get("off")) or not settings.FRAUD_LIMITS)

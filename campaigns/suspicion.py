"""What speaks against a move: it comes too fast, or too many accounts are behind one device.

A move that comes too fast is refused. A task that was done under a sign is done, and its reward waits until a reviewer
has looked at it (`campaigns.held_rewards`). Trusted devices and members are neither refused nor held back.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import kinds
from campaigns.definition import Task
from campaigns.entering import Play
from campaigns.fraud_limits import limits_of
from campaigns.models import Trusted
from campaigns.refusals import Because, Refused
from campaigns.turns import turn_of
from operations.prepared import prepared_cursor

TOO_FAST = Because("too_fast", _("That was too fast. Please wait a minute and try again."), status=429, wait=60)

SHARED_DEVICE = "shared_device"
SAME_DEVICE = "same_device"
SAME_ADDRESS = "same_address"
WORDS: dict[str, Promise] = {
    SHARED_DEVICE: _("many accounts on one device"),
    SAME_DEVICE: _("invited or helped by an account on the same device"),
    SAME_ADDRESS: _("invited or helped by an account at the same address on the same day"),
}

# Every account that was on a device of the member's within the days, for the device with most of them.
_ACCOUNTS = """
SELECT coalesce(max(accounts), 0) FROM (
    SELECT count(*) AS accounts
    FROM campaigns_deviceuse own
    JOIN campaigns_deviceuse other ON other.device = own.device AND other.campaign_id = own.campaign_id
    WHERE own.campaign_id = %(campaign)s AND own.member_id = %(member)s
        AND (%(device)s::text = '' OR own.device = %(device)s::text)
        AND own.last_at > %(since)s AND other.last_at > %(since)s
        AND NOT EXISTS (
            SELECT FROM campaigns_trusted trusted
            WHERE trusted.device = own.device OR trusted.member_id IN (own.member_id, other.member_id)
        )
    GROUP BY own.device
) AS devices
"""
_TOGETHER = """
SELECT DISTINCT own.device = other.device
FROM campaigns_deviceuse own
JOIN campaigns_deviceuse other ON other.campaign_id = own.campaign_id
    AND (other.device = own.device OR (own.address <> '' AND other.address = own.address))
WHERE own.campaign_id = %(campaign)s AND own.member_id = %(member)s AND other.member_id = ANY(%(others)s)
    AND own.last_at > %(since)s AND other.last_at > %(since)s
    AND NOT EXISTS (
        SELECT FROM campaigns_trusted trusted
        WHERE trusted.device IN (own.device, other.device) OR trusted.member_id IN (own.member_id, other.member_id)
    )
"""


def refuse(play: Play, _task: Task) -> None:
    """Raise Refused for a move that comes too fast. Asked before the task moves; no query, unless one is refused."""
    if play.origin is None or not limits_of(play.definition.features).exceeded(play.origin.moves):
        return
    if not _is_trusted(play):
        raise Refused(TOO_FAST)


def signs(play: Play, task: Task) -> list[str]:
    """The signs for which the reward of a task that was just done is held back; none: it is given.

    No query for who names no device and does a task by themselves.
    """
    if limits_of(play.definition.features).off:
        return []
    kind = kinds.find(task.kind)
    found = []
    device = play.origin.device if play.origin else ""
    # Who finished it without being there, by a friend's deed or an order, is asked by the devices they have used.
    if (device or kind.OBSERVES) and _is_crowded(play, device):
        found.append(SHARED_DEVICE)
    return found + signs_between(play, kind.company(task.config, turn_of(play, task)))


def signs_between(play: Play, others: Collection[int]) -> list[str]:
    """What speaks against those whose deeds count for this member: that they play on one device, or at one address."""
    wanted = {
        SAME_DEVICE: settings.FRAUD_INVITE_SAME_DEVICE,
        SAME_ADDRESS: settings.FRAUD_INVITE_SAME_ADDRESS,
    }
    limits = limits_of(play.definition.features)
    if limits.off or not others or not any(wanted.values()):
        return []
    since = play.now - timedelta(days=limits.device_days)
    values: dict[str, Any] = {"campaign": play.enrolment.campaign_id, "member": play.member.pk, "since": since}
    values["others"] = list(others)
    with prepared_cursor() as cursor:
        cursor.execute(_TOGETHER, values)
        found = {SAME_DEVICE if same_device else SAME_ADDRESS for (same_device,) in cursor.fetchall()}
    return [sign for sign in wanted if sign in found and wanted[sign]]


def words_of(sign: str) -> str:
    """A sign as reviewers read it; what a kind gave no words for is its own."""
    return str(WORDS.get(sign, sign))


def _is_crowded(play: Play, device: str) -> bool:
    limits = limits_of(play.definition.features)
    if not limits.device_accounts:
        return False
    since = play.now - timedelta(days=limits.device_days)
    values: dict[str, Any] = {"campaign": play.enrolment.campaign_id, "member": play.member.pk, "since": since}
    values["device"] = device
    with prepared_cursor() as cursor:
        cursor.execute(_ACCOUNTS, values)
        (accounts,) = cursor.fetchone()
    return bool(accounts > limits.device_accounts)


def _is_trusted(play: Play) -> bool:
    device = play.origin.device if play.origin else ""
    return Trusted.objects.filter(Q(member=play.member) | Q(device=device or None, device__isnull=False)).exists()

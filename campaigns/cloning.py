"""A campaign cloned: its draft with tasks, chains and copies of its pools, under new keys and in another window."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from campaigns import campaign_files
from campaigns.checked_json import DefinitionError
from campaigns.models import Campaign
from operations import audit
from operations.audit import Actor
from rewards.models import PrizePool

LONGEST_KEY = 50


@transaction.atomic
def clone(  # noqa: PLR0913 what is new of the clone, and who makes it
    campaign: Campaign, *, slug: str, name: str, opens_at: datetime, closes_at: datetime, by: Actor, now: datetime
) -> Campaign:
    """Copy the draft. Raises DefinitionError where the key is taken or the draft names what does not exist any more.

    Pools are copied with all of their stock: what was drawn from the old ones is not drawn from these.
    """
    data = campaign_files.read(campaign_files.dump(campaign))
    window = {"opens_at": opens_at.astimezone(UTC).isoformat(), "closes_at": closes_at.astimezone(UTC).isoformat()}
    cloned = create(data | {"slug": slug, "name": name} | window, by=by, now=now)
    audit.record("campaign.cloned", cloned, by=by, now=now, changes={"from": [None, campaign.slug]})
    return cloned


def create(data: Mapping[str, Any], *, by: Actor, now: datetime) -> Campaign:
    """Load a file as a campaign of its own, with pools of its own: nothing that is there is written over."""
    if Campaign.objects.filter(slug=data["slug"]).exists():
        raise DefinitionError("slug", "there is a campaign of this key already")
    renamed = _new_keys(data["slug"], [pool["slug"] for pool in data["pools"]])
    pools = [pool | {"slug": renamed[pool["slug"]]} for pool in data["pools"]]
    return campaign_files.load(with_pools_renamed(dict(data), renamed) | {"pools": pools}, by=by, now=now)


def with_pools_renamed(value: Any, renamed: Mapping[str, str]) -> Any:
    """The same JSON, with every {"pool": key} that names one of these pools naming the new one, at any depth."""
    if isinstance(value, list):
        return [with_pools_renamed(each, renamed) for each in value]
    if not isinstance(value, Mapping):
        return value
    inner = {key: with_pools_renamed(each, renamed) for key, each in value.items()}
    named = inner.get("pool")
    return inner | {"pool": renamed[named]} if isinstance(named, str) and named in renamed else inner


def _new_keys(slug: str, pools: list[str]) -> dict[str, str]:
    """Old key → a new one, which no pool has."""
    taken = set(PrizePool.objects.values_list("slug", flat=True))
    keys: dict[str, str] = {}
    for pool in pools:
        stem = pool if pool.startswith(f"{slug}-") else f"{slug}-{pool}"
        keys[pool] = next(each for each in _candidates(stem, len(taken) + len(pools)) if each not in taken)
        taken.add(keys[pool])
    return keys


def _candidates(stem: str, most: int) -> list[str]:
    tails = ("", *(f"-{number}" for number in range(2, most + 3)))
    return [stem[: LONGEST_KEY - len(tail)] + tail for tail in tails]

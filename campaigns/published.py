"""The revisions that participants meet, parsed once per worker.

A revision never changes, so its parsed form is kept by its number and never goes stale. What can change is which
revision is current and whether the campaign is paused: an *edition* such as "12:live,15:paused" says so for some
campaigns, in one short text that rides along in the query for a member's facts. So a pause and a new revision take
effect with the next query, and an unchanged edition costs one comparison.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from threading import Lock

from campaigns import definition
from campaigns.models import Campaign, Revision
from rewards.models import PoolVersion

MOST_KEPT = 512

_lock = Lock()
_kept: OrderedDict[tuple[int, str], definition.Campaign] = OrderedDict()


def definition_of(slug: str) -> definition.Campaign | None:
    """The published campaign, or None when it has never been published. One query."""
    found = Campaign.objects.filter(slug=slug, current__isnull=False).values_list("current_id", "state").first()
    return _definitions([found])[0] if found else None


def opens_at(revision: Revision) -> datetime:
    """When the revision opens: the draft may say another time by now."""
    return datetime.fromisoformat(revision.definition["opens_at"])


def closes_at(revision: Revision) -> datetime:
    return datetime.fromisoformat(revision.definition["closes_at"])


def definition_of_revision(revision_id: int, state: str) -> definition.Campaign:
    """A revision that is current while its campaign is in this state. No query unless it is new to this worker."""
    return _definitions([(revision_id, state)])[0]


def task_title(campaign: Campaign, task_key: str) -> str:
    """What a task is called now, else its key. No query unless the revision is new to this worker: for lists."""
    if campaign.current_id is None:
        return task_key
    task = definition_of_revision(campaign.current_id, campaign.state).by_key.get(task_key)
    return task.title if task else task_key


def definitions_of(edition: str) -> tuple[definition.Campaign, ...]:
    """The campaigns of an edition, in its order. No query unless a revision is new to this worker."""
    pairs = (each.split(":") for each in edition.split(",") if each)
    return tuple(_definitions([(int(revision), state) for revision, state in pairs]))


def forget(revision_id: int) -> None:
    """Drop a revision that was tried out and taken back."""
    with _lock:
        for asked in [each for each in _kept if each[0] == revision_id]:
            del _kept[asked]


def _definitions(current: list[tuple[int, str]]) -> list[definition.Campaign]:
    missing = [each for each in current if each not in _kept]
    if missing:
        _load(missing)
    return [_kept.get(each) or _load([each])[each] for each in current]


def _load(missing: list[tuple[int, str]]) -> dict[tuple[int, str], definition.Campaign]:
    texts = dict(Revision.objects.filter(pk__in={pk for pk, _ in missing}).values_list("pk", "definition"))
    parsed = {pk: definition.parse(text) for pk, text in texts.items()}
    versions = _versions(parsed.values())
    loaded = {(pk, state): _with_live_facts(parsed[pk], state, versions) for pk, state in missing}
    with _lock:
        _kept.update(loaded)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return loaded


# (pool, number of the version) → (its row, the price of a draw in points, how a draw is played)
Versions = dict[tuple[str, int], tuple[int, int | None, str]]


def _versions(campaigns: Iterable[definition.Campaign]) -> Versions:
    slugs = {pool.slug for campaign in campaigns for pool in campaign.pools}
    rows = PoolVersion.objects.filter(pool__slug__in=slugs).values_list("pool__slug", "number", "pk", "price", "stage")
    return {(slug, number): (pk, price, stage) for slug, number, pk, price, stage in rows}


def _with_live_facts(campaign: definition.Campaign, state: str, versions: Versions) -> definition.Campaign:
    return replace(
        campaign,
        pools=tuple(_with_version(pool, versions) for pool in campaign.pools),
        paused=state == Campaign.State.PAUSED,
        ended=state in (Campaign.State.ENDED, Campaign.State.ARCHIVED),
    )


def _with_version(pool: definition.Pool, versions: Versions) -> definition.Pool:
    version_id, price, stage = versions[pool.slug, pool.version]
    return replace(pool, version_id=version_id, price=price, stage=stage)

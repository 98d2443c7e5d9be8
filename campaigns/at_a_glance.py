"""The campaigns of today at a glance: what runs, what is to come, what has ended, in numbers that stay cheap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from campaigns import published
from campaigns.models import Campaign
from campaigns.states import RUNNING, State
from operations.models import AuditRecord
from rewards.budgets import midnight

# Of large campaigns it is enough to know that they are: no more rows of one are counted.
COUNTED = 10_000
# Campaigns of which everything is told; the list has the others.
SHOWN = 12

# Who joined is asked of indexes alone.
PEOPLE = """
SELECT campaign.id,
    (SELECT count(*) FROM (
        SELECT FROM campaigns_enrolment WHERE campaign_id = campaign.id LIMIT %(most)s + 1
    ) counted),
    coalesce(joined.people, 0)
FROM unnest(%(campaigns)s::bigint[]) AS campaign (id)
LEFT JOIN (
    SELECT campaign_id, count(*) AS people FROM campaigns_enrolment WHERE joined_at >= %(since)s GROUP BY 1
) joined ON joined.campaign_id = campaign.id
"""


@dataclass(frozen=True, slots=True)
class Glance:
    """A campaign with `people` who take part, at most COUNTED + 1, and how many of them `joined` today.

    `record` is what the audit trail says of its pause, or of its end by hand.
    """

    campaign: Campaign
    people: int = 0
    joined: int = 0
    record: AuditRecord | None = None

    @property
    def opens_at(self) -> datetime:
        """When it was published to open: the draft may say something else already."""
        return _opens_at(self.campaign)

    @property
    def closes_at(self) -> datetime:
        return _closes_at(self.campaign)

    @property
    def more(self) -> bool:
        """Whether more take part than were counted."""
        return self.people > COUNTED


@dataclass(frozen=True, slots=True)
class Today:
    """`running` are live and paused ones, the next to end first; `soon` those to come. `count` is of all that run."""

    running: tuple[Glance, ...]
    soon: tuple[Glance, ...]
    ended: tuple[Glance, ...]
    count: int


def today(*, now: datetime) -> Today:
    """Return the campaigns of today. Five statements at most."""
    running = list(Campaign.objects.filter(state__in=RUNNING).select_related("current").order_by("pk"))
    open_now = sorted((each for each in running if _is_open(each, now)), key=_closes_at)
    soon = sorted((each for each in running if _opens_at(each) > now and each not in open_now), key=_opens_at)
    # The clock's job has not come to these yet.
    over = [each for each in running if midnight(now) <= _closes_at(each) <= now]
    ended = over + ended_today(now=now)
    told = [*open_now[:SHOWN], *soon[:SHOWN], *ended[:SHOWN]]
    people, records = _people(told, now=now), _records(told)
    glances = {each.pk: Glance(each, *people[each.pk], records.get(each.pk)) for each in told}

    def shown(group: Sequence[Campaign]) -> tuple[Glance, ...]:
        return tuple(glances[each.pk] for each in group[:SHOWN])

    return Today(shown(open_now), shown(soon), shown(ended), count=len(open_now) + len(soon))


def _is_open(campaign: Campaign, now: datetime) -> bool:
    """What is paused is shown among those that run: somebody stopped it."""
    begun = campaign.state == State.PAUSED or _opens_at(campaign) <= now
    return begun and _closes_at(campaign) > now


def _opens_at(campaign: Campaign) -> datetime:
    return campaign.opens_at if campaign.current is None else published.opens_at(campaign.current)


def _closes_at(campaign: Campaign) -> datetime:
    return campaign.closes_at if campaign.current is None else published.closes_at(campaign.current)


def ended_today(*, now: datetime) -> list[Campaign]:
    """Return what ended today, by the clock or by hand: either is in the audit trail."""
    records = AuditRecord.objects.filter(
        occurred_at__gte=midnight(now), action="campaign.ended", target_type="campaigns.campaign"
    )
    keys = [int(each) for each in records.values_list("target_id", flat=True) if each.isdecimal()]
    rows = Campaign.objects.filter(pk__in=keys, state=State.ENDED).select_related("current")
    return list(rows.order_by("-pk")[:SHOWN]) if keys else []


def _people(campaigns: Iterable[Campaign], *, now: datetime) -> dict[int, tuple[int, int]]:
    keys = [each.pk for each in campaigns]
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"campaigns": keys, "most": COUNTED, "since": midnight(now)})
        return {pk: (people, joined) for pk, people, joined in cursor.fetchall()}


def _records(campaigns: Sequence[Campaign]) -> dict[int, AuditRecord]:
    """Return the newest record of a pause, or an end, of those that are paused or over."""
    keys = [str(each.pk) for each in campaigns if each.state in (State.PAUSED, State.ENDED)]
    if not keys:
        return {}
    rows = AuditRecord.objects.filter(
        target_type="campaigns.campaign", target_id__in=keys, action__in=["campaign.paused", "campaign.ended"]
    )
    return {int(row.target_id): row for row in rows.order_by("occurred_at", "pk")}

"""A revision written back into the draft, by the same writer and checks as a campaign's file."""

from datetime import datetime

from campaigns import draft_rows
from campaigns.checked_json import Node
from campaigns.definition import Campaign as Definition
from campaigns.definition import as_json
from campaigns.models import Campaign
from campaigns.offers import drafting
from rewards.models import PrizePool


def load(definition: Definition, *, now: datetime) -> Campaign:
    """Write it over the draft, inside a transaction. Raises DefinitionError where a name does not exist any more.

    Pools are offered again as they were; their prizes are drafts of their own and stay as they are.
    """
    data = as_json(definition)
    node = Node(data | {"tasks": [{key: each[key] for key in each if key != "target"} for each in data["tasks"]]})
    campaign = draft_rows.write_campaign(node, now=now)
    campaign.pools.all().delete()
    for position, each in enumerate(node.at("pools").each()):
        pool = PrizePool.objects.get(slug=each.at("slug").name())
        draft_rows.offer(campaign, pool, each, position)
    draft_rows.write_tasks_and_chains(campaign, node)
    drafting.write(campaign, node.at("offers") if node.has("offers") else None)
    return campaign

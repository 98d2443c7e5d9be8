"""`participation.*`: what members took part in, from the live state of campaigns.

`joined` are campaigns, `finished` are tasks ("CAMPAIGN.TASK") done in any period, `chains` are chains
("CAMPAIGN.CHAIN") whose last step is done, as it was published last. `draws.count` and `wins.count` count draws; words
of thanks are no win. A task or a chain that was ever published keeps its name here, for what was done stays done.
"""

from django.db import connection

from campaigns.entering import TOUCHED
from campaigns.models import Campaign, Chain, Task
from members import touches
from rewards.drawing import TOUCHED as DRAWN
from segmentation import naming, sources
from segmentation.fields import FieldSpec, Kind
from segmentation.rules import Leaf
from segmentation.sources.base import SqlSource, Values
from segmentation.sources.windows import in_sql
from segmentation.world import World

COUNTED = {"draws": "true", "wins": "gift.kind <> 'thanks'"}
SPECS = {
    ("joined",): FieldSpec(Kind.KEY, values_in="campaign"),
    ("finished",): FieldSpec(Kind.KEY, values_in="task"),
    ("chains",): FieldSpec(Kind.KEY, values_in="chain"),
} | {
    (counted, "count"): FieldSpec(
        Kind.INTEGER, where=("campaign",), windowed=True, where_in=(("campaign", "campaign"),)
    )
    for counted in COUNTED
}

_JOINED = """
    SELECT enrolment.member_id, campaign.slug AS value
    FROM campaigns_enrolment enrolment JOIN campaigns_campaign campaign ON campaign.id = enrolment.campaign_id
"""
_FINISHED = """
    SELECT DISTINCT enrolment.member_id, campaign.slug || '.' || done.task_key AS value
    FROM campaigns_completion done
    JOIN campaigns_enrolment enrolment ON enrolment.id = done.enrolment_id
    JOIN campaigns_campaign campaign ON campaign.id = enrolment.campaign_id
"""
_CHAINS = """
    SELECT enrolment.member_id, chain.slug || '.' || chain.key AS value
    FROM (
        SELECT DISTINCT ON (campaign.id, listed ->> 'key')
            campaign.id AS campaign_id, campaign.slug, listed ->> 'key' AS key,
            jsonb_array_length(listed -> 'steps') AS steps
        FROM campaigns_campaign campaign JOIN campaigns_revision revision ON revision.campaign_id = campaign.id,
            jsonb_array_elements(revision.definition -> 'chains') AS listed
        ORDER BY campaign.id, listed ->> 'key', revision.number DESC
    ) chain
    JOIN campaigns_enrolment enrolment ON enrolment.campaign_id = chain.campaign_id
    JOIN campaigns_chainprogress done
        ON done.enrolment_id = enrolment.id AND done.chain_key = chain.key AND done.step = chain.steps
"""
_DRAWS = """
    SELECT draw.member_id, count(*) AS value
    FROM rewards_draw draw JOIN rewards_award award ON award.id = draw.award_id
    JOIN rewards_gift gift ON gift.id = award.gift_id
    WHERE {counted} AND {in_scope} AND {in_window}
    GROUP BY draw.member_id
"""
_NAMES = """
    SELECT campaign.slug || '.' || draft.key FROM campaigns_{kind} draft
    JOIN campaigns_campaign campaign ON campaign.id = draft.campaign_id
    UNION
    SELECT campaign.slug || '.' || (listed ->> 'key')
    FROM campaigns_campaign campaign JOIN campaigns_revision revision ON revision.campaign_id = campaign.id,
        jsonb_array_elements(revision.definition -> '{kind}s') AS listed
"""


class ParticipationSource(SqlSource):
    families = frozenset({TOUCHED, DRAWN, touches.PROFILE})

    def names(self):
        return {
            "campaign": frozenset(Campaign.objects.values_list("slug", flat=True)),
            "task": _names("task"),
            "chain": _names("chain"),
        }

    def values(self, leaf: Leaf, world: World) -> Values:
        match leaf.parts:
            case ("joined",):
                return Values(_JOINED)
            case ("finished",):
                return Values(_FINISHED)
            case ("chains",):
                return Values(_CHAINS)
        return _draws(leaf, world)


def _draws(leaf: Leaf, world: World) -> Values:
    campaigns = dict(leaf.where).get("campaign")
    if campaigns is None:
        in_scope, scopes = "starts_with(draw.scope, 'campaign:')", ()
    else:
        in_scope, scopes = "draw.scope = ANY(%s)", ([f"campaign:{slug}" for slug in campaigns],)
    in_window, moments = in_sql(leaf, world, "draw.drawn_at")
    sql = _DRAWS.format(counted=COUNTED[leaf.parts[0]], in_scope=in_scope, in_window=in_window)
    return Values(sql, (*scopes, *moments), default=0)


def _names(kind: str) -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute(_NAMES.format(kind=kind))
        return frozenset(name for (name,) in cursor.fetchall())


def _called() -> dict[str, dict[str, str]]:
    """Return what campaigns, and the tasks and chains of their drafts, are called."""
    found = {"campaign": dict(Campaign.objects.values_list("slug", "name"))}
    for kind, rows in (("task", Task.objects.all()), ("chain", Chain.objects.all())):
        called = rows.values_list("campaign__slug", "key", "title")
        found[kind] = {f"{campaign}.{key}": title for campaign, key, title in called}
    return found


def register() -> None:
    naming.register(_called)
    sources.register("participation", ParticipationSource(), SPECS.get, tuple(SPECS))

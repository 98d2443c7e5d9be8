"""A prize pool in a campaign's file: its stage, its rules, and its prizes with their limits. Defaults are left out."""

from collections.abc import Iterator
from typing import Any

from campaigns.checked_json import Node
from rewards.models import Gift, Prize, PrizePool, Stage
from rewards.models.pools import MOST_SLICES
from rewards.odds import SCALE as ODDS_TOTAL
from rewards.pool_terms import RULES

NUMBERS = tuple(rule for rule in RULES if rule not in ("guarantee_prize", "every_draw_wins"))
LIMITS = ("per_day", "per_hour", "per_member")


def rules_as_json(pool: PrizePool) -> dict[str, Any]:
    """Return {"rules": …}, or nothing where the pool has none."""
    rules = {rule: value for rule in RULES if (value := getattr(pool, rule)) not in (None, "", False)}
    return {"rules": rules} if rules else {}


def stage_as_json(pool: PrizePool) -> dict[str, Any]:
    """Return {"stage": …}, or nothing for the wheel."""
    return {"stage": pool.stage} if pool.stage != Stage.WHEEL else {}


def prizes_as_json(pool: PrizePool) -> list[dict[str, Any]]:
    """Return the prizes of the draft in their order; gifts are named by their keys."""
    return [
        {
            "key": prize.key,
            "gift": prize.gift.slug,
            "odds": prize.odds,
            "stock": prize.stock,
            "consolation": prize.consolation,
        }
        | {limit: value for limit in LIMITS if (value := getattr(prize, limit)) is not None}
        | ({"slices": prize.slices} if prize.slices != 1 else {})
        for prize in pool.prizes.select_related("gift")
    ]


def write_pool(node: Node, prizes: Iterator[tuple[int, Node]]) -> PrizePool:
    """Write the draft of the pool with the node's key over whatever it was. Raises DefinitionError."""
    rules = {"name": node.at("name").name(longest=100), "stage": _stage(node), **_rules(node)}
    pool, _ = PrizePool.objects.update_or_create(slug=node.at("slug").value, defaults=rules)
    pool.prizes.all().delete()
    Prize.objects.bulk_create(Prize(pool=pool, position=place, **_prize(each)) for place, each in prizes)
    return pool


def _stage(node: Node) -> str:
    if not node.has("stage"):
        return Stage.WHEEL
    if node.at("stage").value not in Stage.values:
        raise node.at("stage").fail(f"must be one of {', '.join(Stage.values)}")
    return node.at("stage").value


def _rules(node: Node) -> dict[str, Any]:
    written: dict[str, Any] = dict.fromkeys(NUMBERS) | {"guarantee_prize": "", "every_draw_wins": False}
    if not node.has("rules"):
        return written
    rules = node.at("rules")
    rules.keys(optional=RULES)
    for rule in NUMBERS:
        if rules.has(rule):
            most = 32_767 if rule == "guarantee_after" else 2_147_483_647
            written[rule] = rules.at(rule).integer(least=1, most=most)
    if rules.has("guarantee_prize"):
        written["guarantee_prize"] = rules.at("guarantee_prize").name(longest=50)
    if rules.has("every_draw_wins"):
        written["every_draw_wins"] = _yes_or_no(rules.at("every_draw_wins"))
    return written


def _prize(node: Node) -> dict[str, Any]:
    node.keys(required=("key", "gift", "odds", "stock", "consolation"), optional=(*LIMITS, "slices"))
    consolation = _yes_or_no(node.at("consolation"))
    limits: dict[str, Any] = {"stock": None if node.at("stock").value is None else node.at("stock").integer()}
    limits |= {limit: node.at(limit).integer(least=1) for limit in LIMITS if node.has(limit)}
    for limit, value in limits.items():
        if consolation and value is not None:
            raise node.at(limit).fail("the consolation prize has no limits: it is always there")
    return {
        "key": node.at("key").value,
        "gift": gift_of(node.at("gift")),
        "odds": node.at("odds").integer(most=ODDS_TOTAL),
        "consolation": consolation,
        "slices": node.at("slices").integer(least=1, most=MOST_SLICES) if node.has("slices") else 1,
        **limits,
    }


def gift_of(node: Node) -> Gift:
    """Return the gift with the node's key."""
    gift = Gift.objects.filter(slug=node.name()).first()
    if gift is None:
        raise node.fail(f"no gift has the key {node.value}")
    return gift


def _yes_or_no(node: Node) -> bool:
    if not isinstance(node.value, bool):
        raise node.fail("must be true or false")
    return node.value

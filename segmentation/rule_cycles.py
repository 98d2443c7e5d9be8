"""Whether a rule would read itself, by way of other segments and of tags that follow rules."""

from collections.abc import Iterable

from members.uses import Name
from segmentation import rules
from segmentation.models import Segment, Tag
from segmentation.rule_errors import RuleError, gettext_noop
from segmentation.rules import Rule
from segmentation.uses import names_in

Graph = dict[Name, set[Name]]


def refuse_cycle(rule: Rule, home: Name) -> None:
    """Raise RuleError if `rule`, held by `home`, a ("segment", key) or a ("tag_group", key), leads back to it."""
    way = _way_back(home, _followed(names_in(rule)), _graph())
    if way:
        raise RuleError(
            "", "cycle", gettext_noop("The rule would read itself: %(chain)s."), chain=" → ".join([home[1], *way])
        )


def _graph() -> Graph:
    """What each segment and each group with tags by rule reads."""
    graph: Graph = {}
    for slug, rule in Segment.objects.filter(rule__isnull=False).values_list("slug", "rule"):
        graph.setdefault(("segment", slug), set()).update(_read(rule))
    for slug, rule in Tag.objects.filter(rule__isnull=False).values_list("group__slug", "rule"):
        graph.setdefault(("tag_group", slug), set()).update(_read(rule))
    return graph


def _read(rule_json: object) -> set[Name]:
    try:
        return _followed(names_in(rules.parse(rule_json)))
    except RuleError:
        return set()


def _followed(names: Iterable[Name]) -> set[Name]:
    return {name for name in names if name[0] in ("segment", "tag_group")}


def _way_back(home: Name, named: set[Name], graph: Graph) -> list[str]:
    """Return the keys along a way from what is named to `home`, or [] where there is none."""
    ways, seen = [[each] for each in sorted(named)], set(named)
    while ways:
        way = ways.pop()
        if way[-1] == home:
            return [key for _kind, key in way]
        for following in sorted(graph.get(way[-1], set()) - seen):
            seen.add(following)
            ways.append([*way, following])
    return []

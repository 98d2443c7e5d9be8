"""`profile.*`: what the member's own row says. An empty text is a missing value."""

from members import touches
from members.models import Member
from segmentation.rules import Leaf
from segmentation.sources.base import SqlSource, Values, positional
from segmentation.world import World

# A birthday of 29 February is passed on 1 March of the other years.
AGE = """
    date_part('year', %(today)s::date) - date_part('year', birthday)
    - ((date_part('month', %(today)s::date), date_part('day', %(today)s::date))
       < (date_part('month', birthday), date_part('day', birthday)))::int
"""
EXPRESSIONS = {
    ("uid",): "uid",
    ("name",): "NULLIF(name, '')",
    ("gender",): "NULLIF(gender, '')",
    ("birthday",): "birthday",
    ("age",): f"({AGE})::int",
    ("region",): "NULLIF(region, '')",
    ("joined_at",): "joined_at",
    ("joined", "days_ago"): "%(today)s::date - (joined_at AT TIME ZONE %(zone)s)::date",
}


class ProfileSource(SqlSource):
    families = frozenset({touches.PROFILE})

    def moves_with_time(self, leaf: Leaf) -> bool:
        return leaf.parts == ("age",) or super().moves_with_time(leaf)

    def names(self):
        return {"gender": frozenset(Member.Gender.values)}

    def values(self, leaf: Leaf, world: World) -> Values:
        expression = EXPRESSIONS[leaf.parts]
        sql, params = positional(expression, {"today": world.today, "zone": world.zone.key})
        return Values(f"SELECT id AS member_id, {sql} AS value FROM members_member", params)  # noqa: S608

"""`points.UNIT.balance|earned`: what members hold in a unit of the ledger, and what they earned in it.

`balance` is what can be spent now. `earned` is all that ever matured less what was reversed, as levels follow it; in a
window it is what the entries of that time came to, so a reversal counts when it was posted. Who has no account has 0.
"""

from django.utils.translation import gettext as _

from members import touches
from members.bilingual import in_reader_language
from rewards.ledger import TOUCHED
from rewards.models import Unit
from segmentation import naming, sources
from segmentation.fields import NAME, FieldSpec, Kind
from segmentation.rules import Leaf
from segmentation.sources.base import SqlSource, Values
from segmentation.sources.windows import in_sql
from segmentation.world import World

SHAPES = ((NAME, "balance"), (NAME, "earned"))

_OF_UNIT = "account.unit_id = (SELECT id FROM rewards_unit WHERE slug = %s)"
_HELD = f"SELECT account.member_id, account.{{column}} AS value FROM rewards_account account WHERE {_OF_UNIT}"  # noqa: S608
_EARNED_IN = f"""
    SELECT account.member_id, sum(entry.to_earned)::bigint AS value
    FROM rewards_account account JOIN rewards_entry entry ON entry.account_id = account.id
    WHERE {_OF_UNIT} AND entry.to_earned <> 0 AND {{condition}}
    GROUP BY account.member_id
"""  # noqa: S608


def points(parts: tuple[str, ...]) -> FieldSpec | None:
    if len(parts) != 2 or parts[1] not in ("balance", "earned"):
        return None
    return FieldSpec(Kind.INTEGER, windowed=parts[1] == "earned", names=(("unit", parts[0]),))


class PointsSource(SqlSource):
    families = frozenset({TOUCHED, touches.PROFILE})

    def names(self):
        return {"unit": frozenset(Unit.objects.values_list("slug", flat=True))}

    def values(self, leaf: Leaf, world: World) -> Values:
        unit, column = leaf.parts
        if leaf.window is None:
            return Values(_HELD.format(column=column), (unit,), default=0)
        condition, params = in_sql(leaf, world, "entry.posted_at")
        return Values(_EARNED_IN.format(condition=condition), (unit, *params), default=0)


def _called() -> dict[str, dict[str, str]]:
    units = Unit.objects.values_list("slug", "name", "name_en")
    return {"unit": {slug: in_reader_language(_(name), english) for slug, name, english in units}}


def register() -> None:
    naming.register(_called)
    sources.register("points", PointsSource(), points, SHAPES)

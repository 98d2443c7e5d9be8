"""`attribute.NAME`: what an operator declared in `members.Attribute`, kept by type in `members.AttributeValue`."""

from collections.abc import Hashable
from decimal import Decimal
from typing import Any

from members import touches
from members.attribute_values import plain_number
from members.models import Attribute
from segmentation.fields import Kind
from segmentation.rules import Leaf
from segmentation.sources.base import SourceError, SqlSource, Values
from segmentation.world import World

KINDS = {
    Attribute.Kind.TEXT: Kind.TEXT,
    Attribute.Kind.NUMBER: Kind.DECIMAL,
    Attribute.Kind.DATE: Kind.DATE,
    Attribute.Kind.BOOLEAN: Kind.BOOLEAN,
    Attribute.Kind.CHOICE: Kind.KEY,
}
# Each column has an index that leads with the attribute and carries the member.
COLUMNS = {Kind.TEXT: "text", Kind.KEY: "text", Kind.DECIMAL: "number", Kind.DATE: "day", Kind.BOOLEAN: "boolean"}


class AttributeSource(SqlSource):
    families = frozenset({touches.ATTRIBUTE})

    def names(self):
        slugs = frozenset(Attribute.objects.values_list("slug", flat=True))
        choices = Attribute.objects.filter(kind=Attribute.Kind.CHOICE).values_list("slug", "choices")
        return {"attribute": slugs} | {f"attribute.{slug}": frozenset(known) for slug, known in choices}

    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each declared attribute."""
        return {slug: KINDS[Attribute.Kind(kind)] for slug, kind in Attribute.objects.values_list("slug", "kind")}

    def identity(self, leaf: Leaf) -> Hashable:
        return Attribute.objects.values_list("pk", flat=True).get(slug=leaf.parts[0])

    def values_of(self, leaf: Leaf, member_id: int, world: World) -> list[Any]:
        found = super().values_of(leaf, member_id, world)
        # Numbers are stored with six decimals, and read without the zeros.
        return [Decimal(plain_number(value)) if isinstance(value, Decimal) else value for value in found]

    def values(self, leaf: Leaf, world: World) -> Values:
        column = COLUMNS.get(leaf.spec.kind)
        if column is None:
            raise SourceError(f"{leaf.path}: {leaf.field} was not resolved against the attributes declared")
        # IS NOT NULL is the condition of the column's index.
        return Values(
            f"SELECT member_id, {column} AS value FROM members_attributevalue WHERE {column} IS NOT NULL"  # noqa: S608
            " AND attribute_id = (SELECT id FROM members_attribute WHERE slug = %s)",
            (leaf.parts[0],),
        )

"""`attribute.NAME`: what an operator declared in `members.Attribute`, kept as JSON with the member."""

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
# CASE keeps the cast from meeting a value of another type, which an attribute declared anew may have left behind.
EXPRESSIONS = {
    Kind.TEXT: "NULLIF(attributes->>%s, '')",
    Kind.KEY: "NULLIF(attributes->>%s, '')",
    Kind.DECIMAL: "CASE jsonb_typeof(attributes->%s) WHEN 'number' THEN (attributes->>%s)::numeric END",
    Kind.BOOLEAN: "CASE jsonb_typeof(attributes->%s) WHEN 'boolean' THEN (attributes->>%s)::boolean END",
    Kind.DATE: (
        "CASE WHEN attributes->>%s ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(attributes->>%s, 'date')"
        " THEN (attributes->>%s)::date END"
    ),
}


class AttributeSource(SqlSource):
    def names(self):
        slugs = frozenset(Attribute.objects.values_list("slug", flat=True))
        choices = Attribute.objects.filter(kind=Attribute.Kind.CHOICE).values_list("slug", "choices")
        return {"attribute": slugs} | {f"attribute.{slug}": frozenset(known) for slug, known in choices}

    def kinds(self) -> dict[str, Kind]:
        """Return the kind of each declared attribute."""
        return {slug: KINDS[Attribute.Kind(kind)] for slug, kind in Attribute.objects.values_list("slug", "kind")}

    def values(self, leaf: Leaf, world: World) -> Values:
        if leaf.spec.kind not in EXPRESSIONS:
            raise SourceError(f"{leaf.path}: {leaf.field} was not resolved against the attributes declared")
        expression = EXPRESSIONS[leaf.spec.kind]
        slug = leaf.parts[0]
        return Values(
            f"SELECT id AS member_id, {expression} AS value FROM members_member WHERE attributes ? %s",  # noqa: S608
            (slug,) * (expression.count("%s") + 1),
        )

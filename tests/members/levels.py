"""A ladder, members on it, and what must hold of where they stand."""

from django.db import connection

from members import level_books
from members.models import Level, Member

PLUS = {"slug": "plus", "name": "Plus", "kind": "paid", "rank": 10, "valid_months": 1}


def make_ladder(*rows, **more) -> dict[str, Level]:
    """Make a level for each row ({"slug", "rank", "needed", …}, as in tests/cases/levels.json); return them by key."""
    made = {}
    for row in rows:
        fields = {"name": row["slug"].title(), **row}
        fields["growth_needed"] = fields.pop("needed", None)
        made[row["slug"]] = Level.objects.create(**fields)
    return made


def short_ladder() -> dict[str, Level]:
    """normal 0, silver 100, gold 500, each of the upper two valid for a year; and plus, paid for a month."""
    return make_ladder(
        {"slug": "normal", "rank": 1, "needed": 0},
        {"slug": "silver", "rank": 2, "needed": 100, "valid_months": 12, "downgrade": "one_step"},
        {"slug": "gold", "rank": 3, "needed": 500, "valid_months": 12, "downgrade": "last_year"},
        PLUS,
    )


def new_member(uid: str = "ann") -> Member:
    """A member as facts bring them in: on the level that needs nothing."""
    entry = Level.objects.filter(kind="growth", growth_needed=0).order_by("-rank").first()
    return Member.objects.create(uid=uid, level=entry)


def level_of(member: Member) -> str | None:
    return Member.objects.filter(pk=member.pk).values_list("level__slug", flat=True).get()


def books_of_levels_are_right() -> bool:
    """Tell whether every invariant of levels holds; name those that do not."""
    violations = {}
    with connection.cursor() as cursor:
        for name, sql in level_books.INVARIANTS.items():
            cursor.execute(sql)
            violations[name] = cursor.fetchone()[0]
    assert violations == dict.fromkeys(level_books.INVARIANTS, 0)
    return True

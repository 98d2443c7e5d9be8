"""The six roles: what they are called, what they are for, and what `config.role_table` gives each of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.models import Group
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.role_table import ROLES, TABLE, WITHOUT_A_SCREEN

# Before the names of the groups that are kept in step with the table. A shop's own groups are called otherwise.
PREFIX = "role:"
ADMINISTRATOR = "administrator"
ACTIONS = {"v": "view", "a": "add", "c": "change", "d": "delete"}
TITLES: dict[str, str | Promise] = {
    "operator": pgettext_lazy("role", "Operator"),
    "reviewer": pgettext_lazy("role", "Reviewer"),
    "finance": pgettext_lazy("role", "Finance"),
    "support": pgettext_lazy("role", "Support"),
    "analyst": pgettext_lazy("role", "Analyst"),
    "administrator": pgettext_lazy("role", "Administrator"),
}
PURPOSES: dict[str, str | Promise] = {
    "operator": _("Builds audiences, campaigns, pools and gifts, and submits them. Sees no personal data in clear."),
    "reviewer": _("Approves what others submitted, and checks submissions and rewards that are held back."),
    "finance": _("Keeps budgets, approves adjustments of points, pays red packets and settles failed ones."),
    "support": _("Answers members: sees their contact, addresses and codes on record, checks off and takes back."),
    "analyst": _("Looks at segments, models and results. Changes nothing that members meet, sees nobody's contact."),
    "administrator": _("Users and their roles, keys, webhooks and the audit trail; may also do all that others may."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: the model, the permission of its own ("" for the four of Django), and who has what."""

    model: str
    own: str
    may: str
    given: tuple[str, ...]

    def codenames(self, role: str) -> Iterator[str]:
        """Yield the permissions that the row gives the role, such as "rewards.view_gift"."""
        cell = self.given[ROLES.index(role)]
        app, name = self.model.split(".")
        if self.own:
            if cell == "x":
                yield f"{app}.{self.own}"
            return
        yield from (f"{app}.{ACTIONS[letter]}_{name}" for letter in cell if letter != ".")


@cache
def rows() -> tuple[Row, ...]:
    """Return the table's rows. Raises ValueError for a row that is not one."""
    _head, *lines = (line.split() for line in TABLE.strip().splitlines() if line.strip())
    return tuple(_row(cells) for cells in lines)


def _row(cells: list[str]) -> Row:
    model, _colon, own = cells[0].partition(":")
    may, given = ("x", cells[1:]) if own else (cells[1], cells[2:])
    wrong = len(given) != len(ROLES) or any(set(cell) - set(may) - {"."} for cell in given)
    if wrong or model in WITHOUT_A_SCREEN:
        raise ValueError(f"a row of the role table is wrong: {' '.join(cells)}")
    return Row(model, own, may, tuple(given))


@cache
def permissions_of(role: str) -> frozenset[str]:
    """Return the permissions of a role, such as "rewards.view_gift"."""
    return frozenset(each for row in rows() for each in row.codenames(role))


def group_name(role: str) -> str:
    return PREFIX + role


def role_of(group: Group) -> str | None:
    """Return the role that the group stands for; None for a group of the shop's own."""
    role = group.name.removeprefix(PREFIX)
    return role if group.name.startswith(PREFIX) and role in ROLES else None


def group_words(group: Group) -> str:
    """Return what people call a group."""
    role = role_of(group)
    return group.name if role is None else str(TITLES[role])

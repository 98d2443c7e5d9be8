"""Who works at the demo shop: one of each role, so that one can ask and another approve (四眼)."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, User

from demo.words import say
from operations import kept_secret

# Each is in the group that every migration makes for the role. An administrator is there already (`demo.sign_in`).
NAMED = ("operator", "reviewer", "finance", "support", "analyst")


@dataclass(frozen=True, slots=True)
class Colleague:
    role: str
    name: str
    password: str


def make_colleagues(language: str) -> dict[str, User]:
    """Make one user of each role, in its group; return them by role. Each has a password of its own."""
    made = {}
    for role in NAMED:
        user = User.objects.create_user(
            role,
            f"{role}@example.com",
            password_of(role),
            is_staff=True,
            # Whole, since Django puts what is in the other field behind it, which in Chinese is the wrong way round.
            first_name=say(f"colleague.{role}", language),
        )
        user.groups.add(Group.objects.get(name=f"role:{role}"))
        made[role] = user
    return made


def password_of(role: str) -> str:
    """It is made once and lies in the data folder, as the administrator's does."""
    return kept_secret.read_or_create(Path(settings.DATA_DIR) / f"demo_{role}_password")[:16]


def listed() -> list[Colleague]:
    """Return those of them who are there, in the order of the table of roles."""
    there = set(User.objects.filter(username__in=NAMED).values_list("username", flat=True))
    return [Colleague(role, role, password_of(role)) for role in NAMED if role in there]

"""Names and birthdays of members, as the one who looks may see them: masked without the permission, whole with it."""

from datetime import date
from typing import Any

from django.utils.formats import date_format

from members.masking import masked_name

TO_SEE = "members.view_contact"
MASK = "****"


def may_see(user: Any) -> bool:
    """Say whether this user sees personal data in clear. Where nobody is known to look, nobody does."""
    return user is not None and user.has_perm(TO_SEE)


def name(text: str, user: Any) -> str:
    return text if may_see(user) else masked_name(text)


def birthday(day: date | None, user: Any) -> str:
    if day is None:
        return ""
    return date_format(day, "SHORT_DATE_FORMAT") if may_see(user) else MASK

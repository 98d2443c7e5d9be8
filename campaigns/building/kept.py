"""What somebody has typed in the builder and could not save: kept for them until they save or throw it away."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict

from campaigns.models import Campaign, Typed

# Controls of the page that are no part of what was typed.
LEFT_OUT = ("csrfmiddlewaretoken", "token")
# More than any form of the builder holds; a longer text is not kept, and its page says so.
MOST_CHARACTERS = 500_000


def keep(  # noqa: PLR0913 what was typed where, by whom, on what state and when
    campaign: Campaign, user: Any, place: str, sent: QueryDict, *, token: str, now: datetime
) -> bool:
    """Keep it in place of what was kept before. Returns False where it is too long to be kept."""
    # PostgreSQL's texts hold no NUL; neither does any field, which says so when it is saved.
    texts = {_text(name): [_text(each) for each in sent.getlist(name)] for name in sent if name not in LEFT_OUT}
    if sum(len(each) for values in texts.values() for each in values) > MOST_CHARACTERS:
        return False
    values = {"sent": texts, "token": token[:64].replace("\0", ""), "typed_at": now}
    Typed.objects.update_or_create(campaign=campaign, user=user, place=place, defaults=values)
    return True


def of(campaign: Campaign, user: Any, place: str) -> Typed | None:
    return Typed.objects.filter(campaign=campaign, user=user, place=place).first()


def forget(campaign: Campaign, user: Any, place: str) -> None:
    Typed.objects.filter(campaign=campaign, user=user, place=place).delete()


def as_sent(kept: Mapping[str, list[str]]) -> QueryDict:
    """The texts as a browser would have sent them."""
    sent = QueryDict(mutable=True)
    for name, values in kept.items():
        sent.setlist(name, values)
    return sent


def _text(value: Any) -> str:
    return str(value).replace("\0", "").encode(errors="replace").decode()

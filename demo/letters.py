"""What waits in the inboxes of the demo: what the house tells by itself, and words of the shop to whoever signs in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from demo.guarding import SCOPE
from demo.words import WORDS
from members import inbox
from members.inbox_kinds import TEXT
from members.models import InboxMessage, Member
from rewards import award_expiry, expiry_notices
from rewards.awards import grant_award
from rewards.models import Gift

# Days ago, what it says, and where it leads.
LETTERS = ((6, "welcome", "/h5/"), (2, "new-in-mall", "/h5/mall/"), (1, "opening-hours", ""))


def write(uids: Sequence[str], *, now: datetime) -> None:
    """Give whoever signs in a coupon for today, and write to them; tell everybody what is about to expire."""
    hosts = list(Member.objects.filter(uid__in=uids).order_by("pk"))
    coupon = Gift.objects.get(slug="flash")
    for host in hosts:
        key = f"demo:hello:{host.pk}"
        grant_award(coupon, host.pk, key=key, source=SCOPE, scope=SCOPE, now=now - timedelta(hours=3))
    for days, name, link in LETTERS:
        at = now - timedelta(days=days, hours=2)
        inbox.put([_letter(host, name, link) for host in hosts], now=at)
    InboxMessage.objects.filter(kind=TEXT, created_at__lt=now - timedelta(days=2)).update(read_at=now)
    award_expiry.tell_of_expiry(now=now, limit=10_000)
    expiry_notices.tell_of_expiry(now=now, limit=10_000)


def _letter(host: Member, name: str, link: str) -> inbox.Message:
    (title, title_en), (text, text_en) = WORDS[f"letter.{name}"], WORDS[f"letter.{name}.text"]
    words = {"title": title, "title_en": title_en, "text": text, "text_en": text_en}
    return inbox.Message(host.pk, TEXT, f"letter:{name}", words, link)

"""Many hands set, take away and clear tags at once: each member ends with one truth, and the history tells it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from members.models import Member
from segmentation import tagging
from segmentation.models import MemberTag, Tag, TagChange, TagGroup
from segmentation.tagging import clear_expired, remove_tag, set_tag
from tests.races.together import at_once
from tests.segmentation.people import NOW

HANDS = 20
ROUNDS = 4


pytestmark = pytest.mark.django_db(transaction=True)
LIVE = {"set", "changed"}


def two_tags(*, exclusive: bool) -> tuple[int, Tag, Tag]:
    member = Member.objects.create(uid="ann")
    group = TagGroup.objects.create(slug="power", name="Power", exclusive=exclusive)
    low, high = (Tag.objects.create(group=group, slug=slug, name=slug) for slug in ("low", "high"))
    return member.pk, low, high


def told(member_id: int) -> set[int]:
    """The tags that the member carries by the history alone, read line by line."""
    carried: set[int] = set()
    for tag, action in TagChange.objects.filter(member=member_id).order_by("pk").values_list("tag", "action"):
        carried = carried | {tag} if action in LIVE else carried - {tag}
    return carried


def carried(member_id: int) -> set[int]:
    return set(MemberTag.objects.filter(member=member_id).values_list("tag", flat=True))


def test_one_tag_of_an_exclusive_group_stays_on_each_member():
    ids = [member.pk for member in Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(25))]
    group = TagGroup.objects.create(slug="power", name="Power", exclusive=True)
    tags = [Tag.objects.create(group=group, slug=f"t{n}", name=f"T{n}") for n in range(HANDS)]
    for _ in range(ROUNDS):
        MemberTag.objects.all().delete()
        start = Barrier(HANDS)

        def set_one(number: int, start: Barrier = start) -> None:
            # Each hand names the members in another order, so that only locks taken in order keep them apart.
            chosen = ids[number:] + ids[:number]
            try:
                start.wait()
                set_tag(chosen if number % 2 else chosen[::-1], tags[number], source="hand", now=NOW)
            finally:
                connection.close()

        with ThreadPoolExecutor(HANDS) as hands:
            list(hands.map(set_one, range(HANDS)))
        carried = list(MemberTag.objects.order_by("member").values_list("member", flat=True))
        assert carried == ids


@pytest.mark.parametrize("guarded", [True, False], ids=["with the lock", "without it"])
def test_two_tags_of_an_exclusive_group_set_at_once_leave_one(guarded, monkeypatch):
    member, low, high = two_tags(exclusive=True)
    if not guarded:
        # What the lock is for: without it both hands see no other tag, and only the constraint is left.
        monkeypatch.setattr(tagging, "_LOCK", "SELECT id FROM members_member WHERE id = ANY(%s)")
    refused = 0
    for number in range(12):
        now = NOW + timedelta(seconds=number)
        remove = [remove_tag([member], tag, source="hand", now=now) for tag in (low, high)]
        assert sum(remove) == (0 if number == 0 else 1)
        done = at_once(2, lambda hand, now=now: set_tag([member], (low, high)[hand], source="hand", now=now))
        refused += sum(isinstance(each, Exception) for each in done)
        assert len(carried(member)) == 1
        assert told(member) == carried(member)
    assert (refused == 0) is guarded


def test_a_tag_set_by_twenty_at_once_is_one_row_with_one_line():
    member, low, _high = two_tags(exclusive=False)
    done = at_once(20, lambda hand: set_tag([member], low, source="api", now=NOW, set_by=f"client {hand}"))
    assert Counter(each.created for each in done) == {1: 1, 0: 19}
    row, line = MemberTag.objects.get(), TagChange.objects.get()
    assert row.set_by == line.set_by == f"client {[each.created for each in done].index(1)}"


def test_what_is_set_again_while_expired_tags_are_cleared_stays():
    member, low, _high = two_tags(exclusive=False)
    for number in range(15):
        now = NOW + timedelta(days=number)
        until = now + timedelta(hours=1)
        set_tag([member], low, source="api", now=now, expires_at=until)
        later = until + timedelta(hours=1)
        hands = [lambda at: clear_expired(now=at), lambda at: set_tag([member], low, source="hand", now=at)]
        done = at_once(2, lambda hand, at=later, hands=hands: hands[hand](at))
        assert not [each for each in done if isinstance(each, Exception)]
        # Whoever came first: the old one expired once, the new one is there.
        assert MemberTag.objects.get().source == "hand"
        lines = TagChange.objects.filter(at__gte=now).order_by("pk").values_list("action", flat=True)
        assert list(lines) == ["set", "expired", "set"]
        remove_tag([member], low, source="hand", now=later)


def test_setting_and_taking_away_at_once_ends_as_the_history_says():
    member, low, high = two_tags(exclusive=True)
    changes = [
        lambda now: set_tag([member], low, source="hand", now=now),
        lambda now: remove_tag([member], low, source="hand", now=now),
        lambda now: set_tag([member], high, source="api", now=now),
        lambda now: remove_tag([member], high, source="api", now=now),
    ]
    for number in range(10):
        done = at_once(4, lambda hand, now=NOW + timedelta(seconds=number): changes[hand](now))
        assert not [each for each in done if isinstance(each, Exception)]
        assert told(member) == carried(member)

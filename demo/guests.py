"""Who plays the demo's second campaign, and how far: whoever signs in finds days checked in, friends, and half-done
tasks, and staff find what waits for them. Each move goes through the door that members use.
"""

import base64
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from PIL import Image, ImageDraw

from campaigns import callbacks, energy, making_up, origins, playing, published, submission_reviews
from campaigns.completing import TaskMoved
from campaigns.entering import Origin
from campaigns.games import catching, lights
from campaigns.models import EnergyDrop, Submission
from campaigns.offers import reserving
from campaigns.refusals import Refused
from demo.carnival import SLUG
from demo.people import bring_in
from demo.words import say
from members.event_rows import EventRow
from members.ingest_events import ingest_events
from members.models import Member

FRIENDS = 5
# Days ago on which a host checked in, and the one between them that can still be made up.
CHECKED_IN = (6, 5, 3, 2, 1)
MISSED = 4
ON_ONE_DEVICE = 4
PHOTOS = 6
# For group buys and flash sales: order, SKU, category, price.
BOUGHT = (("G", "YOGURT-GREEK", "yogurt", "29.90"), ("F", "MILK-12", "milk", "39.90"))
SOUGHT = ("MILK-12", "YOGURT-GREEK")


@dataclass(frozen=True, slots=True)
class Guests:
    """Who signs in, and for each of them their friends."""

    hosts: Sequence[Member]
    friends: Sequence[Sequence[Member]]

    @property
    def everyone(self) -> list[Member]:
        return [*self.hosts, *(each for few in self.friends for each in few)]


def invite_guests(uids: Sequence[str]) -> Guests:
    """The hosts by uid, each with friends of their own among those who joined first."""
    hosts = list(Member.objects.filter(uid__in=uids).order_by("pk"))
    others = (
        Member.objects.filter(uid__startswith="qm-").exclude(uid__in=uids).exclude(name="").order_by("joined_at", "pk")
    )
    found = list(others[: FRIENDS * len(hosts)])
    return Guests(hosts, [found[number :: len(hosts)] for number in range(len(hosts))])


def let_guests_play(guests: Guests, language: str, *, by: User, now: datetime) -> None:
    for number, (host, friends) in enumerate(zip(guests.hosts, guests.friends, strict=True)):
        _play_for_days(host, CHECKED_IN, now)
        _invite(host, friends, now)
        for place, friend in enumerate(friends):
            _play_for_days(friend, CHECKED_IN[: 1 + (number + place) % 5], now)
        _meet(host, friends, now)
    _seek(guests.everyone, now)
    _play_games([few[number] for few in guests.friends for number in (0, 3, 4)], now)
    _confirm([few[1] for few in guests.friends], now)
    _share_device([few[2] for few in guests.friends] + [guests.friends[0][3]], now)
    _hand_in(guests, language, by=by, now=now)
    _take_offers([few[0] for few in guests.friends], [few[1] for few in guests.friends], now)
    _collect(guests, now)


def _do(member: Member, key: str, payload: Mapping[str, Any], now: datetime, **more: Any) -> TaskMoved | None:
    """One move; None where it is refused, as when somebody's orders have done the task already."""
    with suppress(Refused):
        return playing.submit(member, SLUG, key, payload, now=now, **more)
    return None


def _play_for_days(member: Member, days: Sequence[int], now: datetime) -> None:
    for day in sorted(days, reverse=True):
        _do(member, "sign-in", {}, now - timedelta(days=day))
    last = now - timedelta(days=min(days), minutes=3)
    for key in ("visit", "lucky"):
        _do(member, key, {}, last)
    if len(days) > 1:
        _do(member, "tour", {}, last)
        _do(member, "tour", {}, last + timedelta(seconds=15))


def _invite(host: Member, friends: Sequence[Member], now: datetime) -> None:
    """Two come by the host's invitation, and a third by the first of them."""
    at = now - timedelta(days=max(CHECKED_IN))
    for by, friend in [(host, friends[0]), (host, friends[1]), (friends[0], friends[2])]:
        _do(friend, "invite", {"link": _link(by, "invite", at)}, at)


def _meet(host: Member, friends: Sequence[Member], now: datetime) -> None:
    """Two help, three cut a price, one joins the team: all of it is half done."""
    hours = timedelta(hours=1)
    links = {key: _link(host, key, now - 20 * hours) for key in ("cheer", "bargain", "team")}
    answers = [("cheer", friends[:2]), ("bargain", friends[:3]), ("team", friends[3:4])]
    for key, few in answers:
        for number, friend in enumerate(few):
            _do(friend, key, {"link": links[key]}, now - (16 - number) * hours)


def _link(member: Member, key: str, now: datetime) -> str:
    moved = playing.submit(member, SLUG, key, {}, now=now)
    return str(moved.result["link"]).strip("/").rpartition("/")[2]


def _seek(members: Sequence[Member], now: datetime) -> None:
    """Two things each were favourited since; the task wants three."""
    at = now - timedelta(hours=4)
    rows = [
        EventRow(f"QMN{member.pk}-{sku}", member.uid, "favourite", at, sku, "milk")
        for member in members
        for sku in SOUGHT
    ]
    ingest_events(rows, now=now)
    for member in members:
        _do(member, "favourites", {}, now - timedelta(hours=3))


def _play_games(members: Sequence[Member], now: datetime) -> None:
    began = now - timedelta(hours=2)
    for member in members:
        sheet = playing.accept(member, SLUG, "quiz", now=began).result
        _do(member, "quiz", _answers(sheet), began + timedelta(seconds=20))
        begun = playing.accept(member, SLUG, "catch", now=began).result
        moves = _basket(begun["seed"], begun["seconds"])
        score = catching.score(begun["seed"], begun["seconds"], moves)
        ended = began + timedelta(seconds=begun["seconds"] + 1)
        _do(member, "catch", {"round": begun["round"], "score": score, "moves": moves}, ended)
        _light_all(member, began)


def _light_all(member: Member, began: datetime) -> None:
    """Some play all three levels, some stop after the first."""
    begun = playing.accept(member, SLUG, "lamps", now=began).result
    for level in range(1, 4 if member.pk % 2 else 2):
        solved = {"round": begun["round"], "level": level, "moves": _presses(begun["seed"], level)}
        moved = _do(member, "lamps", solved, began + timedelta(seconds=9 * level))
        begun = moved.result.get("next", begun) if moved else begun


def _answers(sheet: Mapping[str, Any]) -> dict[str, Any]:
    """Of each question what is right."""
    right = {question["text"]: question["answer"] for question in _bank()}
    return {"sheet": sheet["sheet"]} | {each["field"]: right[each["text"]] for each in sheet["questions"]}


def _bank() -> Sequence[Mapping[str, Any]]:
    definition = published.definition_of(SLUG)
    questions: Sequence[Mapping[str, Any]] = definition.by_key["quiz"].config["questions"] if definition else ()
    return questions


def _basket(seed: int, seconds: int) -> str:
    """The basket goes to whatever falls next and is no bomb, as a person would move it."""
    good = [fall for fall in catching.falls(seed, seconds) if fall.kind != "bomb"]
    return " ".join(f"{fall.lands - 14}:{fall.x}" for fall in good)


def _presses(seed: int, level: int) -> str:
    cells = range(lights.size_of(level) ** 2)
    tries = (" ".join(map(str, few)) for many in range(1, 6) for few in combinations(cells, many))
    return next(presses for presses in tries if lights.is_solved(seed, level, presses))


def _confirm(members: Sequence[Member], now: datetime) -> None:
    """They follow the account, know the secret word, finish a chain, accepted the dash, and made a missed day up."""
    at = now - timedelta(hours=5)
    # Counted from today as the days that they did come are: five hours ago may be yesterday.
    missed = timezone.localdate(now) - timedelta(days=MISSED)
    for member in members:
        callbacks.take(callbacks.Who(uid=member.uid), SLUG, "follow", now=at)
        _do(member, "word", {"code": "一口好奶"}, at)
        _do(member, "taster", {}, at)
        _do(member, "welcome", {}, at)
        _do(member, "lesson", {"answers": [0]}, at)
        _do(member, "spread", {}, at)
        with suppress(Refused):
            playing.accept(member, SLUG, "dash", now=at)
        with suppress(Refused):
            making_up.make_up(member, SLUG, "sign-in", {"day": missed.isoformat()}, now=at)
        with suppress(Refused):
            playing.draw(member.uid, SLUG, request_key="demo-new-year", roll=member.pk * 7_919 % 1_000_000, now=at)


def _share_device(members: Sequence[Member], now: datetime) -> None:
    """More accounts on one telephone than the campaign allows: the last one's reward waits for a reviewer."""
    at = now - timedelta(hours=6)
    origin = origins.origin_named("demo-telephone", "", now=at) or Origin()
    for number, member in enumerate(members):
        _do(member, "welcome", {}, at + timedelta(minutes=number), origin=origin)


def _hand_in(guests: Guests, language: str, *, by: User, now: datetime) -> None:
    """Six breakfasts: one is approved, one refused, and four wait."""
    at = now - timedelta(hours=8)
    for number, member in enumerate(guests.everyone[-PHOTOS:]):
        words = say(f"proof.{number % 3}", language)
        photo = {"picture": base64.b64encode(_photo(number)).decode(), "text": words}
        _do(member, "show", photo, at + timedelta(minutes=9 * number))
    first, second = Submission.objects.filter(enrolment__campaign__slug=SLUG, task_key="show").order_by("pk")[:2]
    submission_reviews.approve(first.pk, by=by, now=now - timedelta(hours=1))
    submission_reviews.refuse(second.pk, reason=say("reason.proof", language), by=by, now=now - timedelta(hours=1))


def _photo(number: int) -> bytes:
    """A table, a plate and a glass of milk, drawn: no photo of anybody."""
    image = Image.new("RGB", (480, 360), ("#e9d8b6", "#cfe3d4", "#d9dfee")[number % 3])
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 250, 480, 360), fill="#a9744f")
    draw.ellipse((60, 215, 270, 305), fill="#ffffff", outline="#c9c9c9", width=3)
    draw.ellipse((110, 230, 220, 285), fill="#e0a64a")
    draw.polygon([(320, 110), (420, 110), (405, 290), (335, 290)], fill="#f4f8fb", outline="#b8c4cc")
    draw.polygon([(324, 150 + 10 * number), (416, 150 + 10 * number), (405, 288), (335, 288)], fill="#fffdf6")
    stored = io.BytesIO()
    image.save(stored, "JPEG", quality=80)
    return stored.getvalue()


def _take_offers(leaders: Sequence[Member], joiners: Sequence[Member], now: datetime) -> None:
    """A group of four is half full and paid; the flash sale has sold some, and one case is reserved."""
    at = now - timedelta(minutes=50)
    group = reserving.open_group(leaders[0], SLUG, "group", now=at).group
    if group is not None:
        reserving.join(joiners[0], SLUG, "group", group.code, now=at + timedelta(minutes=5))
    for member in leaders:
        reserving.reserve(member, SLUG, "flash", now=at)
    reserving.reserve(joiners[0], SLUG, "flash", now=now - timedelta(minutes=2))
    buyers = {"G": [leaders[0], joiners[0]], "F": leaders}
    orders = [
        (f"QMO{letter}{n}", member, sku, category, price)
        for letter, sku, category, price in BOUGHT
        for n, member in enumerate(buyers[letter])
    ]
    bring_in("orders", (_order(*each[:2], each[4], at + timedelta(minutes=8)) for each in orders), now)
    bring_in("order_items", (_item(order, sku, category, price) for order, _who, sku, category, price in orders), now)


def _order(order: str, member: Member, price: str, at: datetime) -> dict[str, str]:
    return {
        "order_id": order, "uid": member.uid, "paid_at": at.isoformat(), "amount": price, "currency": "CNY",
        "quantity": "1", "channel": "mini_program", "payment_method": "wechat", "status": "paid",
    }  # fmt: skip


def _item(order: str, sku: str, category: str, price: str) -> dict[str, str]:
    return {
        "order_id": order, "line": "1", "sku": sku, "category": category, "quantity": "1", "amount": price,
    }  # fmt: skip


def _collect(guests: Guests, now: datetime) -> None:
    """Friends collect what is ripe of theirs, and help the host with one drop; the rest hangs there for the host."""
    for host, friends in zip(guests.hosts, guests.friends, strict=True):
        for friend in friends:
            with suppress(Refused):
                energy.collect(friend, SLUG, None, now=now - timedelta(minutes=30))
        ripe = EnergyDrop.objects.filter(enrolment__member=host, matures_at__lte=now, remaining__gt=0)
        drop = ripe.order_by("pk").first()
        if drop is not None:
            with suppress(Refused):
                energy.help_friend(friends[0], host, SLUG, drop.pk, now=now - timedelta(minutes=20))

"""A campaign and its members in which every text tries to be something else, and a walk by its pages."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from campaigns import playing
from members.models import Member
from rewards import ledger
from rewards.awards import grant_award
from rewards.models import Gift
from tests.campaigns import scenes
from tests.rewards import mall_shop

MARKUP = """</script><script>hacked=1</script><img src=x onerror="hacked=1">'"{{ 7|add:7 }}{% now %}&lt;b>"""
TURNED = "\u202e\u2067turned\u2069\u2069\u202b"
LONG = "W" * 90
EMOJI = "👩‍👩‍👧‍👦🎉" * 12
# What fits the columns of names, which hold 100 characters, and what fits where there is more room.
NAME = (TURNED + MARKUP)[:100]
TEXTS = [MARKUP, TURNED + " after", LONG, EMOJI, "Two\nlines\tand a\u200bzero"]
LONG_TEXT = MARKUP + "\n" + "W" * 3000 + "\n" + "🎉" * 1000 + TURNED


def texts(count: int) -> list[str]:
    """So many names, each hostile in a way of its own."""
    return [TEXTS[number % len(TEXTS)][:100] for number in range(count)]


def open_campaign(*, now: datetime) -> Member:
    """Publish it, open at `now`; return a member who takes part, with something on each page."""
    for number, name in enumerate(texts(3)):
        Gift.objects.create(slug=f"gift-{number}", name=name, kind="thanks" if number == 2 else "physical")
    scenes.make_gifts()
    scenes.publish(
        slug="fair",
        name=NAME,
        tagline=(LONG + MARKUP)[:200],
        organiser=TURNED + "Shop",
        rules=LONG_TEXT,
        opens_at=(now - timedelta(days=1)).isoformat(),
        closes_at=(now + timedelta(days=9)).isoformat(),
        tasks=_tasks(),
        chains=[scenes.chain("path", "sign", "other", title=LONG)],
        pools=[_pool()],
        features={"boards": {"boards": ["all"], "shown": 9}},
    )
    people = [Member.objects.create(uid=f"m{number}", name=name) for number, name in enumerate([NAME, *TEXTS])]
    for member in people:
        playing.enrol(member, "fair", now=now)
        playing.submit(member, "fair", "sign", {}, now=now)
    ann = people[0]
    ledger.post_entry(ann.pk, "points", amount=500, key="gift", reason=TURNED + MARKUP, now=now)
    cup = Gift.objects.get(slug="gift-0")
    mall_shop.item("mug", gift=cup, name=NAME, name_en=NAME, description=LONG_TEXT, shelf=LONG[:50], shelf_en=LONG[:50])
    grant_award(Gift.objects.get(slug="gift-1"), ann.pk, key="won", source=NAME, now=now)
    return ann


def pages(ann: Member) -> list[str]:
    """The addresses of the walk."""
    home = "/h5/c/fair/"
    award = ann.awards.order_by("id").last().pk
    friend = Member.objects.get(uid="m1")
    link = playing.submit(friend, "fair", "help", {}, now=timezone.now()).result["link"]
    own = [f"{home}t/{key}/" for key in ("sign", "quiz", "proof", "help")]
    mine = ["/h5/me/", "/h5/me/points/", "/h5/me/awards/", f"/h5/me/awards/{award}/", f"/h5/me/awards/{award}/address/"]
    return [home, *own, f"{home}draw/", f"{home}board/", *mine, "/h5/mall/", "/h5/mall/mug/", link]


def _tasks() -> list[dict[str, Any]]:
    names = texts(5)
    question = {"text": MARKUP[:200], "choices": texts(4), "answer": 0, "explanation": LONG_TEXT[:300]}
    return [
        scenes.task("sign", period="daily", title=names[0], guide=LONG, reward={"gift": "gift-0", "score": 5}),
        scenes.task("other", title=names[1]),
        scenes.task("quiz", "quiz", title=names[2], config={"questions": [question], "pass": 1}),
        scenes.task("proof", "proof", title=names[3], config={"text": "required", "example": MARKUP}),
        scenes.task("help", "assist", title=names[4], config={"helps": 3, "helper_reward": {"gift": "gift-2"}}),
    ]


def _pool() -> dict[str, Any]:
    prizes = [
        {"key": "a", "gift": "gift-0", "odds": 1, "stock": 5, "consolation": False},
        {"key": "b", "gift": "gift-1", "odds": 999_998, "stock": 5, "consolation": False},
        {"key": "c", "gift": "gift-2", "odds": 1, "stock": None, "consolation": True},
    ]
    return {"slug": "wheel", "name": LONG, "audience": {}, "prizes": prizes}
